"""Opens whatever a person calls a source."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from efdviewer.domain.query import DataSource
from efdviewer.domain.tai_index import TaiIndex
from efdviewer.domain.timerange import TimeRange
from efdviewer.sources.addresses import ArchiveAddress, InfluxAddress, SourceAddress
from efdviewer.sources.credentials import resolve_password
from efdviewer.sources.derived import DerivedSource
from efdviewer.sources.profiles import resolve_source
from efdviewer.sources.tai_indexed import TaiIndexedSource
from efdviewer.sources.workers import run_in_own_thread
from efdviewer.sources.wrapped import behind

if TYPE_CHECKING:
    from efdviewer.sources.influx import InfluxSource

DEMO = "demo"

_Opener = Callable[..., Awaitable[AbstractAsyncContextManager[DataSource]]]


def _influx_source() -> "type[InfluxSource]":
    # When one is opened, and in a thread: aioinflux brings pandas, which takes half a second and 60 MB.
    from efdviewer.sources.influx import InfluxSource

    return InfluxSource


async def _influx(address: InfluxAddress, password: str | None) -> AbstractAsyncContextManager[DataSource]:
    source = await run_in_own_thread(_influx_source)
    return source(
        host=address.host,
        port=address.port,
        path=address.path,
        database=address.database,
        retention_policy=address.retention_policy,
        tls=address.tls,
        username=address.username,
        password=await resolve_password(address, password),
    )


async def _archive(address: ArchiveAddress, _password: str | None) -> AbstractAsyncContextManager[DataSource]:
    from efdviewer.sources.archive import ArchiveSource

    return ArchiveSource(address.folder)


SOURCES: Mapping[type[SourceAddress], _Opener] = {InfluxAddress: _influx, ArchiveAddress: _archive}
"""How each kind of address is opened."""


async def suggested_range(source: str) -> TimeRange | None:
    """Give the range that a source suggests; None for an InfluxDB, which is not asked.

    Raises
    ------
    EfdViewerError
        If there is no such source, or it is an archive that cannot be read.
    """
    if source != DEMO and isinstance(resolve_source(source), InfluxAddress):
        return None
    async with open_source(source) as opened:
        return await opened.default_range()


async def ask_password(source: str) -> str | None:
    """Find the password that a source needs, asking on the terminal where nothing else has it.

    Raises
    ------
    CredentialsError
        If there is none and no terminal.
    """
    address = None if source == DEMO else resolve_source(source)
    if not isinstance(address, InfluxAddress):
        return None
    return await resolve_password(address, may_prompt=True)


@asynccontextmanager
async def open_source(
    address: str, *, password: str | None = None, tai_index: TaiIndex | None = None
) -> AsyncIterator[DataSource]:
    """Open a source: a saved profile, a label of `$EFDAUTH`, an address, an archive folder, or `demo`.

    `tai_index` says how far its index was written in TAI; None where it is UTC.

    Raises
    ------
    EfdViewerError
        If it cannot be opened; an InfluxDB is first asked by its first statement.
    """
    if address == DEMO:
        from efdviewer.sources.simulate import ensure_demo

        resolved: SourceAddress = ArchiveAddress(folder=await run_in_own_thread(ensure_demo))
    else:
        resolved = resolve_source(address)
    async with await SOURCES[type(resolved)](resolved, password) as source:
        yield indexed(source, tai_index)


def indexed(source: DataSource, tai_index: TaiIndex | None) -> DataSource:
    """Read the index of an open source in another way, whatever the way was before."""
    found = behind(source)
    return DerivedSource(found if tai_index is None else TaiIndexedSource(found, tai_index))
