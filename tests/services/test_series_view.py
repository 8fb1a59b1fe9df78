"""What is made of the tiles that are known, for any spacing, gaps and values."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.samples import GAP_FACTOR
from efdviewer.domain.tiles import SAMPLES, cut
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldSchema, FieldType
from efdviewer.services.habits import Habits
from efdviewer.services.held_values import HeldValues, Sample
from efdviewer.services.series import SLOW_NS, SeriesOutcome, SeriesRequest
from efdviewer.services.series_view import SeriesView
from efdviewer.services.tiles import SeriesKey, TileStore

TELEMETRY, EVENT = "lsst.sal.CSC.topic", "lsst.sal.CSC.logevent_x"
START_NS, SPAN_NS = 1_706_742_900_000_000_000, 3600 * 10**9
WHOLE = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + SPAN_NS)
FIELD = {"x": FieldSchema(name="x", type=FieldType.FLOAT, units="K")}


def view_of(topic: str, moments, values, *, spacing_ns=None, held=None) -> SeriesView:
    tiles = TileStore().series(SeriesKey("here", topic, "x", ()))
    known = HeldValues()
    if held is not None:
        known.note(tiles.key, START_NS, held, is_final=True)
    request = SeriesRequest(topic=topic, fields=("x",), time_range=WHOLE, columns=100)
    habits = Habits(spacing_ns=spacing_ns)
    view = SeriesView(request, FIELD, {"x": tiles}, habits, known, now_utc_ns=WHOLE.end_utc_ns + SPAN_NS)
    columns = {"value": np.asarray(values, np.float64)}
    for tile in cut(np.asarray(moments, np.int64), columns, view.slots, WHOLE.end_utc_ns + SPAN_NS):
        tiles.put(SAMPLES, tile, 1.0)
    return view


@given(
    st.lists(st.integers(0, SPAN_NS - 1), min_size=1, max_size=60, unique=True).map(sorted),
    st.data(),
    st.sampled_from([TELEMETRY, EVENT]),
)
def test_that_samples_are_drawn_whole_and_break_just_where_one_is_not_a_number(moments, data, topic):
    numbers = st.one_of(st.just(float("nan")), st.floats(-1e9, 1e9))
    chosen = [data.draw(numbers) for _ in moments]
    (found,) = view_of(topic, [START_NS + moment for moment in moments], chosen).series()
    finite = [place for place, value in enumerate(chosen) if np.isfinite(value)]
    if not finite:
        assert found.outcome is SeriesOutcome.NO_DATA
        return
    assert found.view.times_utc_ns.tolist() == [START_NS + moments[place] for place in finite]
    assert found.view.values.tolist() == [chosen[place] for place in finite]
    for index, (place, after) in enumerate(itertools.pairwise(finite)):
        is_broken = after > place + 1
        if topic == EVENT:
            assert found.view.connect[index] == (not is_broken)
        else:
            assert not (is_broken and found.view.connect[index])


@given(st.integers(1, 2 * SLOW_NS), st.integers(3, 50))
def test_that_telemetry_is_steps_just_where_it_is_slow(spacing_ns, count):
    moments = [START_NS + place * spacing_ns for place in range(count)]
    (found,) = view_of(TELEMETRY, moments, [1.0] * count).series()
    assert found.view.stepped == (spacing_ns >= SLOW_NS)
    assert abs(found.view.hold_ns - GAP_FACTOR * spacing_ns) <= 1


@given(st.integers(1, 100 * SLOW_NS), st.integers(SLOW_NS, 3 * SLOW_NS))
def test_that_a_value_before_the_range_counts_until_it_is_a_gap(age_ns, spacing_ns):
    before = Sample(START_NS - age_ns, 5.0)
    (found,) = view_of(TELEMETRY, [], [], spacing_ns=float(spacing_ns), held=before).series()
    assert found.outcome is SeriesOutcome.NO_DATA
    assert found.latest_utc_ns == before.utc_ns
    assert found.held == (before if age_ns <= GAP_FACTOR * spacing_ns else None)


def test_that_samples_come_before_the_buckets_that_they_make():
    view = view_of(TELEMETRY, [START_NS, START_NS + 10**9, START_NS + 2 * 10**9], [1.0, 2.0, 3.0])
    assert view.wants() == (SAMPLES,)
    assert view.series()[0].view.bucket_ns == 0


def test_that_nothing_is_shown_of_which_nothing_is_known():
    request = SeriesRequest(topic=TELEMETRY, fields=("x",), time_range=WHOLE, columns=100)
    tiles = {"x": TileStore().series(SeriesKey("here", TELEMETRY, "x", ()))}
    view = SeriesView(request, FIELD, tiles, Habits(), HeldValues(), now_utc_ns=WHOLE.end_utc_ns)
    assert not view.is_complete
    assert view.series() == []
