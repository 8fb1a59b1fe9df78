"""The last sample before a moment is remembered for all moments that it is true of, and for no others."""

from hypothesis import given
from hypothesis import strategies as st

from efdviewer.services.held_values import HeldValues, Sample
from efdviewer.services.tiles import SeriesKey

KEY, OTHER = (SeriesKey("origin", "lsst.sal.CSC.logevent_x", name, ()) for name in "ab")
moments = st.integers(0, 40)
sample_times = st.lists(moments, unique=True, max_size=10).map(sorted)


def last_before(times: list[int], before: int) -> Sample | None:
    earlier = [each for each in times if each < before]
    return Sample(earlier[-1], float(earlier[-1])) if earlier else None


@given(sample_times, st.lists(st.tuples(moments, st.booleans()), max_size=15))
def test_that_what_is_remembered_is_true_of_each_moment_and_serves_all_up_to_it(times, asked):
    held = HeldValues()
    noted = []
    for before, is_final in asked:
        if held.find(KEY, before)[0]:
            continue
        held.note(KEY, before, last_before(times, before), is_final=is_final)
        noted.append((before, is_final))
        assert held.find(KEY, before) == (True, last_before(times, before))
    for moment in range(42):
        known, sample = held.find(KEY, moment)
        if known:
            assert sample == last_before(times, moment)
        serves = any(
            moment == before
            or (is_final and moment <= before and last_before(times, moment) == last_before(times, before))
            for before, is_final in noted
        )
        assert known == serves
        assert held.find(OTHER, moment) == (False, None)


def test_that_what_is_not_final_counts_for_its_moment_alone():
    held = HeldValues()
    held.note(KEY, 20, Sample(5, 1.0), is_final=False)
    assert held.find(KEY, 20) == (True, Sample(5, 1.0))
    assert held.find(KEY, 19) == held.find(KEY, 21) == (False, None)
    held.note(KEY, 20, Sample(12, 2.0), is_final=True)
    assert held.find(KEY, 20) == held.find(KEY, 13) == (True, Sample(12, 2.0))
    assert held.find(KEY, 12) == (False, None)


def test_that_none_before_a_moment_means_none_before_any_earlier_one():
    held = HeldValues()
    held.note(KEY, 20, None, is_final=True)
    assert held.find(KEY, 20) == held.find(KEY, -(10**18)) == (True, None)


def test_that_what_is_forgotten_is_asked_for_anew():
    held = HeldValues()
    for key in (KEY, OTHER):
        held.note(key, 20, Sample(5, 1.0), is_final=True)
    held.forget(KEY)
    held.forget(KEY)
    assert held.find(KEY, 20) == (False, None)
    assert held.find(OTHER, 20)[0]


def test_that_what_was_asked_for_last_is_known_however_much_was_before():
    """A person who pans back through many events gets the value held at each."""
    held = HeldValues()
    for moment in range(5_000, 0, -2):
        held.note(KEY, moment, Sample(moment - 1, 1.0), is_final=True)
        assert held.find(KEY, moment) == (True, Sample(moment - 1, 1.0))
    assert len(held._known[KEY]) < 1_000
