"""How far a load has come, in words."""

import contextvars

from efdviewer.domain.query import Statement
from efdviewer.domain.topics import Equals
from efdviewer.viewmodels.load_progress import LoadProgress

TOPIC = "lsst.sal.ESS.temperature"
WHOLE = TOPIC, ()
FIRST, SECOND = ((TOPIC, (Equals(field="salIndex", value=index),)) for index in (0, 1))


def sent(number, *, outcome="running", rows=0, share=0.0):
    return Statement(number=number, text="", started_utc_ns=0, rows=rows, share=share, outcome=outcome)


class Load:
    """A load in a task of its own, as far as contexts go."""

    def __init__(self, progress: LoadProgress, subset) -> None:
        self._progress = progress
        self._context = contextvars.copy_context()
        progress.begin(subset)
        self._context.run(progress.enter, subset)

    def tells(self, statement: Statement):
        return self._context.run(self._progress.observe, statement)


def test_that_queries_and_rows_of_a_load_are_counted_alone():
    progress = LoadProgress()
    loads = {subset: Load(progress, subset) for subset in (WHOLE, FIRST, SECOND)}
    assert progress.words(FIRST) == ""
    assert loads[FIRST].tells(sent(1)) == FIRST
    assert loads[SECOND].tells(sent(2)) == SECOND
    assert progress.words(FIRST) == "0 of 1 query answered"
    loads[FIRST].tells(sent(3))
    loads[FIRST].tells(sent(1, rows=1200, share=1.0, outcome="done"))
    assert progress.words(FIRST) == "1 of 2 queries answered, 1,200 rows, 50%"
    assert progress.words(SECOND) == "0 of 1 query answered"
    assert progress.words(WHOLE) == ""


def test_that_what_others_ask_and_replaced_loads_do_not_count():
    progress = LoadProgress()
    load = Load(progress, FIRST)
    assert progress.observe(sent(1)) is None
    load.tells(sent(3))
    progress.begin(FIRST)
    load.tells(sent(3, outcome="cancelled"))
    assert progress.words(FIRST) == ""


def test_that_a_load_that_still_goes_on_is_not_called_answered():
    progress = LoadProgress()
    load = Load(progress, FIRST)
    load.tells(sent(1))
    load.tells(sent(1, share=1.0, outcome="done"))
    assert progress.words(FIRST) == ""
    load.tells(sent(2))
    assert progress.words(FIRST) == "1 of 2 queries answered"
    load.tells(sent(2, rows=1200, share=1.0, outcome="done"))
    assert progress.words(FIRST) == "1,200 rows"
