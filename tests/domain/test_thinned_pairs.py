"""What is left of many pairs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.thinned_pairs import CELLS, thinned

MOST = CELLS**2 + 500


def cells(values: np.ndarray) -> np.ndarray:
    edges = np.linspace(values.min(), values.max(), CELLS + 1)
    return np.digitize(values, edges[1:-1])


@given(st.integers(0, 2**32 - 1), st.sampled_from(["cloud", "heavy", "line", "steps"]))
def test_that_each_cell_with_pairs_is_shown(seed, kind):
    rng = np.random.default_rng(seed)
    x = rng.standard_cauchy(30_000) if kind == "heavy" else rng.normal(0, 1, 30_000)
    y = {"line": 3 * x + 1, "steps": np.rint(x)}.get(kind, rng.normal(5, 1e-3, 30_000))
    kept = thinned(x, y, MOST)
    assert len(kept) <= MOST
    assert (np.diff(kept) > 0).all()
    whole = set(zip(cells(x).tolist(), cells(y).tolist(), strict=True))
    shown = set(zip(cells(x)[kept].tolist(), cells(y)[kept].tolist(), strict=True))
    # A value on the edge of a cell may be rounded to either side.
    assert len(whole - shown) <= 1
    for values in (x, y):
        assert values[kept].min() == values.min()
        assert values[kept].max() == values.max()


def test_that_few_pairs_are_all_shown():
    assert thinned(np.arange(MOST), np.ones(MOST), MOST).tolist() == list(range(MOST))
    assert thinned(np.empty(0), np.empty(0), MOST).tolist() == []


def test_that_no_long_part_of_the_time_is_left_out():
    x = np.zeros(100_000)
    x[-1] = 1
    assert np.diff(thinned(x, x, MOST)).max() <= 100_000 // 9_000 + 1


@pytest.mark.parametrize("scale", [1e-300, 1e300, 1.7e308])
def test_that_the_least_and_the_largest_numbers_have_cells(scale):
    x = np.linspace(-1, 1, 40_000) * scale
    kept = thinned(x, -x, MOST)
    assert len(np.unique(cells(x / scale)[kept])) == CELLS
    assert len(kept) <= MOST
