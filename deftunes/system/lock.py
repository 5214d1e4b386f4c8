"""Locks: one run at a time in one checkout, and one who starts or stops its services.

A lock is a file below var/run, which nobody else may open, and the system frees it when its last holder is gone.
`make clean` removes the file while it holds the lock. So whoever has locked one looks whether it still has its name:
else another could hold a new file of that name, and both believe to be alone (tests/unit/deftunes/test_lock.py).
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deftunes.system import var
from spark_jobs.problem import Problem

SERVICES_PATIENCE_S = 600.0  # a first start that loads a large catalogue takes minutes


class AnotherRunError(Problem):
    """A run is going already."""


@contextmanager
def run_lock(root: Path, of: str = "run") -> Iterator[int]:
    """Holds the checkout's lock, or that of one table, and yields its descriptor, for processes of the run to hold too.

    The system frees it when the last of them is gone, however they ended. Raises AnotherRunError, and var.VarError.
    """
    var.check_owner(root)
    descriptor = _acquire(root / f"var/run/{of}.lock", 0.0, "Another run is going in this checkout")
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def services_lock(root: Path) -> Iterator[None]:
    """Lets a second start or stop of the services wait for the first. Raises AnotherRunError when it takes minutes."""
    path = root / "var/run/services.lock"
    descriptor = _acquire(path, SERVICES_PATIENCE_S, "The services are being started or stopped")
    try:
        yield
    finally:
        os.close(descriptor)


def _acquire(path: Path, patience_s: float, what: str) -> int:
    """A descriptor of the locked file, which holds our process id. Raises AnotherRunError."""
    deadline = time.monotonic() + patience_s
    while True:
        descriptor = _open_lock_file(path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 100, 0).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            if time.monotonic() >= deadline:
                raise AnotherRunError(
                    what,
                    str(path),
                    f"process {holder}",
                    "wait for it to end, then run again",
                    "This run has not started: nothing was touched.",
                ) from None
            time.sleep(0.05)
            continue
        if _has_its_name(descriptor, path):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            return descriptor
        os.close(descriptor)


def _open_lock_file(path: Path) -> int:
    while True:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # clean has removed the folder since
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            os.fchmod(descriptor, 0o600)
            return descriptor


def _has_its_name(descriptor: int, path: Path) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), path.stat())
    return False
