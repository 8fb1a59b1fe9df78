"""How far a load has come, in words."""

from efdviewer.domain.query import Statement
from efdviewer.viewmodels.load_progress import LoadProgress

WREB, POWER = "lsst.sal.ATCamera.wreb", "lsst.sal.ATCamera.wrebPower"


def sent(number, topic, *, outcome="running", rows=0, share=0.0, text='SELECT "x" FROM "efd"."autogen"."{}"'):
    return Statement(
        number=number,
        text=text.format(topic),
        started_utc_ns=0,
        rows=rows,
        share=share,
        outcome=outcome,
    )


def test_that_queries_and_rows_of_a_topic_are_counted_alone():
    progress = LoadProgress()
    progress.begin(WREB)
    progress.begin(POWER)
    assert progress.words(WREB) == ""
    assert progress.observe(sent(1, WREB)) == WREB
    assert progress.observe(sent(2, POWER)) == POWER
    assert progress.words(WREB) == "0 of 1 query answered"
    progress.observe(sent(3, WREB, text="READ x FROM {} time >= 1"))
    progress.observe(sent(1, WREB, rows=1200, share=1.0, outcome="done"))
    assert progress.words(WREB) == "1 of 2 queries answered, 1,200 rows, 50%"
    assert progress.words(POWER) == "0 of 1 query answered"


def test_that_other_topics_and_replaced_loads_do_not_count():
    progress = LoadProgress()
    progress.begin(WREB)
    assert progress.observe(sent(1, POWER)) is None
    assert progress.observe(sent(2, f"{WREB}.x")) is None
    progress.observe(sent(3, WREB))
    progress.begin(WREB)
    progress.observe(sent(3, WREB, outcome="cancelled"))
    assert progress.words(WREB) == ""
