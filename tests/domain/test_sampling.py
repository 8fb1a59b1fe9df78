"""How often a field is sampled, and where it falls silent."""

import numpy as np
import pytest

from efdviewer.domain.sampling import Sampling
from efdviewer.domain.statistics import Moments

SECOND = 10**9


def test_that_a_hole_is_a_gap_and_does_not_change_the_rate():
    steady = np.arange(100) * SECOND // 20
    times = np.concatenate([steady, steady + 60 * SECOND, steady + 600 * SECOND])
    found = Sampling.of(times)
    assert found.rate_hz == pytest.approx(20)
    assert found.gaps == 2
    spacing = np.diff(times)
    assert found.longest_gap_ns == spacing.max()
    assert found.gap_start_utc_ns == times[spacing.argmax()]


@pytest.mark.parametrize("count", [0, 1])
def test_that_fewer_than_two_moments_have_no_rate(count):
    assert Sampling.of(np.arange(count) * SECOND) == Sampling()


def test_that_jitter_is_no_gap_and_equal_moments_do_no_harm():
    random = np.random.default_rng(2)
    times = np.cumsum(random.integers(SECOND // 2, 3 * SECOND // 2, 1000))
    assert (Sampling.of(times).gaps, Sampling.of(times).longest_gap_ns) == (0, None)
    assert Sampling.of(np.array([5, 5, 5, 5])) == Sampling()


def test_that_the_root_mean_square_of_parts_is_that_of_all():
    values = np.random.default_rng(3).normal(5, 2, 1000)
    found = Moments()
    for part in np.split(values, [1, 500, 500]):
        found = found.merged(Moments.of(part))
    assert found.rms == pytest.approx(np.sqrt((values**2).mean()), rel=1e-12)
    assert Moments().rms is None
