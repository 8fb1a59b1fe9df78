import json

from tests.benchmarks.__main__ import replace_figures
from tests.benchmarks.table import Mark, Row, as_json, as_markdown, failed

HEADER = {"date": "2025-01-31"}


def row(*marks: Mark) -> Row:
    return Row(name="load", unit="s", ours=2.0, rivals={"others": 9.0}, limits={"bytes": 1.0}, marks=marks)


def test_that_a_row_says_which_way_a_mark_was_missed():
    kept = Mark.faster(2.0, "others", 9.0, 4.5)
    missed = Mark.within(2.0, "bytes", 1.0, 1.3)
    assert (kept.holds, missed.holds) == (True, False)
    assert row(kept).cells()[-2] == "yes"
    assert row(kept, missed).cells()[-2] == "**no**"
    assert "at most 1.3 times bytes: 2" in as_markdown(HEADER, [row(kept, missed)])


def test_that_a_benchmark_that_failed_holds_nothing_and_is_told_of():
    lost = failed("moves", TimeoutError("not complete"))
    assert not lost.holds
    assert "TimeoutError: not complete" in as_markdown(HEADER, [lost])
    document = json.dumps(as_json(HEADER, [row(), lost]), allow_nan=False)
    assert json.loads(document)["rows"][1]["holds"] is False


def test_that_new_figures_take_the_place_of_the_old_ones(tmp_path):
    readme = tmp_path / "README.md"
    begin, end = "<!-- figures of make bench: begin -->", "<!-- figures of make bench: end -->"
    readme.write_text(f"before\n{begin}\nold\n{end}\nafter\n")
    replace_figures(readme, "new\n")
    replace_figures(readme, "newer\n")
    assert readme.read_text() == f"before\n{begin}\n\nnewer\n\n{end}\nafter\n"
