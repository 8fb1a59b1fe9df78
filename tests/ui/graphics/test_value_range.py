import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.session import ValueAxis
from efdviewer.ui.graphics.frame import Frame, ValueScale
from efdviewer.ui.graphics.value_range import scale_for, value_ticks
from tests.ui.plots import RANGE

numbers = st.floats(-1e12, 1e12, allow_subnormal=False).map(lambda value: 0.0 if abs(value) < 1e-9 else value)


@given(values=st.lists(numbers, min_size=1), log=st.booleans())
def test_that_free_limits_hold_every_value_with_room_to_spare(values, log):
    array = np.array(values)
    scale = scale_for(ValueAxis(log=log), [array])
    places = scale.transformed(array)
    places = places[np.isfinite(places)]
    assert scale.low < scale.high
    assert np.all((places > scale.low) & (places < scale.high))


@given(low=numbers, high=numbers, most=st.integers(2, 20))
def test_that_labels_of_neighbouring_ticks_differ(low, high, most):
    if not high - low > max(abs(low), abs(high)) * 1e-9:
        return
    labels = [tick.label for tick in value_ticks(ValueScale(low=low, high=high), most)]
    assert len(set(labels)) == len(labels) <= most + 1


def test_that_fixed_limits_are_taken_as_they_are():
    scale = scale_for(ValueAxis(low=-1.5, high=7.25), [np.array([100.0])])
    assert scale.limits() == (-1.5, 7.25)


def test_that_one_fixed_limit_beyond_the_data_still_leaves_an_axis():
    scale = scale_for(ValueAxis(low=50.0), [np.array([1.0, 2.0])])
    assert scale.low == 50.0 < scale.high


def test_that_free_limits_rest_while_data_moves_a_little():
    wave = np.sin(np.linspace(0, 6.28, 500))
    assert scale_for(ValueAxis(), [wave]) == scale_for(ValueAxis(), [wave * 0.999])


def test_that_nothing_and_infinite_values_do_not_break_an_axis():
    assert scale_for(ValueAxis(), []).limits() == (0.0, 1.0)
    assert math.isfinite(scale_for(ValueAxis(), [np.array([np.inf, 1.0, np.nan])]).high)


def test_that_a_pixel_row_gives_back_its_value_on_both_scales():
    frame = Frame(left=0, top=0, width=100, height=200, time_range=RANGE)
    for scale in (ValueScale(low=-5, high=5), ValueScale(low=-3, high=4, log=True)):
        y = float(scale.y_of(frame, np.array([0.25]))[0])
        assert scale.value_at(frame, y) == pytest.approx(0.25)
