"""The observing days among the quick ranges, chosen from the menu with the clock held still."""

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QToolButton

from efdviewer.domain.timescale import Timescale, parse_iso_ns
from tests.windows import child, in_window

DAY_NS = 86_400 * 1_000_000_000
CHOICES = [
    # An observing day changes at noon of UTC, not at midnight, and not at noon of TAI.
    ("2024-02-01T03:00:00", "Tonight", "2024-01-31T12:00:00", "20240131"),
    ("2024-02-01T03:00:00", "Last night", "2024-01-30T12:00:00", "20240130"),
    ("2024-02-01T11:59:59.999999999", "Tonight", "2024-01-31T12:00:00", "20240131"),
    ("2024-02-01T12:00:00", "Tonight", "2024-02-01T12:00:00", "20240201"),
    ("2024-02-01T12:00:00", "Last night", "2024-01-31T12:00:00", "20240131"),
    ("2024-03-01T00:30:00", "Last night", "2024-02-28T12:00:00", "20240228"),
    ("2017-01-01T01:00:00", "Tonight", "2016-12-31T12:00:00", "20161231"),
]


async def choose(window, words: str) -> str:
    """Open the menu and go down by the arrow keys; gives the words of the entry."""
    button = child(window, QToolButton, "timeQuick")
    menu = button.menu()
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
    entry = next(action for action in menu.actions() if action.text().startswith(words))
    for _ in menu.actions():
        QTest.keyClick(menu, Qt.Key.Key_Down)
        if menu.activeAction() is entry:
            break
    QTest.keyClick(menu, Qt.Key.Key_Return)
    await window.idle()
    return entry.text()


@pytest.mark.parametrize("timescale", ["utc", "tai"])
@pytest.mark.parametrize(("now", "words", "start", "day_obs"), CHOICES)
def test_that_an_observing_day_lasts_from_noon_to_noon_of_utc(
    monkeypatch, now, words, start, day_obs, timescale
):
    now_ns, start_ns = (parse_iso_ns(text, Timescale.UTC) for text in (now, start))

    async def work(window):
        monkeypatch.setattr(time, "time_ns", lambda: now_ns)
        entry = await choose(window, words)
        shown = window.workspace.time.time_range
        assert (shown.start_utc_ns, shown.end_utc_ns) == (start_ns, start_ns + DAY_NS)
        assert entry.endswith(day_obs)
        for name in ("timeFrom", "timeTo"):
            assert child(window, QLineEdit, name).text() == f"dayObs={day_obs}"

    in_window(["--timescale", timescale], work)


def test_that_tonight_means_the_night_of_the_moment_at_which_the_menu_is_opened(monkeypatch):
    async def work(window):
        for now, day_obs in (("2024-02-01T11:59:00", "20240131"), ("2024-02-01T12:01:00", "20240201")):
            now_ns = parse_iso_ns(now, Timescale.UTC)
            monkeypatch.setattr(time, "time_ns", lambda now_ns=now_ns: now_ns)
            await choose(window, "Tonight")
            start_ns = parse_iso_ns(f"{day_obs[:4]}-{day_obs[4:6]}-{day_obs[6:]}T12:00:00", Timescale.UTC)
            assert window.workspace.time.time_range.start_utc_ns == start_ns

    in_window([], work)
