"""Where data comes from: InfluxDB and archives; asyncio, no Qt."""

from efdviewer.sources.opening import open_source

__all__ = ["open_source"]
