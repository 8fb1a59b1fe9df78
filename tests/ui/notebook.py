"""The notebook that the program replaces: its queries through plain aioinflux, its figures with pandas."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from aioinflux import InfluxDBClient
from numpy.typing import NDArray

from tests.influxd import Influxd
from tests.nights import CAMERA, END, address_of

SEND, RECEIVE, STORED = "private_sndStamp", "private_rcvStamp", "private_efdStamp"
LINES = ("startIntegration", "startReadout", "endReadout")
EVENTS = (*LINES, "endShutterOpen", "endShutterClose")
QUERIES = {
    "wreb": [*(f"temp{number}" for number in range(1, 7)), "ccdTemp0"],
    "command_takeImages": ["expTime", "numImages"],
    "wrebPower": ["analog_I"],
} | {f"logevent_{event}": [SEND, RECEIVE, STORED] for event in EVENTS}
NINE_BINS = np.arange(32.5, 42.0, 1.0)
TAI_AHEAD_NS = 37 * 1_000_000_000


@dataclass(frozen=True)
class LoadedNight:
    """A simulated night as an archive, and the same in a real InfluxDB."""

    archive: Path
    server: Influxd
    database: str

    @property
    def address(self) -> str:
        return address_of(self.server, self.database)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Query all that the notebook queried, as it did it."""
        return asyncio.run(self._query())

    async def _query(self) -> dict[str, pd.DataFrame]:
        reader = self.server.reader
        # aioinflux itself would write the password in latin-1.
        headers = {"Authorization": aiohttp.encode_basic_auth(reader.name, reader.password)}
        async with InfluxDBClient(
            "127.0.0.1", self.server.port, db=self.database, output="dataframe", headers=headers
        ) as client:
            return {
                topic: await client.query(
                    f'SELECT {", ".join(fields)} FROM "{CAMERA}.{topic}" '
                    f"WHERE time > '{END}Z' - 20h AND time < '{END}Z'"
                )
                for topic, fields in QUERIES.items()
            }

    def written(self, topic: str, *columns: str) -> list[NDArray[np.float64]]:
        """Read columns of a topic straight from the archive's files, in the order of time."""
        files = sorted((self.archive / f"{CAMERA}.{topic}").glob("*.parquet"))
        parts = [pq.read_table(file, columns=list(columns)) for file in files]
        return [np.concatenate([part[name].to_numpy() for part in parts]) for name in columns]


def nanoseconds(moments: pd.DatetimeIndex | pd.Series) -> NDArray[np.int64]:
    """Give moments as int64 nanoseconds since the epoch."""
    return pd.DatetimeIndex(moments).as_unit("ns").asi8


def lines_at(frame: pd.DataFrame, stamp: str) -> NDArray[np.int64]:
    """Give where the notebook drew its lines, int64 ns: stamps are taken for what they are not, UTC."""
    return nanoseconds(pd.to_datetime(frame[stamp], unit="s"))
