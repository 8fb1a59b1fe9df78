"""A server that grants few points a statement looks once a second: a double refuses at once, and at each size."""

import asyncio

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.errors import LimitError
from efdviewer.domain.query import SummaryQuery
from efdviewer.domain.tiles import EXTREMES
from efdviewer.services.habits import Habits
from efdviewer.services.tile_loader import TileLoader
from efdviewer.services.tile_strip import RowSeries
from efdviewer.services.tiles import SeriesKey, TileStore
from tests.domain.tiled import adjacent

SECOND = 10**9


class RefusingSource:
    """Grants so long a range in one statement; refuses what is longer after its beginning has come."""

    def __init__(self, longest_ns: int, given_ns: int) -> None:
        self.longest_ns, self.given_ns = longest_ns, given_ns
        self.asked: list[SummaryQuery] = []

    async def stream_summary(self, query: SummaryQuery):
        self.asked.append(query)
        time_range = query.time_range
        refused = time_range.span_ns > self.longest_ns
        end_utc_ns = time_range.start_utc_ns + self.given_ns if refused else time_range.end_utc_ns
        starts = np.arange(time_range.start_utc_ns, end_utc_ns, query.bucket_ns)
        yield pa.record_batch({"time": starts, "x_min": starts, "x_max": starts})
        if refused:
            raise LimitError("max-select-point limit exceeded")


@given(st.integers(1, 40), st.integers(0, 40), st.integers(1, 300))
def test_that_what_a_server_grants_is_found_whatever_it_is(granted, given_tiles, count):
    slots = adjacent(SECOND, 5, count)
    source = RefusingSource(granted * slots[0].span_ns, min(granted, given_tiles) * slots[0].span_ns + 1)
    series = rows()
    asyncio.run(TileLoader(source).summarise(series, slots, EXTREMES))
    for slot in slots:
        assert series.tiles["x"].extremes(slot).times_utc_ns.tolist() == [
            slot.start_utc_ns + place * SECOND for place in range(64)
        ]
    if series.habits.longest_ns:
        source.asked.clear()
        asyncio.run(TileLoader(source).summarise(rows(series.habits), slots, EXTREMES))
        assert all(query.time_range.span_ns <= source.longest_ns for query in source.asked)


def rows(habits: Habits | None = None) -> RowSeries:
    tiles = {"x": TileStore().series(SeriesKey("here", "t", "x", ()))}
    return RowSeries(subset=("t", ()), tiles=tiles, habits=habits or Habits(), arrived=lambda: None)
