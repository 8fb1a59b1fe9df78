"""Where data comes from: InfluxDB and archives; asyncio, no Qt."""
