import asyncio
import subprocess
import sys
import threading
import time

import pytest

from efdviewer.sources.workers import run_in_own_thread, run_in_worker


@pytest.mark.parametrize("run", [run_in_worker, run_in_own_thread])
async def test_that_results_and_errors_come_back_from_another_thread(run):
    assert await run(threading.current_thread) is not threading.current_thread()
    assert await run(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await run(divmod, 7, 0)


@pytest.mark.parametrize("run", [run_in_worker, run_in_own_thread])
async def test_that_cancelling_does_not_wait_for_the_thread(run):
    begun, released, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        released.wait()
        ended.set()

    task = asyncio.create_task(run(work))
    await run_in_own_thread(begun.wait)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert not ended.is_set()
    released.set()
    await run_in_own_thread(ended.wait)


async def test_that_blocking_work_does_not_keep_others_from_a_worker():
    released = threading.Event()
    blocked = [asyncio.create_task(run_in_own_thread(released.wait)) for _ in range(20)]
    await asyncio.sleep(0)
    assert await run_in_worker(divmod, 7, 2) == (3, 1)
    released.set()
    await asyncio.gather(*blocked)


@pytest.mark.parametrize("run", ["run_in_worker", "run_in_own_thread"])
def test_that_work_that_hangs_does_not_hold_the_exit(run):
    program = f"""
import asyncio, contextlib, threading
from efdviewer.sources.workers import {run}
async def main():
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for({run}(threading.Event().wait), 0.1)
    print("closing", flush=True)
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "closing\n"
        begun_s = time.monotonic()
        assert process.wait(10) == 0
    assert time.monotonic() - begun_s < 2
