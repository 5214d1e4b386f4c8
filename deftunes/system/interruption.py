"""Interruption: how the program ends when a signal asks it to.

A signal raises Interruption in the main thread, so that what is open is closed on the way out: the screen, the Spark
worker, the lock. That may take GRACE_S. Then, or at a second signal, a thread that only watches signals ends the
process, wherever the main thread is: in a library that heeds no signal, or waiting for a thread that does not end.
Nothing is lost by that, for every commit of a run is one step that was made or was not
(tests/faults/test_killed_runs.py, tests/faults/test_interrupted_runs.py).
"""

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from deftunes.cli.json_text import json_text

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
GRACE_S = 2.0
SHOW_CURSOR = "\x1b[?25h"

RUN_AGAIN = "Every table's main branch is whole: run the same window again."
LEFT_BEHIND = {
    "run": RUN_AGAIN,
    "task": RUN_AGAIN,
    "up": "Some services may have started: make down stops them.",
    "dashboards": "Some services may have started: make down stops them.",
    "down": "Some services may still run: make down again.",
    "clean": "Some data may be gone already: make clean again removes the rest.",
}

_raised: list["Interruption"] = []
_leaving = threading.Lock()


class Interruption(BaseException):
    """A signal asked the program to end. `code` is its exit code: 128 and the signal's number, as shells count."""

    def __init__(self, number: int) -> None:
        self.code = 128 + number
        self.is_unread = number == signal.SIGPIPE
        super().__init__(f"interrupted by {signal.Signals(number).name}")


def say_what_is_left() -> None:
    """Says what an interruption leaves behind of the verb that the program was started with."""
    words = "Interrupted. " + LEFT_BEHIND.get(next(iter(sys.argv[1:]), ""), "Nothing was changed.")
    if "--json" in sys.argv:
        sys.stdout.write(json_text({"problem": {"what": words}}))
    sys.stderr.write(f"\n{words}\n")


def heed_signals(say: Callable[[], None] = say_what_is_left) -> None:
    """Lets SIGNALS raise Interruption in the main thread, which calls this; `say` speaks where that takes too long.

    A signal that is ignored stays so, as under nohup.
    """
    heeded = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    arrived, written = socket.socketpair()
    written.setblocking(False)
    signal.set_wakeup_fd(written.detach(), warn_on_full_buffer=False)
    for number in heeded:
        signal.signal(number, _interrupt)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)  # deftunes/__main__.py has them wait
    threading.Thread(target=_end_in_time, args=(arrived, say), daemon=True).start()


def leave(code: int, say: Callable[[], None] = say_what_is_left) -> NoReturn:
    """Ends the process at once, after `say` has spoken: threads that are still at work are not waited for."""
    if not _leaving.acquire(blocking=False):
        threading.Event().wait()  # the other thread is just leaving
    with contextlib.suppress(OSError, ValueError):  # the terminal may be gone
        if sys.stderr.isatty():
            sys.stderr.write(SHOW_CURSOR)
        say()
        if semaphores := sys.modules.get("multiprocessing.util"):
            semaphores._run_finalizers(0)  # else the process that keeps dbt's would print a warning after our words
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


@contextmanager
def threads(count: int | None = None) -> Iterator[ThreadPoolExecutor]:
    """A pool of threads whose work is waited for in the end, but not after an interruption."""
    pool = ThreadPoolExecutor(count)
    is_patient = True
    try:
        yield pool
    except Interruption:
        is_patient = False
        raise
    finally:
        pool.shutdown(wait=is_patient, cancel_futures=not is_patient)


def current_interruption() -> Interruption | None:
    """The interruption that was raised, if any: a library torn out of its work may have made its own error of it."""
    return next(iter(_raised), None)


def _interrupt(number: int, _: FrameType | None) -> None:
    if not _raised:
        _raised.append(Interruption(number))
        raise _raised[0]


def _end_in_time(arrived: socket.socket, say: Callable[[], None]) -> None:
    number = _next_signal(arrived)
    arrived.settimeout(GRACE_S)
    with contextlib.suppress(TimeoutError):
        _next_signal(arrived)
    leave(128 + number, say)


def _next_signal(arrived: socket.socket) -> int:
    while (number := arrived.recv(1)[0]) not in SIGNALS:
        pass
    return number
