import asyncio

import pytest

from efdviewer.domain.errors import EfdViewerError, QueryError
from efdviewer.services.tasks import TaskRunner


@pytest.fixture
def reported() -> list[EfdViewerError]:
    return []


@pytest.fixture
async def runner(reported):
    runner = TaskRunner(report=reported.append)
    yield runner
    await runner.close()


async def ended(runner: TaskRunner) -> None:
    while runner.outstanding:  # noqa: ASYNC110 - nothing announces the end of the last task
        await asyncio.sleep(0)


async def test_that_a_task_replaces_its_predecessor_and_drops_its_reply(runner):
    replies = []
    gate = asyncio.Event()

    async def stubborn():
        try:
            await gate.wait()
        except asyncio.CancelledError:
            raise QueryError("too late") from None

    async def second():
        replies.append("second")

    runner.submit("view", stubborn, name="first")
    await asyncio.sleep(0)
    runner.submit("view", second, name="second")
    await ended(runner)
    assert replies == ["second"]


async def test_that_a_late_failure_of_a_replaced_task_is_not_reported(runner, reported):
    gate = asyncio.Event()

    async def fails_when_cancelled():
        try:
            await gate.wait()
        except asyncio.CancelledError:
            raise QueryError("too late") from None

    runner.submit("view", fails_when_cancelled, name="first")
    await asyncio.sleep(0)
    runner.cancel("view")
    await ended(runner)
    assert reported == []


async def test_that_an_error_reaches_its_own_handler_else_the_report(runner, reported):
    mine = []

    async def fails():
        raise QueryError("no such function")

    runner.submit("a", fails, name="a", on_error=mine.append)
    runner.submit("b", fails, name="b")
    await ended(runner)
    assert [str(error) for error in mine] == ["no such function"]
    assert [str(error) for error in reported] == ["no such function"]


async def test_that_a_bug_is_reported_as_a_bug(runner, reported, caplog):
    async def broken():
        raise ZeroDivisionError("1/0")

    runner.submit("a", broken, name="division")
    await ended(runner)
    assert "fault in efdviewer itself" in str(reported[0])
    assert "division" in caplog.text


async def test_that_closing_ends_everything_and_refuses_more(runner):
    async def for_ever():
        await asyncio.Event().wait()

    runner.submit("a", for_ever, name="a")
    runner.submit("b", for_ever, name="b")
    await runner.close()
    assert runner.outstanding == 0
    runner.submit("c", for_ever, name="c")
    assert runner.outstanding == 0


async def test_that_what_was_reported_is_withdrawn_when_the_same_is_done_well():
    reported, withdrawn = [], []
    runner = TaskRunner(report=reported.append, withdraw=withdrawn.append)

    async def fail():
        raise QueryError("refused")

    async def succeed():
        pass

    for key, work in (("view", fail), ("other", succeed)):
        runner.submit(key, work, name=key)
    await ended(runner)
    assert (len(reported), withdrawn) == (1, [])
    for _ in range(2):
        runner.submit("view", succeed, name="again")
        await ended(runner)
    assert withdrawn == reported


async def test_that_who_waits_to_be_alone_waits_for_what_begins_meanwhile_and_what_is_ending(runner):
    gates = {name: asyncio.Event() for name in ("first", "second", "ending")}
    done = []

    async def work(name):
        try:
            await gates[name].wait()
        except asyncio.CancelledError:
            await gates[name].wait()
            raise
        finally:
            done.append(name)

    async def last():
        await runner.until_alone()
        done.append("last")

    for name in ("first", "ending"):
        runner.submit(name, lambda name=name: work(name), name=name)
    runner.submit("last", last, name="last")
    await asyncio.sleep(0)
    runner.cancel("ending")
    runner.submit("second", lambda: work("second"), name="second")
    for name in ("first", "second", "ending"):
        await asyncio.sleep(0)
        gates[name].set()
    await ended(runner)
    assert done == ["first", "second", "ending", "last"]
