"""Processes that carry this checkout's mark in their command line: found and ended, even without their supervisor.

psutil reads the tables of Linux and of macOS. It is loaded when it is needed: the doctor comes before set-up, when
nothing of ours can run yet.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

from deftunes.services import server_user
from deftunes.services.programs import mark

PATIENCE_S = 5.0


def processes_of_checkout(root: Path) -> dict[int, str]:
    """Process id -> program name of every living process that was started for this checkout, and is ours to end.

    Everybody may start a program with our mark among its arguments: one of another user is none of ours.
    """
    words = {mark(root), f"-D{mark(root)}"}
    try:
        import psutil
    except ImportError:  # before set-up
        return {}
    found = {}
    for process in psutil.process_iter(["cmdline"]):
        arguments = process.info["cmdline"] or []
        with contextlib.suppress(psutil.Error):
            if words & set(arguments) and is_ours(user(process.pid)):
                found[process.pid] = Path(arguments[0]).name
    return found


def is_ours(number: int) -> bool:
    """True of the user that we are, or that PostgreSQL is."""
    return number == os.geteuid() or server_user.may_be(number)


def user(number: int) -> int:
    """The effective user id of a process. Raises psutil.Error when it has gone."""
    import psutil

    return int(psutil.Process(number).uids().effective)


def end(root: Path) -> list[int]:
    """End every marked process, in good order if it goes within 5 s; their ids. Their children go with them."""
    ended: list[int] = []
    while living := processes_of_checkout(root):  # again, for what a dying supervisor has started meanwhile
        for number, name in living.items():
            # At SIGTERM postgres would wait for its clients.
            send(number, signal.SIGINT if name == "postgres" else signal.SIGTERM)
        if not wait_until_gone(living, PATIENCE_S):
            for number in living:
                send(number, signal.SIGKILL)
            wait_until_gone(living, PATIENCE_S)
        ended += living
    return sorted(ended)


def wait_until_gone(numbers: Iterable[int], patience_s: float) -> bool:
    """True as soon as none of these processes lives, False when `patience_s` have passed."""
    deadline = time.monotonic() + patience_s
    while any(lives(number) for number in numbers):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def lives(number: int) -> bool:
    """False once it has let go of its ports: an ending process loses its command line earlier than its sockets.

    The last of its threads lets go of them, and the first one, which gives the process its state, need not be the last.
    """
    import psutil

    with contextlib.suppress(psutil.Error):  # it goes while it is looked at
        process = psutil.Process(number)
        return process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD) or process.num_threads() > 1
    return False


def send(number: int, which: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(number, which)
