"""What is made of the tables that a source answers, for any spacing, gaps and values."""

import itertools

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.samples import GAP_FACTOR
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldSchema, FieldType
from efdviewer.services.series import SLOW_NS, SeriesOutcome, SeriesPresenter, SeriesRequest

TELEMETRY, EVENT = "lsst.sal.CSC.topic", "lsst.sal.CSC.logevent_x"
START_NS, SPAN_NS = 1_706_742_900_000_000_000, 3600 * 10**9
WHOLE = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + SPAN_NS)


def presenter(topic: str, *, spacing_ns=None):
    found = {}
    request = SeriesRequest(topic=topic, fields=("x",), time_range=WHOLE, columns=100)
    schema = {"x": FieldSchema(name="x", type=FieldType.FLOAT, units="K")}
    made = SeriesPresenter(
        request,
        schema,
        lambda series: found.update(x=series),
        spacing_ns=spacing_ns,
        now_utc_ns=WHOLE.end_utc_ns + SPAN_NS,
    )
    return made, found


def table(moments, values) -> pa.Table:
    return pa.table({"time": pa.array(moments, pa.int64()), "x": pa.array(values, pa.float64())})


values = st.one_of(st.none(), st.just(float("nan")), st.floats(-1e9, 1e9))


@given(
    st.lists(st.integers(0, SPAN_NS - 1), min_size=1, max_size=60, unique=True).map(sorted),
    st.data(),
    st.sampled_from([TELEMETRY, EVENT]),
)
def test_that_samples_are_drawn_whole_and_break_just_where_one_is_not_a_number(moments, data, topic):
    chosen = [data.draw(values) for _ in moments]
    made, found = presenter(topic)
    assert made.show_samples(table([START_NS + moment for moment in moments], chosen))
    finite = [place for place, value in enumerate(chosen) if value is not None and np.isfinite(value)]
    if not finite:
        assert made.empty == ("x",)
        return
    view = found["x"].view
    assert view.times_utc_ns.tolist() == [START_NS + moments[place] for place in finite]
    assert view.values.tolist() == [chosen[place] for place in finite]
    for index, (place, after) in enumerate(itertools.pairwise(finite)):
        is_broken = any(chosen[between] is not None for between in range(place + 1, after))
        if topic == EVENT:
            assert view.connect[index] == (not is_broken)
        else:
            assert not (is_broken and view.connect[index])


@given(st.integers(1, 2 * SLOW_NS), st.integers(3, 50))
def test_that_telemetry_is_steps_just_where_it_is_slow(spacing_ns, count):
    made, found = presenter(TELEMETRY)
    made.show_samples(table([START_NS + place * spacing_ns for place in range(count)], [1.0] * count))
    view = found["x"].view
    assert view.stepped == (spacing_ns >= SLOW_NS)
    assert abs(view.hold_ns - GAP_FACTOR * spacing_ns) <= 1


@given(st.integers(0, 100 * SLOW_NS), st.integers(SLOW_NS, 3 * SLOW_NS))
def test_that_a_value_before_the_range_counts_until_it_is_a_gap(age_ns, spacing_ns):
    made, found = presenter(TELEMETRY, spacing_ns=float(spacing_ns))
    made.hold(table([START_NS - age_ns], [5.0]), ("x",))
    made.show_samples(table([], []))
    made.show_empty("x", START_NS - age_ns)
    assert found["x"].outcome is SeriesOutcome.NO_DATA
    assert found["x"].latest_utc_ns == START_NS - age_ns
    held = (START_NS - age_ns, 5.0) if age_ns <= GAP_FACTOR * spacing_ns else None
    assert found["x"].held == held


def test_that_more_samples_than_the_limit_are_refused_and_tell_their_rate():
    made, found = presenter(TELEMETRY)
    moments = [START_NS + place * 10**9 for place in range(11)]
    assert not made.show_samples(table(moments, [1.0] * 11), limit=10)
    assert found == {}
    assert made.rate_hz == 1.1


def test_that_a_summary_that_comes_late_does_not_replace_the_samples():
    made, found = presenter(TELEMETRY)
    made.show_samples(table([START_NS, START_NS + 10**9, START_NS + 2 * 10**9], [1.0, 2.0, 3.0]))
    late = pa.table({"time": [START_NS], "x_min": [1.0], "x_max": [3.0]})
    made.show_summary(late, 10**10)
    assert found["x"].view.bucket_ns == 0


def test_that_fields_that_the_last_row_lacks_are_told():
    made, found = presenter(EVENT)
    assert made.hold(table([], []), ("x",)) == ("x",)
    assert made.hold(table([START_NS - 5], [None]), ("x",)) == ("x",)
    assert made.hold(table([START_NS - 9], [2.0]), ("x",)) == ()
    made.show_samples(table([], []))
    made.show_empty("x", START_NS - 9)
    assert found["x"].held == (START_NS - 9, 2.0)
