from tests.benchmarks.loading import run


def test_that_a_load_costs_little_more_than_its_bytes_and_leaves_the_window_alive(capsys):
    # A short form of the benchmark: the DataFrame's cost grows faster than its rows, so that it is 2 times
    # here what is 4 times there, and the bound on the clock is three times that of a machine of one's own.
    figures = run(400_000)
    with capsys.disabled():
        print(f"\n{figures}")
    assert figures.times_drain <= 1.5
    assert figures.times_faster >= 2
    assert figures.ours.gap_ms <= 3 * 16
    assert figures.ours.gap_ms < figures.frame.gap_ms
