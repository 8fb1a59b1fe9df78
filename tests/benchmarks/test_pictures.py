from tests.benchmarks.data import filled
from tests.benchmarks.pictures import measure_first

FRAME_S = 1 / 60


def test_that_a_view_costs_little_more_than_its_summary(tmp_path, capsys):
    with filled(tmp_path, 1_728_000, only="day") as bench:
        figures = measure_first(bench, bench.day)
    bare_s = figures.bare.best_s
    with capsys.disabled():
        print(f"\nview complete after {figures.complete_s:.3f} s, bare query {bare_s:.3f} s")
    # Half as much again, for shared machines, and three frames for what no query contains.
    assert figures.complete_s <= 1.5 * (1.3 * bare_s + 3 * FRAME_S)
