from tests.benchmarks.startup import run


def test_that_the_demo_starts_about_as_fast_as_its_libraries_import(capsys):
    figures = run(2)
    with capsys.disabled():
        print(f"\n{figures}")
    assert figures.times_imports <= 1.8
    assert figures.gap_ms <= 3 * 50
