"""Processes of the rehearsal: started with a log, waited for, and ended with the context that started them."""

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 60
STOP_PATIENCE_S = 10


class StartError(Exception):
    """A process does not answer; the message holds its last words and its log."""


@dataclass(frozen=True)
class Running:
    name: str
    handle: "subprocess.Popen[bytes]"
    log: Path


@contextmanager
def process(
    name: str, command: Sequence[str], folder: Path, environment: Mapping[str, str], cwd: Path | None = None
) -> Iterator[Running]:
    """A process that writes to <folder>/<name>.log; it is ended when the context is left, however that happens."""
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        handle = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=output, stderr=output, cwd=cwd, start_new_session=True
        )
    try:
        yield Running(name, handle, log)
    finally:
        handle.terminate()
        try:
            handle.wait(timeout=STOP_PATIENCE_S)
        except subprocess.TimeoutExpired:
            handle.kill()
            handle.wait()


def wait_for_answer(running: Running, url: str) -> None:
    """Returns when the address gives any answer. Raises StartError when the process is gone or patience is."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  our own, on loopback
                return
        except urllib.error.HTTPError:
            return
        except OSError as error:
            if running.handle.poll() is not None or time.monotonic() > deadline:
                last = running.log.read_text(errors="replace")[-1500:]
                raise StartError(
                    f"{running.name} does not answer at {url}: {error}\n{last}\n({running.log})"
                ) from error
        time.sleep(0.1)


def why(output: str) -> str:
    """The last line that says why a program ended: an exception's, else simply the last."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return next((line for line in reversed(lines) if "Exception" in line), lines[-1] if lines else "it said nothing")
