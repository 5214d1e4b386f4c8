"""Processes that carry this checkout's mark in their command line: found and ended, even without their supervisor."""

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
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            arguments = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if words & set(arguments) and is_ours(user(process)):
                found[int(process.name)] = Path(arguments[0]).name
    return found


def is_ours(number: int) -> bool:
    """True of the user that we are, or that PostgreSQL is."""
    return number == os.geteuid() or server_user.may_be(number)


def user(process: Path) -> int:
    """The effective user id of a process, by proc(5); its folder is root's when it may not be looked into."""
    lines = (process / "status").read_text().splitlines()
    return next(int(line.split()[2]) for line in lines if line.startswith("Uid:"))


def end(root: Path) -> list[int]:
    """End every marked process, in good order if it goes within 5 s; their ids. Their children go with them."""
    ended: list[int] = []
    while living := processes_of_checkout(root):  # again, for what a dying supervisor has started meanwhile
        for number, name in living.items():
            # At SIGTERM postgres would wait for its clients.
            send(number, signal.SIGINT if name == "postgres" else signal.SIGTERM)
        if not gone(living, PATIENCE_S):
            for number in living:
                send(number, signal.SIGKILL)
            gone(living, PATIENCE_S)
        ended += living
    return sorted(ended)


def gone(numbers: Iterable[int], patience_s: float) -> bool:
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
    with contextlib.suppress(OSError):  # it goes while its threads are listed
        return any(state(thread) not in "ZX" for thread in Path(f"/proc/{number}/task").iterdir())
    return False


def state(thread: Path) -> str:
    """One letter, see proc(5); X, dead, when it is there no more."""
    try:
        return (thread / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def send(number: int, which: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(number, which)
