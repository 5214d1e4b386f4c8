"""The run lock: one run at a time in one checkout."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deftunes import var
from spark_jobs.problem import Problem


class AnotherRunError(Problem):
    """A run is going already."""


@contextmanager
def run_lock(root: Path, of: str = "run") -> Iterator[int]:
    """Holds the checkout's lock, or that of one table, and yields its descriptor, for processes of the run to hold too.

    The system frees it when the last of them is gone, however they ended. Raises AnotherRunError, and var.VarError.
    """
    var.check_owner(root)
    path = root / f"var/run/{of}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 100, 0).decode().strip() or "unknown"
            raise AnotherRunError(
                "Another run is going in this checkout",
                str(path),
                f"process {holder}",
                "wait for it to end, then run again",
                "This run has not started: nothing was touched.",
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)
