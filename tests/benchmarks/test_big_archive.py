from tests.benchmarks.big_archive import measure


def test_that_a_big_archive_is_browsed_in_little_memory(capsys):
    figures = measure(300_000_000, moves=8)
    with capsys.disabled():
        print(
            f"\n{figures.gigabytes:.2f} GB: seen after {figures.first_s:.2f} s, held {figures.most_mb:.0f} MB"
        )
    assert figures.most_mb <= 300
    assert figures.first_s <= 3 * 3.0
