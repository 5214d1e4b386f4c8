"""A checkout of its own for a test: the project's text copied, its environments and jars shared."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deftunes.system.interruption import SIGNALS

PROJECT = Path(__file__).resolve().parent.parent
TEXT = ("deftunes", "mock_api", "spark_jobs", "dbt", "quality", "targets", "requirements", "superset", "notebooks")


@dataclass(frozen=True)
class Checkout:
    """A copy of the project at `root`, and the program run in it."""

    root: Path

    @property
    def python(self) -> Path:
        return self.root / ".venv/lake/bin/python"

    def deftunes(
        self, *arguments: str, timeout_s: float = 300, **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        """The finished program; its output is kept."""
        return subprocess.run(
            [str(self.python), "-m", "deftunes", *arguments],
            cwd=self.root,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """The program, running; its output goes to var/started.log."""
        with (self.root / "started.log").open("w") as log:
            return subprocess.Popen(
                [str(self.python), "-m", "deftunes", *arguments],
                cwd=self.root,
                env=self.environment(**environment),
                stdout=log,
                stderr=log,
                start_new_session=True,
                text=True,
            )

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Rows of one question."""
        done = self.deftunes("query", sql, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return list(json.loads(done.stdout))

    @staticmethod
    def environment(**more: str) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if name not in ("API_URL", "SOURCE_DSN", "SONGS_CSV")}
        return {**own, "DEFTUNES_TRACE": "", **more}


@contextmanager
def default_signals() -> Iterator[None]:
    """Signals as in a terminal, for programs started within: what a script starts in the background ignores some."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def checkout(root: Path) -> Checkout:
    """Copies the project's text to `root`, which shares the environments and jars."""
    for name in TEXT:
        shutil.copytree(PROJECT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "target", "logs"))
    (root / ".venv").symlink_to(PROJECT / ".venv")
    (root / "var").mkdir()
    (root / "var/jars").symlink_to(PROJECT / "var/jars")
    return Checkout(root)
