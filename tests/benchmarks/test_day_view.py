from tests.benchmarks.day_view import run


def test_that_a_view_costs_little_more_than_its_summary(capsys):
    # A short form: of a fifth of the rows the query takes a fifth of the time, the window's part as long as ever.
    figures = run(345_600)
    with capsys.disabled():
        print(f"\n{figures}")
    assert min(figures.view_s) <= 3 * figures.limit_s
