from tests.benchmarks.startup import measure


def test_that_the_demo_starts_about_as_fast_as_its_libraries_import(capsys):
    figures = measure(2)
    with capsys.disabled():
        print(f"\nfirst curve after {figures.times_imports:.2f} times the imports; gaps {figures.gaps_ms} ms")
    # A fifth more than must hold, for shared machines.
    assert figures.times_imports <= 1.8
    assert max(figures.gaps_ms) <= 3 * 50
