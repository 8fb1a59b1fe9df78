"""A click on Cancel ends the queries, here and on the server."""

import asyncio
import time

import pytest
from PySide6.QtWidgets import QPushButton, QTableView

from tests.influxd import Influxd
from tests.nights import address_of
from tests.ui.hands import click
from tests.windows import child, in_window

DATABASE, ROWS, TOPIC = "cancelling", 600_000, "lsst.sal.CSC.topic"
PATIENCE_S = 30


@pytest.fixture(scope="module")
def server(influxd: Influxd) -> Influxd:
    influxd.create_database(DATABASE)
    for begin in range(0, ROWS, 100_000):
        rows = range(begin, begin + 100_000)
        influxd.write(DATABASE, "\n".join(f"{TOPIC} value={row / 7} {row * 10**9}" for row in rows))
    influxd.query(f'GRANT READ ON "{DATABASE}" TO "{influxd.reader.name}"')
    return influxd


async def queries(server: Influxd, *, some: bool) -> None:
    """Ask the server until it has queries, or none."""
    deadline_s = time.monotonic() + PATIENCE_S
    while bool(await asyncio.to_thread(server.running_queries)) != some:
        assert time.monotonic() < deadline_s, "queries " + ("never ran" if some else "still run")


def test_that_a_click_on_cancel_ends_the_queries_on_the_server(server, monkeypatch):
    monkeypatch.setenv("EFDVIEWER_PASSWORD", server.reader.password)

    async def work(window):
        await queries(server, some=True)
        cancel = child(window, QPushButton, "cancelAll")
        assert cancel.isVisible()
        assert cancel.isEnabled()
        click(cancel)
        begun_s = time.monotonic()
        await queries(server, some=False)
        await window.idle()
        assert time.monotonic() - begun_s < 6
        assert not cancel.isVisible()
        overlays = window.workspace.events.rows()
        assert [row.count for row in overlays] == [0]
        table = child(window, QTableView, "activityTable").model()
        lines = range(table.rowCount())
        texts = [table.index(line, column).data() for line in lines for column in range(table.columnCount())]
        assert any("cancelled" in str(text) for text in texts)

    view = ["--from", "1970-01-01", "--to", "1970-01-08", "--overlay", f"{TOPIC}@time"]
    in_window([address_of(server, DATABASE), *view, "--plot", f"{TOPIC}:value"], work, idle=False)
