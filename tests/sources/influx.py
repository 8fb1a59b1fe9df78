"""Sources on the test server."""

from efdviewer.sources.influx import InfluxSource
from tests.influxd import Account, Influxd


def source_of(
    server: Influxd, database: str, *, account: Account | None = None, retention_policy: str | None = None
) -> InfluxSource:
    """Make a source of a database of the test server, as its read-only account or another one."""
    account = account or server.reader
    return InfluxSource(
        host="127.0.0.1",
        port=server.port,
        database=database,
        retention_policy=retention_policy,
        username=account.name,
        password=account.password,
    )
