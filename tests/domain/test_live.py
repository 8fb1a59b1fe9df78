import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.errors import SessionFormatError
from efdviewer.domain.live import duration_text, follow, is_following, is_paused, stop_following
from efdviewer.domain.session import LIVE_INTERVALS_S, Session
from efdviewer.domain.session_format import session_from_json, session_to_json
from efdviewer.domain.timerange import TimeRange, resolve_expression
from efdviewer.domain.timescale import Timescale

HOUR_NS = 3_600_000_000_000
SHOWN = TimeRange(start_utc_ns=10**18, end_utc_ns=10**18 + 20 * HOUR_NS)


@pytest.mark.parametrize(
    ("end", "follows"), [("now", True), ("now-1h", True), ("8h", True), ("2024-01-31", False)]
)
def test_that_a_range_that_ends_at_some_now_follows(end, follows):
    session = Session(start="now-30h", end=end, live_s=5)
    assert is_following(session) is follows
    assert is_paused(session) is not follows
    assert not is_following(stop_following(session))
    assert not is_paused(stop_following(session))


def test_that_a_range_that_stands_still_is_let_go_with_its_length():
    still = Session(start="2024-01-31", end="2024-01-31T20:00")
    followed = follow(still, 10, SHOWN)
    assert (followed.start, followed.end, followed.live_s) == ("now-20h", "now", 10)


@pytest.mark.parametrize(
    ("span_ns", "start"),
    [
        (78_643_200_000, "now-79s"),
        (4_718_592_000_000, "now-1h18m39s"),
        (7_864_320_000, "now-7.9s"),
        (78_643_200, "now-79ms"),
        (9_999_600_000, "now-10s"),
        (100, "now-100ns"),
    ],
)
def test_that_a_length_that_a_mouse_chose_is_written_as_a_person_would_type_it(span_ns, start):
    shown = TimeRange(start_utc_ns=10**18, end_utc_ns=10**18 + span_ns)
    assert follow(Session(start="2024-01-31", end="2024-02-01"), 10, shown).start == start


def test_that_what_was_typed_relative_to_now_stays():
    delayed = Session(start="now-2h", end="now-1h")
    followed = follow(delayed, 1, SHOWN)
    assert (followed.start, followed.end, followed.live_s) == ("now-2h", "now-1h", 1)
    assert follow(followed, 1, SHOWN) is followed


@pytest.mark.parametrize(
    ("span_ns", "text"),
    [
        (20 * HOUR_NS, "20h"),
        (24 * HOUR_NS, "24h"),
        (48 * HOUR_NS, "2d"),
        (HOUR_NS * 3 // 2, "90m"),
        (76_800_000_000, "76.8s"),
        (119 * 60 * 10**9, "119m"),
        (119 * 10**9, "119s"),
        (4719 * 10**9, "1h18m39s"),
        (26 * HOUR_NS + 30 * 10**9, "26h30s"),
        (150 * 10**9, "2m30s"),
        (3_600_000_000_001, "3600.000000001s"),
        (1_500_000, "1.5ms"),
        (1_500, "1.5us"),
        (999, "999ns"),
    ],
)
def test_that_lengths_are_written_in_a_unit_that_divides_them_or_with_decimals(span_ns, text):
    assert duration_text(span_ns) == text


@given(st.integers(1, 9 * 10**18))
def test_that_a_written_length_is_exact(span_ns):
    expression = f"now-{duration_text(span_ns)}"
    moment = resolve_expression(expression, now_utc_ns=10**18, timescale=Timescale.UTC, is_end=False)
    assert moment == 10**18 - span_ns


@pytest.mark.parametrize("live_s", [0, *LIVE_INTERVALS_S])
def test_that_a_session_keeps_how_often_it_is_refreshed(live_s):
    session = Session(live_s=live_s)
    assert session_from_json(session_to_json(session)) == session


@pytest.mark.parametrize("damaged", [2, -1, 86_400])
def test_that_a_session_with_another_interval_is_refused(damaged):
    with pytest.raises(SessionFormatError, match="live_s"):
        session_from_json(session_to_json(Session(live_s=damaged)))
