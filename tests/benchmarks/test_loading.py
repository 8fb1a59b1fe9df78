from tests.benchmarks.loading import run


def test_that_a_load_costs_little_more_than_its_bytes_and_leaves_the_window_alive(capsys):
    # A short form: the fewer the rows, the more the start of a query weighs and the less the DataFrame, so 2
    # times draining stand for 1.5, and 3 times faster for 4; the bound on the clock is three times that of a
    # machine of one's own.
    figures = run(600_000)
    with capsys.disabled():
        print(f"\n{figures}")
    assert figures.times_drain <= 2
    assert figures.times_faster >= 3
    assert figures.ours.gap_ms <= 3 * 16
    assert figures.ours.gap_ms < figures.frame.gap_ms
