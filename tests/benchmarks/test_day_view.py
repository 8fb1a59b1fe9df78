from tests.benchmarks.day_view import run
from tests.benchmarks.loading import FULL_ROWS


def test_that_a_view_costs_little_more_than_its_summary(capsys):
    figures = run(FULL_ROWS)
    with capsys.disabled():
        print(f"\n{figures}")
    # Half as much again, for shared machines.
    assert min(figures.view_s) <= 1.5 * figures.limit_s
