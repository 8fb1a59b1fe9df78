from tests.benchmarks.many_delays import measure


def test_that_many_pairs_take_little_memory_and_their_percentiles_are_right(capsys):
    figures = measure(3_000_000, rounds=1)
    with capsys.disabled():
        print(
            f"\n3,000,000 pairs in {figures.took_s:.2f} s, {figures.most_mb - figures.drain_mb:.0f} MB beyond "
            f"reading them, percentiles within {100 * figures.error:.4f} %"
        )
    assert figures.error <= 1e-3
    assert figures.most_mb - figures.drain_mb <= 200
