"""A source that only lists topics and fields, and tells what it was asked: for tests of the topic browser."""

import asyncio
import csv
import gzip
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from efdviewer.domain.errors import EfdViewerError, UnknownTopicError
from efdviewer.domain.topics import FieldSchema, FieldType, TopicName

_TYPES = {"double": "float", "float": "float", "string": "string", "boolean": "boolean"}


class ListedSource:
    """`gate` holds back every answer while it is closed; `failure` is raised in place of one."""

    def __init__(self, fields: Mapping[str, Sequence[FieldSchema]]) -> None:
        self._fields = fields
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: EfdViewerError | None = None

    def known_fields(self) -> Mapping[str, list[FieldSchema]]:
        return {}

    async def topics(self) -> list[TopicName]:
        await self._answer("topics")
        return [TopicName.parse(name) for name in self._fields]

    async def fields(self, topic: str) -> list[FieldSchema]:
        await self._answer(topic)
        if topic not in self._fields:
            raise UnknownTopicError(f"The topic '{topic}' is not here.", hint="Check its spelling.")
        return list(self._fields[topic])

    async def _answer(self, what: str) -> None:
        self.asked.append(what)
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure


def floats(*names: str, units: str = "") -> list[FieldSchema]:
    return [FieldSchema(name=name, type=FieldType.FLOAT, units=units) for name in names]


def small() -> dict[str, list[FieldSchema]]:
    camera = "lsst.sal.ATCamera"
    return {
        f"{camera}.ackcmd": floats("ack"),
        f"{camera}.command_takeImages": floats("expTime", "numImages"),
        f"{camera}.logevent_startReadout": floats("private_sndStamp", "private_rcvStamp"),
        f"{camera}.wreb": floats("ccdTemp0", *(f"temp{n}" for n in range(1, 7))),
        f"{camera}.wrebPower": floats("analog_I", "analog_V", units="mA"),
        "lsst.sal.MTM1M3.appliedForces": floats("fx", *(f"force{n}" for n in range(30)), units="N"),
        "weather": floats("temp1"),
    }


def real(recordings: Path, at_most: int) -> dict[str, list[FieldSchema]]:
    """All 3,093 topics of a real EFD, with fields from SAL's tables until there are so many of them."""
    names = gzip.decompress((recordings / "efd" / "measurements.txt.gz").read_bytes()).decode().split()
    declared: dict[str, list[FieldSchema]] = defaultdict(list)
    with gzip.open(recordings / "sal" / "fields.csv.gz", "rt") as table:
        for row in csv.DictReader(table):
            kind = FieldType(_TYPES.get(row["type"], "integer"))
            count = 1 if kind is FieldType.STRING else int(row["count"])
            numbers = [""] if count == 1 else range(count)
            declared[row["topic"]] += [
                FieldSchema(name=f"{row['field']}{number}", type=kind, units=row["units"])
                for number in numbers
            ]
    fields: dict[str, list[FieldSchema]] = {}
    room = at_most
    for name in names:
        fields[name] = declared[name][:room]
        room -= len(fields[name])
    return fields


async def settled() -> None:
    """Wait until no other task runs any more."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)
