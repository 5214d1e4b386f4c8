"""The jobs of a run, given to its warm Spark session."""

import json
import os
import subprocess
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from deftunes import runtimes
from spark_jobs.problem import Problem


class SparkJobs:
    """A worker process and the jobs it has. Used as a context manager; leaving it ends the process."""

    def __init__(
        self,
        root: Path,
        conf: Mapping[str, str],
        environment: Mapping[str, str],
        keep_open: int,
        log_file: Path | None = None,
    ) -> None:
        """`keep_open`: the run's lock, which the worker holds too, so that no second run starts beside it."""
        self._log = log_file or root / "var/logs/spark.log"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(root / ".venv/spark/bin/python"), "-m", "deftunes.spark_worker"],
                cwd=root,
                env=_environment(root, environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                pass_fds=(keep_open,),
                start_new_session=True,  # Ctrl-C is for the run, which then ends the worker
                text=True,
            )
        self._waiting: dict[int, Future[dict[str, Any]]] = {}
        self._lock = threading.Lock()
        self._send(dict(conf))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> "SparkJobs":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(timeout=5)
        if self._process.stdout:
            self._process.stdout.close()

    def run(self, argv: list[str]) -> dict[str, Any]:
        """The summary of one job. Raises Problem if it was stopped by one, or if the worker died."""
        future: Future[dict[str, Any]] = Future()
        with self._lock:
            number = len(self._waiting)
            self._waiting[number] = future
            if self._process.poll() is None:
                self._send([number, argv])
            else:
                future.set_exception(self._died())
        summary = future.result()
        if "problem" in summary:
            raise Problem(**summary["problem"])
        return summary

    def _send(self, message: Any) -> None:
        assert self._process.stdin is not None  # it is a pipe
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._died() from None

    def _read(self) -> None:
        assert self._process.stdout is not None  # it is a pipe
        for line in self._process.stdout:
            number, summary = json.loads(line)
            self._waiting[number].set_result(summary)
        with self._lock:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(self._died())

    def _died(self) -> Problem:
        code = self._process.wait()
        last = self._log.read_text(errors="replace").splitlines()[-3:]
        return Problem(
            "The Spark session ended",
            f"process {self._process.pid}, exit {code}",
            " | ".join(last) or "it said nothing",
            f"read {self._log}; if memory was short, lower spark.driver.memory in targets/embedded.spark.conf",
        )


def _environment(root: Path, more: Mapping[str, str]) -> dict[str, str]:
    return {
        **os.environ,
        "JAVA_HOME": str(runtimes.java_home(root)),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYTHONPATH": str(root),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(root / "var/tmp"),
        **more,
    }
