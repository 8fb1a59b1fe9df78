from tests.benchmarks import rivals
from tests.benchmarks.data import filled
from tests.benchmarks.loading import DRAIN, OURS, measure
from tests.benchmarks.windows import run_on_loop


def test_that_a_load_costs_little_more_than_its_bytes_and_leaves_the_window_alive(tmp_path, capsys):
    # A short form: the fewer the rows, the more the start of a query weighs and the less the DataFrame, so 2
    # times draining stand for 1.3, and 3 times faster for 4.5; the bound on the clock is three times that of a
    # machine of one's own.
    with filled(tmp_path, 600_000, only="day") as bench:
        runs = run_on_loop(measure(bench, bench.day, rival_rounds=1))
    with capsys.disabled():
        print(
            "\n"
            + "\n".join(f"{name}: {each.best_s:.2f} s, {each.gap_ms:.0f} ms" for name, each in runs.items())
        )
    ours, frame = runs[OURS], runs[rivals.AIOINFLUX]
    assert ours.best_s <= 2 * runs[DRAIN].best_s
    assert 3 * ours.best_s <= frame.best_s
    assert ours.gap_ms <= 3 * 16
    assert ours.gap_ms < frame.gap_ms
