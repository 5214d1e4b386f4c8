"""Processes that carry this checkout's mark in their command line: found and ended, even without their supervisor."""

import contextlib
import os
import signal
import time
from pathlib import Path

from deftunes.programs import mark

PATIENCE_S = 5.0


def marked(root: Path) -> dict[int, str]:
    """Process id -> program name of every living process that was started for this checkout."""
    words = {mark(root), f"-D{mark(root)}"}
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            arguments = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if words & set(arguments):
                found[int(process.name)] = Path(arguments[0]).name
    return found


def end(root: Path) -> list[int]:
    """End every marked process, in good order if it goes within 5 s; their ids. Their children go with them."""
    ended = sorted(marked(root))
    for number, name in marked(root).items():
        send(
            number, signal.SIGINT if name == "postgres" else signal.SIGTERM
        )  # SIGTERM would let postgres wait for its clients
    if not gone(root, PATIENCE_S):
        for number in marked(root):
            send(number, signal.SIGKILL)
        gone(root, PATIENCE_S)
    return ended


def gone(root: Path, patience_s: float) -> bool:
    """True as soon as no marked process lives, False when `patience_s` have passed."""
    deadline = time.monotonic() + patience_s
    while marked(root):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def send(number: int, which: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(number, which)
