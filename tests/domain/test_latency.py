"""Differences of stamps, their bins and figures."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.bins import BinSpec, bin_edges, core_range_s, parse_bins
from efdviewer.domain.delay_counts import DelayCounts
from efdviewer.domain.errors import BadInputError
from efdviewer.domain.latency import Differences, StampPair, differences_s, summarise, suspect_scale
from efdviewer.domain.leap_seconds import LEAP_UTC_NS, OFFSET_NS
from efdviewer.domain.timescale import Timescale, parse_iso_ns

SND, RCV, EFD = "private_sndStamp", "private_rcvStamp", "private_efdStamp"
START_S = 1_706_702_400.0
DELAYS = st.lists(st.floats(-100, 100), max_size=200)


def table_of(**columns) -> pa.Table:
    count = len(next(iter(columns.values())))
    moments = (int(START_S) + np.arange(count)) * 1_000_000_000
    return pa.table({"time": pa.array(moments, pa.int64()), **columns})


def differ(table, minuend, subtrahend, *, raw=False, **scales) -> Differences:
    pair = StampPair(topic="t", minuend=minuend, subtrahend=subtrahend)
    return differences_s(table, pair, scales=scales, raw=raw)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lsst.sal.A.b", StampPair(topic="lsst.sal.A.b")),
        ("lsst.sal.A.b:rcvStamp-sndStamp", StampPair(topic="lsst.sal.A.b")),
        ("A.b:sndStamp-timestamp", StampPair(topic="A.b", minuend=SND, subtrahend="timestamp")),
        ("A.b:time-private_efdStamp", StampPair(topic="A.b", minuend="time", subtrahend=EFD)),
        ('"a:b-c":"my-stamp"-time', StampPair(topic="a:b-c", minuend="my-stamp", subtrahend="time")),
    ],
)
def test_that_a_pair_is_read_from_the_command_line(text, expected):
    assert StampPair.parse(text) == expected


@pytest.mark.parametrize("text", ["", '""', ":a-b", "t:", "t:a", "t:a-", "t:a-b-c", "t:a-b:c", 't:"a-b'])
def test_that_another_form_of_a_pair_is_refused(text):
    with pytest.raises(BadInputError):
        StampPair.parse(text)


@given(st.lists(st.tuples(st.floats(1e8, 4e9), st.floats(1e8, 4e9)), min_size=1, max_size=50), st.booleans())
def test_that_stamps_of_one_scale_are_subtracted_exactly(stamps, raw):
    minuend, subtrahend = (np.array(part) for part in zip(*stamps, strict=True))
    found = differ(table_of(**{RCV: minuend, SND: subtrahend}), RCV, SND, raw=raw)
    expected = minuend - subtrahend
    assert np.array_equal(found.values_s, expected[np.abs(expected) <= 86_400])
    assert found.odd.absurd == np.count_nonzero(np.abs(expected) > 86_400)


def test_that_absent_stamps_are_counted_and_ruin_nothing():
    found = differ(
        table_of(
            **{
                RCV: [0.0, START_S + 0.5, None, START_S, float("nan")],
                SND: [START_S, START_S, START_S, 0.0, START_S],
            }
        ),
        RCV,
        SND,
    )
    assert found.values_s.tolist() == [0.5]
    assert found.absent == 4


def test_that_37_s_appear_only_in_a_raw_difference():
    table = table_of(**{SND: [START_S + 37.0], EFD: [START_S]})
    assert differ(table, SND, EFD).values_s.tolist() == [0.0]
    assert differ(table, EFD, SND).values_s.tolist() == [0.0]
    assert differ(table, SND, EFD, raw=True).values_s.tolist() == [37.0]
    assert differ(table, SND, "time").values_s.tolist() == [0.0]


def test_that_a_scale_set_by_hand_wins_over_the_name():
    table = table_of(**{RCV: [START_S + 37.25], SND: [START_S]})
    assert differ(table, RCV, SND).values_s.tolist() == [37.25]
    assert differ(table, RCV, SND, **{SND: Timescale.UTC}).values_s.tolist() == [0.25]


@pytest.mark.parametrize("index", range(1, len(LEAP_UTC_NS)))
def test_that_the_offset_of_the_moment_is_removed(index):
    after_s = LEAP_UTC_NS[index] / 1e9 + 5
    offset_s = OFFSET_NS[index] / 1e9
    table = table_of(
        **{SND: [after_s + offset_s + 0.5, after_s - 10 + offset_s - 1 + 0.5], EFD: [after_s, after_s - 10]}
    )
    assert differ(table, SND, EFD).values_s.tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("auto", BinSpec()),
        ("", BinSpec()),
        ("50", BinSpec(count=50)),
        ("32.5:41.5:1", BinSpec(edges_s=(32.5, 33.5, 34.5, 35.5, 36.5, 37.5, 38.5, 39.5, 40.5, 41.5))),
        ("32.5, 33.5, 40", BinSpec(edges_s=(32.5, 33.5, 40.0))),
        ("-1 0 1e-3", BinSpec(edges_s=(-1.0, 0.0, 0.001))),
    ],
)
def test_that_bins_are_read(text, expected):
    assert parse_bins(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "10001",
        "-5",
        "many",
        "1,2,",
        "2,1",
        "1,1",
        "1:2",
        "2:1:1",
        "1:2:0",
        "0:1:1e-320",
        "0:1:1e-6",
        "0:1:9",
        "nan:1:1",
        "0:inf:1",
        "inf",
        "1,nan",
        "1e400,2",
    ],
)
def test_that_bins_of_no_use_are_refused_with_what_is_allowed(text):
    with pytest.raises(BadInputError) as caught:
        parse_bins(text)
    assert "32.5:41.5:1" in caught.value.hint


@given(st.text(max_size=20))
def test_that_no_text_breaks_the_bins(text):
    try:
        parse_bins(text)
    except BadInputError as error:
        assert error.hint  # noqa: PT017 - any text may also be a choice of bins


def test_that_edges_in_steps_are_the_notebook_s():
    edges = bin_edges(np.empty(0), parse_bins("32.5:41.5:1"))
    assert np.array_equal(edges, np.arange(32.5, 42.5))


def counted(*batches, edges=None) -> DelayCounts:
    counts = DelayCounts(edges)
    for batch in batches:
        counts.add(np.asarray(batch, np.float64))
    return counts


@given(DELAYS, st.integers(1, 50), st.lists(st.integers(0, 200), max_size=4), st.booleans())
def test_that_batches_add_up_to_numpy_s_histogram(values, count, cuts, beforehand):
    values = np.array(values, np.float64)
    edges = bin_edges(values, BinSpec(count=count))
    batches = np.split(values, sorted(min(cut, len(values)) for cut in cuts))
    counts, below, above = counted(*batches, edges=edges if beforehand else None).histogram(edges)
    assert np.array_equal(counts, np.histogram(values, edges)[0])
    assert below == above == 0


def test_that_values_beyond_the_edges_are_counted_apart():
    counts, below, above = counted([-1.0, 0.0, 1.0, 2.0], [2.5]).histogram(np.array([0.0, 1.0, 2.0]))
    assert (counts.tolist(), below, above) == ([1, 2], 1, 1)


@given(st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), max_size=300), st.booleans())
def test_that_automatic_bins_rise_and_hold_everything(values, log):
    values = np.array(values)
    edges = bin_edges(values, BinSpec(), log=log)
    assert (np.diff(edges) >= 0).all()
    assert edges[0] < edges[-1]
    counts, below, above = counted(values[values > 0] if log else values).histogram(edges)
    assert len(counts) <= 202
    assert len(counts) >= 20 or not len(values[values > 0] if log else values)
    assert edges[0] > 0 or not log
    assert below == above == 0


def test_that_one_far_delay_does_not_hide_the_others():
    delays = np.random.default_rng(4).lognormal(np.log(5e-4), 0.4, 1000)
    delays[500] = 3.7
    edges = bin_edges(delays, BinSpec())
    counts, _, _ = counted(delays).histogram(edges)
    low, high = core_range_s(edges)
    assert (low, high) == (edges[0], edges[-2])
    assert delays.min() <= low < high < 0.01
    assert np.count_nonzero(counts) > 10
    assert (counts[-1], counts.sum()) == (1, 1000)


def test_that_bins_of_equal_width_are_all_core():
    edges = np.linspace(-0.1, 0.7, 60)
    assert core_range_s(edges) == (edges[0], edges[-1])
    assert core_range_s(edges[:2]) == (edges[0], edges[1])
    logarithmic = np.geomspace(1e-3, 10, 30)
    assert core_range_s(logarithmic) == (logarithmic[0], logarithmic[-1])


def test_that_far_delays_on_both_sides_lie_beyond_the_core():
    edges = np.array([-5.0, 0.0, 0.1, 0.2, 0.3, 9.0])
    assert core_range_s(edges) == (0.0, 0.3)


def test_that_a_second_group_of_delays_stays_in_the_bins():
    delays = np.concatenate([np.linspace(0.0, 1e-3, 980), np.full(20, 37.0)])
    edges = bin_edges(delays, BinSpec())
    _, below, above = counted(delays).histogram(edges)
    assert below == above == 0
    assert core_range_s(edges)[1] == 37.0


@pytest.mark.parametrize("value", [0.0, 5e-4, -37.0, 1.0])
@pytest.mark.parametrize("log", [False, True])
def test_that_equal_delays_have_bins_too(value, log):
    edges = bin_edges(np.full(10, value), BinSpec(), log=log)
    assert (np.diff(edges) > 0).all()


def test_that_figures_are_those_of_all_delays():
    values = np.arange(101) / 100
    figures = summarise(counted([-9.0], values), 3)
    assert (figures.count, figures.absent, figures.worst_s) == (102, 3, -9.0)
    figures = summarise(counted(values), 0)
    assert (figures.median_s, figures.p90_s, figures.p99_s) == pytest.approx((0.5, 0.9, 0.99))


def test_that_no_delays_have_no_figures():
    figures = summarise(counted(), 7)
    assert (figures.count, figures.absent, figures.median_s, figures.worst_s) == (0, 7, None, None)


@pytest.mark.parametrize(
    ("delay_s", "date", "suspect"),
    [
        (37.2, "2024-01-31", True),
        (-36.8, "2024-01-31", True),
        (35.0, "2024-01-31", False),
        (35.0, "2014-01-31", True),
        (0.0005, "2024-01-31", False),
    ],
)
def test_that_mixed_scales_are_noticed(delay_s, date, suspect):
    sentence = suspect_scale(delay_s, parse_iso_ns(date, Timescale.UTC))
    assert (sentence is not None) == suspect
    assert suspect_scale(None, parse_iso_ns(date, Timescale.UTC)) is None
