"""What is made of the tiles that are there, for any spacing, gaps and values."""

import itertools
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.levels import SAMPLES_PER_COLUMN
from efdviewer.domain.samples import GAP_FACTOR
from efdviewer.domain.tiles import EXTREMES, MEANS, SAMPLES, Columns, Slot, cut, reduced
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldSchema, FieldType
from efdviewer.services.habits import Habits
from efdviewer.services.held_values import HeldValues, Sample
from efdviewer.services.series import SLOW_NS, Series, SeriesOutcome, SeriesRequest
from efdviewer.services.series_view import SeriesView
from efdviewer.services.tiles import SeriesKey, TileStore

TELEMETRY, EVENT = "lsst.sal.CSC.topic", "lsst.sal.CSC.logevent_x"
START_NS, SPAN_NS = 1_706_742_900_000_000_000, 3600 * 10**9
WHOLE = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + SPAN_NS)
FINAL_NS = 2**62


class Scene:
    """A view of fields over tiles that a test puts there."""

    def __init__(
        self,
        topic: str,
        *names: str,
        columns: int = 100,
        spacing_ns: float | None = None,
        means: bool = False,
        kind: FieldType = FieldType.FLOAT,
        time_range: TimeRange = WHOLE,
    ) -> None:
        names = names or ("x",)
        store = TileStore()
        self.held = HeldValues()
        self.tiles = {name: store.series(SeriesKey("here", topic, name, ())) for name in names}
        self.habits = Habits(spacing_ns=spacing_ns)
        self.view = SeriesView(
            SeriesRequest(topic=topic, fields=names, time_range=time_range, columns=columns, means=means),
            {name: FieldSchema(name=name, type=kind, units="K") for name in names},
            self.tiles,
            self.habits,
            self.held,
            now_utc_ns=time_range.end_utc_ns + SPAN_NS,
        )

    def put_samples(self, moments, values, name: str = "x") -> None:
        for tile in cut(
            np.array(moments, np.int64), {"value": np.array(values, np.float64)}, self.view.slots, FINAL_NS
        ):
            self.tiles[name].put(SAMPLES, tile, time.monotonic())

    def put_buckets(self, columns: Columns, moments, values, name: str = "x") -> None:
        for tile in cut(
            np.array(moments, np.int64), {"value": np.array(values, np.float64)}, self.view.slots, FINAL_NS
        ):
            self.tiles[name].put(columns, reduced(tile, tile.slot, columns), time.monotonic())

    def put_extremes(self, moments, values, name: str = "x") -> None:
        self.put_buckets(EXTREMES, moments, values, name)

    def drawn(self) -> dict[str, Series]:
        return {series.field.field: series for series in self.view.series()}

    def hold(self, sample: Sample | None, name: str = "x") -> None:
        self.held.note(self.tiles[name].key, START_NS, sample, is_final=True)


values = st.one_of(st.just(float("nan")), st.just(float("inf")), st.floats(-1e9, 1e9))


@given(
    st.lists(st.integers(0, SPAN_NS - 1), min_size=1, max_size=60, unique=True).map(sorted),
    st.data(),
    st.sampled_from([TELEMETRY, EVENT]),
)
def test_that_samples_are_drawn_whole_and_break_just_where_one_is_not_a_number(moments, data, topic):
    chosen = [data.draw(values) for _ in moments]
    scene = Scene(topic)
    scene.put_samples([START_NS + moment for moment in moments], chosen)
    finite = [place for place, value in enumerate(chosen) if np.isfinite(value)]
    # Where nothing is to be seen it is part of the answer what was before.
    assert scene.drawn()["x"].complete == bool(finite)
    scene.hold(None)
    series = scene.drawn()["x"]
    assert series.complete
    assert series.units == "K"
    assert series.outcome is (SeriesOutcome.READY if finite else SeriesOutcome.NO_DATA)
    view = series.view
    assert view.bucket_ns == 0
    assert view.times_utc_ns.tolist() == [START_NS + moments[place] for place in finite]
    assert view.values.tolist() == [chosen[place] for place in finite]
    for index, (place, after) in enumerate(itertools.pairwise(finite)):
        is_broken = after > place + 1
        if topic == EVENT:
            assert view.connect[index] == (not is_broken)
        else:
            assert not (is_broken and view.connect[index])


@given(st.integers(1, 2 * SLOW_NS), st.integers(3, 50))
def test_that_telemetry_is_steps_just_where_it_is_slow(spacing_ns, count):
    scene = Scene(TELEMETRY)
    scene.put_samples([START_NS + place * spacing_ns for place in range(count)], [1.0] * count)
    view = scene.drawn()["x"].view
    assert view.stepped == (spacing_ns >= SLOW_NS)
    assert abs(view.hold_ns - GAP_FACTOR * spacing_ns) <= 1


@given(st.integers(1, 100 * SLOW_NS), st.integers(SLOW_NS, 3 * SLOW_NS))
def test_that_a_value_before_the_range_counts_until_it_is_a_gap(age_ns, spacing_ns):
    scene = Scene(TELEMETRY, spacing_ns=float(spacing_ns))
    scene.put_samples([], [])
    assert scene.view.unheld == ("x",)
    scene.hold(Sample(START_NS - age_ns, 5.0))
    assert scene.view.unheld == ()
    series = scene.drawn()["x"]
    assert series.outcome is SeriesOutcome.NO_DATA
    assert series.latest_utc_ns == START_NS - age_ns
    held = (START_NS - age_ns, 5.0) if age_ns <= GAP_FACTOR * spacing_ns else None
    assert series.held == held


@given(st.lists(st.integers(-(10**9), SPAN_NS - 1), max_size=20, unique=True).map(sorted), st.data())
def test_that_a_state_is_held_from_the_last_finite_sample_before_the_range(moments, data):
    """Tiles begin before the view: what they hold there needs no asking."""
    chosen = [data.draw(values) for _ in moments]
    scene = Scene(EVENT)
    assert scene.view.slots[0].start_utc_ns < START_NS - 10**9
    scene.put_samples([START_NS + moment for moment in moments], chosen)
    before = [
        (START_NS + moment, value)
        for moment, value in zip(moments, chosen, strict=True)
        if moment < 0 and np.isfinite(value)
    ]
    scene.hold(Sample(START_NS - 10**12, -7.0))
    expected = before[-1] if before else (START_NS - 10**12, -7.0)
    assert scene.view.held("x") == (True, Sample(*expected))
    assert scene.drawn()["x"].held == expected


def test_that_no_more_samples_are_drawn_than_four_a_column():
    columns = 10
    for count in (SAMPLES_PER_COLUMN * columns, SAMPLES_PER_COLUMN * columns + 1):
        scene = Scene(TELEMETRY, columns=columns)
        assert scene.view.sample_limit >= SAMPLES_PER_COLUMN * columns
        scene.put_samples([START_NS + place * 10**9 for place in range(count)], range(count))
        fits = count <= SAMPLES_PER_COLUMN * columns
        assert scene.view.wants() == ((SAMPLES,) if fits else (EXTREMES,))
        view = scene.drawn()["x"].view
        assert view.bucket_ns == (0 if fits else scene.view.bucket_ns)
        assert view.values.max() == count - 1
        assert scene.drawn()["x"].complete


def test_that_samples_tell_their_rate():
    scene = Scene(TELEMETRY)
    scene.put_samples([START_NS + place * 10**10 for place in range(360)], [1.0] * 360)
    scene.drawn()
    covered_ns = scene.view.slots[-1].end_utc_ns - scene.view.slots[0].start_utc_ns
    assert scene.habits.rate_hz == pytest.approx(360e9 / covered_ns)


@pytest.mark.parametrize("samples_first", [True, False])
def test_that_samples_are_drawn_rather_than_a_summary_whichever_came_first(samples_first):
    scene = Scene(TELEMETRY)
    moments = [START_NS, START_NS + 10**9, START_NS + 2 * 10**9]
    puts = [scene.put_samples, scene.put_extremes]
    for put in puts if samples_first else puts[::-1]:
        put(moments, [1.0, 2.0, 3.0])
    assert scene.drawn()["x"].view.bucket_ns == 0


def test_that_fields_without_a_known_value_before_the_range_are_told():
    scene = Scene(EVENT, "x", "y")
    for name in ("x", "y"):
        scene.put_samples([], [], name)
    assert scene.view.unheld == ("x", "y")
    assert not scene.view.is_settled
    scene.hold(None, "x")
    assert scene.view.unheld == ("y",)
    scene.hold(Sample(START_NS - 9, 2.0), "y")
    assert scene.view.unheld == ()
    assert scene.view.is_settled
    found = scene.drawn()
    assert (found["x"].held, found["x"].latest_utc_ns) == (None, None)
    assert found["y"].held == (START_NS - 9, 2.0)


def test_that_a_state_with_a_sample_at_the_very_start_needs_none_before():
    scene = Scene(EVENT)
    scene.put_samples([START_NS], [1.0])
    assert scene.view.unheld == ()


@given(st.sets(st.integers(0, 30)))
def test_that_the_share_that_is_known_grows_to_one_and_what_is_lacking_is_told(places):
    scene = Scene(TELEMETRY)
    slots = scene.view.slots
    empty = np.empty(0, np.int64)
    known = [slot for place, slot in enumerate(slots) if place in places]
    for slot in known:
        scene.tiles["x"].put(
            EXTREMES, cut(empty, {"min": empty, "max": empty}, [slot], FINAL_NS)[0], time.monotonic()
        )
    lacking = tuple(slot for slot in slots if slot not in known)
    assert scene.view.missing(EXTREMES) == ({lacking: ("x",)} if lacking else {})
    assert scene.view.share == pytest.approx(len(known) / len(slots))
    assert scene.view.is_complete == (not lacking)
    # Nothing is said of a view of which nothing is to be seen yet.
    assert bool(scene.drawn()) == (not lacking)


def test_that_fields_that_lack_the_same_are_asked_for_together():
    scene = Scene(TELEMETRY, "x", "y", "z")
    scene.put_samples([], [], "y")
    assert scene.view.missing(SAMPLES) == {tuple(scene.view.slots): ("x", "z")}


def test_that_what_is_known_in_part_is_drawn_and_called_incomplete():
    scene = Scene(TELEMETRY)
    slot = scene.view.slots[0]
    tile = cut(np.array([START_NS + 1]), {"value": np.ones(1)}, [slot], FINAL_NS)[0]
    scene.tiles["x"].put(EXTREMES, reduced(tile, slot, EXTREMES), time.monotonic())
    series = scene.drawn()["x"]
    assert series.outcome is SeriesOutcome.READY
    assert not series.complete
    assert series.view.values.tolist() == [1.0, 1.0]


MANY = [START_NS + place * 10**9 for place in range(3600)]
STAIRS = list(range(3600))


def test_that_extremes_are_drawn_at_once_and_the_view_lacks_its_means_until_they_are_there():
    scene = Scene(TELEMETRY, means=True)
    scene.habits.rate_hz = 1.0
    scene.put_extremes(MANY, STAIRS)
    assert scene.view.wants() == (EXTREMES,)
    assert scene.view.missing(MEANS) == {tuple(scene.view.slots): ("x",)}
    assert scene.view.share == pytest.approx(0.5)
    series = scene.drawn()["x"]
    assert (series.complete, series.view.means) == (False, None)
    assert series.view.has_points
    scene.put_buckets(MEANS, MANY, STAIRS)
    assert scene.view.is_complete
    assert scene.view.share == 1.0
    series = scene.drawn()["x"]
    assert series.complete
    width_s = scene.view.bucket_ns // 10**9
    inside = series.view.means.values[1:-1]
    assert np.diff(inside) == pytest.approx(width_s)
    low, high = series.view.values[2:-2:2], series.view.values[3:-2:2]
    assert inside == pytest.approx((low + high) / 2)


@pytest.mark.parametrize(
    ("topic", "kind"),
    [
        (TELEMETRY, FieldType.INTEGER),
        (TELEMETRY, FieldType.BOOLEAN),
        (EVENT, FieldType.FLOAT),
    ],
)
def test_that_states_have_no_means(topic, kind):
    scene = Scene(topic, means=True, kind=kind)
    scene.habits.rate_hz = 1.0
    scene.put_extremes(MANY, STAIRS)
    scene.put_buckets(MEANS, MANY, STAIRS)
    assert scene.view.averaged == ()
    assert not scene.view.missing(MEANS)
    series = scene.drawn()["x"]
    assert series.complete
    assert series.view.means is None


def test_that_samples_have_no_means():
    scene = Scene(TELEMETRY, means=True)
    few = slice(0, 3600, 600)
    scene.put_samples(MANY[few], STAIRS[few])
    scene.put_buckets(MEANS, MANY[few], STAIRS[few])
    assert scene.view.wants() == (SAMPLES,)
    assert not scene.view.wants_means
    assert scene.view.is_complete
    assert scene.drawn()["x"].view.means is None


def test_that_samples_of_a_closer_view_make_means_without_asking():
    scene = Scene(TELEMETRY, means=True)
    scene.put_samples(MANY, STAIRS)
    assert scene.view.wants() == (EXTREMES,)
    assert scene.view.is_complete
    assert scene.drawn()["x"].view.means.values.max() > 3550


def test_that_means_that_were_not_asked_for_are_not_drawn():
    scene = Scene(TELEMETRY)
    scene.habits.rate_hz = 1.0
    scene.put_extremes(MANY, STAIRS)
    scene.put_buckets(MEANS, MANY, STAIRS)
    series = scene.drawn()["x"]
    assert (series.complete, series.view.means) == (True, None)


def test_that_samples_reach_to_the_neighbours_beyond_both_edges():
    spacing_ns = 2 * 10**9
    scene = Scene(TELEMETRY, spacing_ns=spacing_ns, columns=10_000)
    moments = [START_NS + spacing_ns * place + 7 for place in range(-9, SPAN_NS // spacing_ns + 9)]
    scene.put_samples(moments, range(len(moments)))
    drawn = scene.drawn()["x"].view
    first, last = np.searchsorted(drawn.times_utc_ns, [START_NS, START_NS + SPAN_NS])
    assert first >= 2
    assert len(drawn.times_utc_ns) - last >= 2
    assert drawn.connect[first - 1 : last].all()


def empty_tiles(slots, settled_utc_ns=FINAL_NS):
    return cut(np.empty(0, np.int64), {"value": np.empty(0)}, slots, settled_utc_ns)


def test_that_the_value_before_a_view_that_moves_on_needs_no_asking_where_nothing_came_between(monkeypatch):
    scene = Scene(EVENT)
    scene.put_samples([START_NS + SPAN_NS // 2], [4.0])
    first = scene.view.slots[0]
    before, tiles = Sample(START_NS - 10**14, 3.0), scene.tiles["x"]
    scene.held.note(tiles.key, first.start_utc_ns - 5, before, is_final=False)
    assert scene.view.held("x") == (False, None)
    tiles.put(SAMPLES, empty_tiles([Slot(first.bucket_ns, first.number - 1)])[0], time.monotonic())
    assert scene.view.held("x") == (True, before)
    asked_s = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: asked_s + 121)
    assert scene.view.held("x") == (False, None)


def test_that_what_the_source_has_not_told_is_known_to_be_unknown():
    scene = Scene(TELEMETRY, columns=1000)
    *slots, last = scene.view.slots
    for tile in cut(np.array([START_NS]), {"value": np.ones(1)}, slots, FINAL_NS):
        scene.tiles["x"].put(EXTREMES, reduced(tile, tile.slot, EXTREMES), time.monotonic())
    drawn = scene.drawn()["x"]
    assert drawn.view.unknown == (TimeRange(start_utc_ns=last.start_utc_ns, end_utc_ns=WHOLE.end_utc_ns),)
    assert not drawn.complete
    scene.put_extremes([START_NS], [1.0])
    assert scene.drawn()["x"].view.unknown == ()
    assert scene.drawn()["x"].complete


@pytest.mark.parametrize(("age_s", "is_told"), [(1, True), (11, False)])
def test_that_a_view_of_which_the_source_has_told_nothing_is_not_said_to_be_empty(age_s, is_told):
    now_utc_ns = time.time_ns()
    time_range = TimeRange(start_utc_ns=now_utc_ns - 10 * 10**9, end_utc_ns=now_utc_ns)
    scene = Scene(TELEMETRY, time_range=time_range)
    scene.held.note(scene.tiles["x"].key, time_range.start_utc_ns, None, is_final=True)
    for tile in empty_tiles(scene.view.slots, 0):
        scene.tiles["x"].put(SAMPLES, tile, time.monotonic() - age_s)
    assert scene.drawn()["x"].complete is is_told
    assert (scene.drawn()["x"].outcome is SeriesOutcome.NO_DATA) is is_told


def test_that_samples_that_were_asked_for_long_before_a_view_do_not_tell_what_was_before_it():
    scene = Scene(EVENT)
    first, tiles = scene.view.slots[0], scene.tiles["x"]
    age_s = (time.time_ns() - START_NS) / 1e9
    moment = np.array([first.start_utc_ns])
    (old,) = cut(moment, {"value": np.array([5.0])}, [first], first.start_utc_ns)
    tiles.put(SAMPLES, old, time.monotonic() - age_s + 10)
    assert scene.view.held("x") == (True, Sample(first.start_utc_ns, 5.0))
    tiles.put(SAMPLES, old, time.monotonic() - age_s - 10)
    assert scene.view.held("x") == (False, None)


def test_that_samples_that_are_drawn_are_what_is_known_whatever_is_known_of_extremes():
    scene = Scene(TELEMETRY, columns=1000)
    *_, last = scene.view.slots
    scene.put_samples([START_NS], [1.0])
    asked_s = time.monotonic() - (time.time_ns() - last.start_utc_ns) / 1e9
    for tile in empty_tiles([last], last.start_utc_ns):
        scene.tiles["x"].put(EXTREMES, reduced(tile, last, EXTREMES), asked_s)
    drawn = scene.drawn()["x"]
    assert drawn.view.bucket_ns == 0
    assert drawn.view.unknown == ()
    assert drawn.complete


def test_that_not_too_many_slots_are_looked_through_for_neighbours():
    narrow = TimeRange(start_utc_ns=START_NS, end_utc_ns=START_NS + 10**8)
    assert len(Scene(TELEMETRY, spacing_ns=4.5e9, time_range=narrow).view.slots) <= 66
