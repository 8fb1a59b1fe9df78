"""Asks a source what it is, for somebody who is about to connect to it."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from efdviewer.domain.errors import QueryError
from efdviewer.sources.archive import ArchiveSource
from efdviewer.sources.opening import open_source
from efdviewer.sources.wrapped import behind

if TYPE_CHECKING:
    from efdviewer.sources.influx import InfluxSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found, in words, and what there is to choose from."""

    words: str
    databases: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


async def probe(source: str, *, password: str | None = None) -> Finding:
    """Look a source over.

    Raises
    ------
    EfdViewerError
        If it cannot be opened or does not answer; where only the database is wrong, the words say which
        ones there are.
    """
    begun_s = time.monotonic()
    async with open_source(source, password=password) as opened:
        found = behind(opened)
        if isinstance(found, ArchiveSource):
            return Finding(words=f"It is there: {len(await opened.topics()):,} topics.")
        server = cast("InfluxSource", found)
        databases = await _databases(server)
        if databases and server.database not in databases:
            words = (
                f"There is no database '{server.database}' for this account; there is {', '.join(databases)}."
            )
            return Finding(words=words, databases=databases)
        await server.check()
        topics = await server.topics()
        policies = await server.retention_policies()
        took_s = time.monotonic() - begun_s
        return Finding(
            words=f"It answers: {len(topics):,} topics in {took_s:.2f} s.",
            databases=databases,
            policies=tuple(policies),
        )


async def _databases(source: "InfluxSource") -> tuple[str, ...]:
    """List the databases; none where the account may not."""
    try:
        return tuple(await source.databases())
    except QueryError:
        return ()
