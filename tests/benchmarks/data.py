"""The generated data that all benchmarks share, and one server filled with it."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from efdviewer.domain.timerange import TimeRange
from tests.influxd import Account, Influxd, running

if TYPE_CHECKING:
    from efdviewer.sources.influx import InfluxSource

DATABASE = "bench"
ACCOUNT = Account("bench", "bench")
"""In ASCII: the rivals cannot log in with other passwords."""
FIELD = "actualPosition"
SND, RCV = "private_sndStamp", "private_rcvStamp"
SIX_FIELDS = (SND, RCV, FIELD, "demandPosition", "actualVelocity", "actualTorque")
DAY_NS = 86_400 * 10**9
MINUTE_NS = 60 * 10**9
START_NS = 1_700_006_400 * 10**9
"""2023-11-15T00:00 UTC."""
FULL_ROWS = 1_728_000
"""A day at 20 Hz."""
_BATCH_VALUES = 200_000
"""In one request, which may be 25 MB."""
_TAI_S = 37.0
_SWING_S = 4 * 3600.0
_RESTING_S, _LONGEST_REST_S = 0.1, 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """`rows_a_day` samples of each field, evenly spaced, for some days from `START_NS`."""

    name: str
    fields: tuple[str, ...]
    days: int
    rows_a_day: int

    @property
    def rows(self) -> int:
        return self.days * self.rows_a_day

    @property
    def time_range(self) -> TimeRange:
        return TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + self.rows * (DAY_NS // self.rows_a_day))

    @property
    def curve(self) -> str:
        return f"{self.name}:{FIELD}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A filled server on this machine, and what it holds, by the number of rows of a day."""

    port: int
    rows: int

    @property
    def address(self) -> str:
        return f"influxdb://{ACCOUNT.name}@127.0.0.1:{self.port}?db={DATABASE}"

    @property
    def week(self) -> Topic:
        return Topic(name="lsst.sal.MTMount.azimuth", fields=(FIELD,), days=7, rows_a_day=self.rows)

    @property
    def day(self) -> Topic:
        """The first day of the week."""
        return replace(self.week, days=1)

    @property
    def six(self) -> Topic:
        return Topic(name="lsst.sal.MTMount.six", fields=SIX_FIELDS, days=1, rows_a_day=self.rows)

    @property
    def month(self) -> Topic:
        """At a twentieth of the rate: a month of all rows would take longer to write than all else to measure."""
        name = "lsst.sal.MTMount.slow"
        return Topic(name=name, fields=(FIELD,), days=30, rows_a_day=self.rows // 20)

    @property
    def thinned(self) -> tuple[Topic, ...]:
        """The week with a hundredth, a tenth, and all of its rows."""
        week = self.week
        return (
            *(replace(week, name=f"{week.name}_{part}", rows_a_day=self.rows // part) for part in (100, 10)),
            week,
        )

    @property
    def topics(self) -> tuple[Topic, ...]:
        return (*self.thinned, self.six, self.month)

    def source(self) -> "InfluxSource":
        # Here, for processes whose memory counts.
        from efdviewer.sources.influx import InfluxSource

        return InfluxSource(
            host="127.0.0.1",
            port=self.port,
            database=DATABASE,
            username=ACCOUNT.name,
            password=ACCOUNT.password,
        )


@contextmanager
def filled(folder: Path, rows: int, *, only: str = "topics") -> Iterator[Bench]:
    """Run a server that holds all topics, or the one that `only` names; windows find the password."""
    os.environ["EFDVIEWER_PASSWORD"] = ACCOUNT.password
    with running(folder) as server:
        bench = Bench(port=server.port, rows=rows)
        server.create_database(DATABASE)
        server.query(f"""CREATE USER "{ACCOUNT.name}" WITH PASSWORD '{ACCOUNT.password}'""")
        server.query(f'GRANT READ ON "{DATABASE}" TO "{ACCOUNT.name}"')
        for topic in bench.topics if only == "topics" else (getattr(bench, only),):
            fill(server, topic)
        _await_rest(server)
        yield bench


def fill(server: Influxd, topic: Topic) -> None:
    """Write a topic, by the line protocol."""
    rows = _BATCH_VALUES // len(topic.fields)
    for begin in range(0, topic.rows, rows):
        server.write(DATABASE, _lines(topic, np.arange(begin, min(topic.rows, begin + rows))))


def _await_rest(server: Influxd) -> None:
    """Wait until the server has tidied up what was written, which would slow down what is measured."""
    deadline_s = time.monotonic() + _LONGEST_REST_S
    busy_s = _cpu_s(server)
    while time.monotonic() < deadline_s:
        time.sleep(1)  # the server offers nothing to wait for
        before_s, busy_s = busy_s, _cpu_s(server)
        if busy_s - before_s < _RESTING_S:
            return


def _cpu_s(server: Influxd) -> float:
    """Give the time that the processors have worked for the server."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _lines(topic: Topic, index: NDArray[np.int64]) -> bytes:
    times_utc_ns = START_NS + index * (DAY_NS // topic.rows_a_day)
    parts: list[pa.Array | str] = [f"{topic.name} "]
    for place, name in enumerate(topic.fields):
        comma = "," if place else ""
        parts += [f"{comma}{name}=", pa.array(_values(name, place, index, times_utc_ns)).cast(pa.string())]
    parts += [" ", pa.array(times_utc_ns).cast(pa.string()), "\n"]
    lines = pc.binary_join_element_wise(*parts, "")
    # The texts of an Arrow array lie one behind the other, which makes them one text.
    return lines.buffers()[2].to_pybytes()


def _values(
    name: str, place: int, index: NDArray[np.int64], times_utc_ns: NDArray[np.int64]
) -> NDArray[np.float64]:
    if name in (SND, RCV):
        sent_s = times_utc_ns / 1e9 + _TAI_S
        return sent_s if name == SND else sent_s + 0.0005 + index * 7919 % 1000 / 1e6
    # A slow swing with a little noise: a line that crosses the whole picture at every sample would make others slow.
    swing = 90.0 * np.sin(times_utc_ns / 1e9 * (2 * np.pi / _SWING_S))
    return np.round(180.0 + swing + index * 7919 % 1000 / 1e4 + place, 7)
