"""The jobs of a run, given to a warm Spark session: the checkout's own, or one for this run only."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deftunes.lineage import settings as lineage
from deftunes.setup import runtimes
from deftunes.system import log_tail
from deftunes.system.program_environment import program_environment, way_out
from spark_jobs.problem import Problem

SOCKET = "var/run/spark.sock"
PATIENCE_S = 60.0
LONGEST_ADDRESS = 103  # bytes, of macOS; Linux takes four more. A checkout can lie deeper


class SparkJobs:
    """The jobs one run has at work. Used as a context manager; leaving it lets the worker go."""

    def __init__(
        self,
        channel: socket.socket,
        conf: Mapping[str, str],
        secret_conf: Mapping[str, str],
        environment: Mapping[str, str],
        lock: int | None,
        log: Path,
    ) -> None:
        """`lock`: the run's, which the worker holds too, so that no second run starts while a job is at work. None for
        jobs that only read.

        secret_conf: settings of Spark that must not stand in the command line of its JVM.
        """
        self._log, self._channel = log, channel
        self._waiting: list[Future[dict[str, Any]]] = []
        self._one_at_a_time = threading.Lock()
        self._is_gone = False
        if lock is None:
            channel.sendall(b"\n")
        else:
            socket.send_fds(channel, [b"\n"], [lock])
        self._lines = channel.makefile("r")
        self._send({"conf": dict(conf), "secret_conf": dict(secret_conf), "environment": dict(environment)})
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> "SparkJobs":
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.shutdown(socket.SHUT_WR)
        self._reader.join(timeout=10)
        self._lines.close()
        self._channel.close()

    def run(self, argv: list[str], references: "Future[bool] | None" = None) -> dict[str, Any]:
        """The summary of one job. Raises Problem if it was stopped by one, or if the worker died.

        `references`: known once what its rules compare with is there, or will not be; the job works until it needs it.
        """
        future: Future[dict[str, Any]] = Future()
        with self._one_at_a_time:
            number = len(self._waiting)
            self._waiting.append(future)
            if self._is_gone:
                raise self._session_ended()
            self._send([number, argv, references is not None])
        if references is not None:
            references.add_done_callback(lambda known: self._send_references(number, known.result()))
        summary = future.result()
        if "problem" in summary:
            raise Problem(**summary["problem"])
        return summary

    def _send_references(self, number: int, passed: bool) -> None:
        with self._one_at_a_time:
            self._send([number, passed])

    def _send(self, message: Any) -> None:
        try:
            self._channel.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            raise self._session_ended() from None

    def _read(self) -> None:
        try:
            for line in self._lines:
                number, summary = json.loads(line)
                self._waiting[number].set_result(summary)
        except OSError:
            pass  # the worker is gone: said to each job below
        with self._one_at_a_time:
            self._is_gone = True
            for future in self._waiting:
                if not future.done():
                    future.set_exception(self._session_ended())

    def _session_ended(self) -> Problem:
        return Problem(
            "The Spark session ended",
            str(self._log),
            log_tail.last_lines(self._log, 3).replace("\n", " | ") or "it said nothing",
            f"read {self._log}; if memory was short, give spark.driver.memory less in targets/embedded.spark.conf",
        )


def connect(root: Path) -> socket.socket:
    """A connection to the checkout's worker, which is being started. Raises Problem when it does not answer."""
    deadline = time.monotonic() + PATIENCE_S
    folder = os.open(root / SOCKET.rpartition("/")[0], os.O_RDONLY)
    address = str(root / SOCKET)
    if len(os.fsencode(address)) > LONGEST_ADDRESS and sys.platform == "linux":  # by way of the folder
        address = f"/proc/self/fd/{folder}/{Path(SOCKET).name}"
    try:
        while True:
            channel = socket.socket(socket.AF_UNIX)
            try:
                channel.connect(address)
            except OSError as error:
                channel.close()
                if time.monotonic() > deadline:
                    raise Problem(
                        "The Spark worker does not answer", str(root / SOCKET), str(error), "see var/logs/spark.log"
                    ) from error
                time.sleep(0.02)
            else:
                return channel
    finally:
        os.close(folder)


@contextmanager
def worker_of_its_own(root: Path, log_file: Path, *options: str) -> Iterator[socket.socket]:
    """A connection to a worker that was started for it and ends with it. `options`: see deftunes/run/worker.py."""
    ours, its = socket.socketpair()
    with log_file.open("ab") as log, its:
        process = subprocess.Popen(
            [*command(root), "--only", str(its.fileno()), *options],
            cwd=root,
            env={**os.environ, **program_environment(root), **environment(root, os.environ)},
            stdout=log,
            stderr=log,
            pass_fds=(its.fileno(),),
            start_new_session=True,  # Ctrl-C is for the run, which then ends the worker
        )
    try:
        yield ours
    finally:
        ours.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def command(root: Path, *options: str) -> tuple[str, ...]:
    """The command line of a worker, up to where it finds its runs."""
    return (str(root / ".venv/spark/bin/python"), *options, "-m", "deftunes.run.worker")


def environment(root: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """What a worker has in its environment beside what every program has; it is the one that asks the sources."""
    return {
        **way_out(environ),
        **lineage.java_environment(environ),
        "JAVA_HOME": str(runtimes.java_home(root)),
        "PYSPARK_PYTHON": str(root / ".venv/spark/bin/python"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
