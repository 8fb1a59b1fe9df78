"""A stream of samples comes to the same buckets however it is cut into batches."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.buckets import StreamedReduction
from efdviewer.domain.query import AGGREGATES
from efdviewer.domain.tiles import Slot
from tests.domain.tiled import LEVELS, NUMBERS, Series, adjacent, aggregates, series_in


@given(
    LEVELS,
    NUMBERS,
    st.one_of(st.just(range(60)), st.lists(st.integers(0, 60), max_size=8).map(sorted)),
    st.data(),
)
def test_that_the_batches_of_a_stream_do_not_matter(bucket_ns, number, cuts, data):
    slots = adjacent(bucket_ns, number, 2)
    series = data.draw(series_in(slots))
    # The other field has a value in some of the rows alone.
    present = np.array(data.draw(st.lists(st.booleans(), min_size=60, max_size=60)))[: len(series.values)]
    other = [value if there else None for value, there in zip(series.values.tolist(), present, strict=True)]
    kind = pa.from_numpy_dtype(series.values.dtype)
    batch = pa.record_batch(
        {"time": series.times_utc_ns, "all": series.values, "some": pa.array(other, kind)}
    )
    reduction = StreamedReduction(("all", "some"), bucket_ns)
    found = []
    for first, end in zip([0, *cuts], [*cuts, batch.num_rows], strict=True):
        if (part := reduction.add(batch.slice(first, max(0, end - first)), AGGREGATES)) is not None:
            found.append(part)
    found.append(reduction.rest(AGGREGATES))
    rows = [row for part in found for row in part.to_pylist()]
    for name, chosen in (
        ("all", series),
        ("some", Series(series.times_utc_ns[present], series.values[present])),
    ):
        expected = [row for slot in slots for row in _brute(chosen, slot)]
        assert [
            tuple(
                row[key]
                for key in ("time", *(f"{name}_{each}" for each in ("min", "max", "count", "first", "last")))
            )
            for row in rows
            if row[f"{name}_count"]
        ] == expected
    assert [row["time"] for row in rows] == sorted({row["time"] for row in rows})


def _brute(series: Series, slot: Slot) -> list[tuple]:
    found = []
    for start, low, high, count in aggregates(series, slot):
        within = series.within(start, start + slot.bucket_ns)
        present = within.values[~np.isnan(within.values)].tolist()
        found.append((start, low, high, count, present[0], present[-1]))
    return found


def test_that_a_bucket_is_given_once_it_can_grow_no_more():
    reduction = StreamedReduction(("x",), 10)
    batch = pa.record_batch({"time": pa.array([1, 5, 11], pa.int64()), "x": pa.array([1.0, 2.0, 3.0])})
    assert reduction.add(batch.slice(0, 2), ("max",)) is None
    assert reduction.add(batch.slice(2), ("max",)).to_pylist() == [{"time": 0, "x_max": 2.0}]
    assert reduction.rest(("max",)).to_pylist() == [{"time": 10, "x_max": 3.0}]
