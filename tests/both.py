"""A few topics of one's own, as an archive and in a real InfluxDB."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from efdviewer.sources.archive_writer import ArchiveWriter
from efdviewer.sources.load import load_archive
from tests.influxd import Influxd
from tests.nights import address_of


def write_topics(folder: Path, topics: Mapping[str, pa.Table]) -> Path:
    """Write tables with `time`, int64 ns, ascending, as an archive."""
    with ArchiveWriter(folder, "a test") as writer:
        for topic, table in topics.items():
            for batch in table.to_batches():
                writer.append(topic, batch, {})
    return folder


def load_topics(archive: Path, server: Influxd, database: str) -> str:
    """Write an archive into a new database; gives the reader's address of it."""
    asyncio.run(
        load_archive(
            archive,
            host="127.0.0.1",
            port=server.port,
            database=database,
            username=server.admin.name,
            password=server.admin.password,
        )
    )
    server.query(f'GRANT READ ON "{database}" TO "{server.reader.name}"')
    return address_of(server, database)


def has_database(server: Influxd, name: str) -> bool:
    """Tell whether a database is there already; its name may be part of another's."""
    series = server.query("SHOW DATABASES")["results"][0]["series"][0]
    return [name] in series.get("values", [])
