"""Garbage is collected where widgets may be destroyed."""

import gc
import threading
import time
import weakref

import pytest
from PySide6.QtCore import QObject
from PySide6.QtTest import QTest

from efdviewer.app.window import make_application
from efdviewer.sources.workers import run_in_worker
from tests.windows import in_window


@pytest.fixture
def collecting_threads():
    threads = []

    def note(phase, info):
        threads.append(threading.current_thread())

    gc.callbacks.append(note)
    yield threads
    gc.callbacks.remove(note)


def _allocate() -> int:
    return len([[index] for index in range(200_000)])


def test_that_work_in_threads_collects_nothing_there(night, collecting_threads):
    async def work(window):
        del collecting_threads[:]
        await run_in_worker(_allocate)
        assert not collecting_threads

    in_window([str(night)], work)


def test_that_cycles_are_collected_in_the_thread_of_the_widgets(collecting_threads):
    make_application()

    class Node(QObject):
        pass

    node = Node()
    node.itself = node
    gone = weakref.ref(node)
    del node
    kept = [[index] for index in range(10_000)]
    deadline = time.monotonic() + 10
    while gone() is not None and time.monotonic() < deadline:
        QTest.qWait(50)
    assert gone() is None
    assert set(collecting_threads) == {threading.main_thread()}
    assert kept


def test_that_a_dropped_window_can_be_collected_and_another_opened(night):
    async def nothing(window):
        return weakref.ref(window)

    for _ in range(2):
        gone = in_window([str(night)], nothing)
        gc.collect()
        assert gone() is None
