"""Since when a source has answered nothing of what it was asked."""

import time

import pytest

from efdviewer.app.window import make_application
from efdviewer.domain.query import Statement
from efdviewer.viewmodels.link import Link

LONG_AGO_NS = time.time_ns() - 60 * 10**9


@pytest.fixture
def link() -> Link:
    make_application()
    return Link()


def sent(number=1, **changes) -> Statement:
    return Statement(number=number, text="", **({"started_utc_ns": LONG_AGO_NS} | changes))


def failed(number=1) -> Statement:
    return sent(number, outcome="It cannot be reached.", lost_link=True)


def test_that_it_is_silent_from_what_was_asked_first_until_anything_comes(link):
    link.observe(sent())
    assert link.silent_since_utc_ns is None
    link.observe(failed())
    link.observe(sent(2, started_utc_ns=LONG_AGO_NS + 10**9))
    assert link.silent_since_utc_ns == LONG_AGO_NS
    assert link.silence_s > 59
    link.observe(sent(2, received_bytes=1))
    assert link.silent_since_utc_ns is None
    assert link.silence_s is None


def test_that_one_who_hangs_is_silent_for_people_without_patience_alone(link):
    link.observe(sent())
    link.set_patience(30)
    assert link.silent_since_utc_ns == LONG_AGO_NS
    link.observe(sent(outcome="cancelled"))
    assert link.silent_since_utc_ns == LONG_AGO_NS
    link.observe(sent(2, outcome="done"))
    assert link.silent_since_utc_ns is None


def test_that_a_refusal_is_an_answer_and_a_cancelled_statement_is_none_that_is_missed(link):
    answers = []
    link.answered.connect(lambda: answers.append(True))
    link.set_patience(30)
    link.observe(failed())
    link.observe(sent(2, outcome="No such database."))
    assert answers == [True]
    link.observe(sent(3, started_utc_ns=time.time_ns()))
    link.observe(sent(3, outcome="cancelled"))
    assert link.silent_since_utc_ns is None
