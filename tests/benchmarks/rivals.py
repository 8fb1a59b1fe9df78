"""What others do, and what cannot be undercut: DataFrames, bare queries, and draining the bytes.

All without compression, which would measure the server's gzip. Their modules are loaded here, before a window freezes
what is loaded: collecting them later would hold up the window's thread for 10 ms.
"""

import io
from collections.abc import Sequence

import aiohttp
import pandas as pd
from aioinflux import InfluxDBClient
from influxdb import DataFrameClient
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from efdviewer.domain.timerange import TimeRange
from efdviewer.sources.decode_packed import CONTENT_TYPE
from tests.benchmarks.data import ACCOUNT, DATABASE, FIELD, Bench, Topic

AIOINFLUX = "aioinflux DataFrame"
DATAFRAME_CLIENT = "influxdb-python DataFrameClient"
_HEADERS = {
    "Authorization": aiohttp.encode_basic_auth(ACCOUNT.name, ACCOUNT.password),
    "Accept-Encoding": "identity",
}


def select(topic: Topic, what: str, time_range: TimeRange, tail: str = "") -> str:
    return (
        f'SELECT {what} FROM "{DATABASE}"."autogen"."{topic.name}" WHERE '
        f"time >= {time_range.start_utc_ns} AND time < {time_range.end_utc_ns} {tail}"
    )


def samples(topic: Topic, fields: Sequence[str] = ()) -> str:
    """Ask for all samples of some fields, or of all."""
    return select(topic, ", ".join(f'"{name}"' for name in fields or topic.fields), topic.time_range)


def extremes(topic: Topic, time_range: TimeRange, bucket_ns: int) -> str:
    """Ask for the minimum and maximum of each bucket."""
    tail = f"GROUP BY time({bucket_ns}ns) FILL(none)"
    return select(topic, f'MIN("{FIELD}"), MAX("{FIELD}")', time_range, tail)


def means(topic: Topic, time_range: TimeRange, bucket_ns: int) -> str:
    """Ask as Grafana does."""
    return select(topic, f'MEAN("{FIELD}")', time_range, f"GROUP BY time({bucket_ns}ns) FILL(null)")


async def drain(bench: Bench, statement: str, accept: str = CONTENT_TYPE) -> int:
    """Throw away what comes; gives its number of bytes."""
    form = {"db": DATABASE, "epoch": "ns", "chunked": "true", "chunk_size": "10000", "q": statement}
    headers = {**_HEADERS, "Accept": accept}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"http://127.0.0.1:{bench.port}/query", data=form) as reply,
    ):
        return sum([len(piece) async for piece in reply.content.iter_any()])


async def aioinflux_frame(bench: Bench, statement: str) -> pd.DataFrame:
    options = {"db": DATABASE, "output": "dataframe", "headers": _HEADERS}
    async with InfluxDBClient("127.0.0.1", bench.port, **options) as client:
        return await client.query(statement)


async def client_frame(bench: Bench, statement: str) -> pd.DataFrame:
    """Load by a client that knows no event loop.

    Without `epoch` it fails with pandas 2 and later: it reads times as texts of one form, and those of
    InfluxDB have fractions of a second only where there are any.
    """
    client = DataFrameClient("127.0.0.1", bench.port, ACCOUNT.name, ACCOUNT.password, DATABASE)
    (frame,) = client.query(statement, epoch="ns").values()
    return frame


async def picture(bench: Bench, topic: Topic) -> None:
    """Draw as the notebook does: all samples into a DataFrame, and that into a picture."""
    frame = await aioinflux_frame(bench, samples(topic))
    figure = Figure(figsize=(16, 9), dpi=100)
    figure.add_subplot().plot(frame.index, frame[FIELD])
    FigureCanvasAgg(figure).print_png(io.BytesIO())
