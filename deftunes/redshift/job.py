"""The job `build` on Glue: gold of a window and of whatever was refined but not built before it, then published.

Order of commits, and what an end between any two leaves (tests/unit/deftunes/test_redshift_job.py):

1. dbt builds in gold_build and bi_build. An end here: readers see the last build, the tag stands where it stood.
2. Silver must stand where it stood before, table for table: external tables of Redshift show the newest snapshot at
   each statement and cannot be told another, so a build during which one moved may have read two states. It is built
   once more, up to TRIES times.
3. What was built is published in one transaction (deftunes/redshift/publish.py).
4. The tag `gold` of silver.sessions is set. An end before that: the next build covers the same days once more.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from spark_jobs.problem import Problem

TRIES = 3
Span = tuple[date, date]
# An act of deftunes/redshift/build.py for these days; none for all of history.
Act = Callable[[str, Span | None], dict[str, Any]]


class Silver(Protocol):
    """What the job asks of the lake."""

    def state(self) -> Mapping[str, str]:
        """Table -> address of its newest metadata."""
        ...

    def snapshot_id(self) -> int | None:
        """The snapshot of sessions that readers see."""
        ...

    def days_to_build(self, window: Span) -> Span | None:
        """The window and all days that changed since gold was built; none for all of history."""
        ...

    def mark_built(self, snapshot_id: int) -> None:
        """Gold is built of this snapshot."""
        ...


def build_and_publish(silver: Silver, window: Span, act: Act) -> dict[str, Any]:
    """The summary of a build that was published. Raises Problem, and then nothing was published."""
    for number in range(1, TRIES + 1):
        before, snapshot_id = silver.state(), silver.snapshot_id()
        days = silver.days_to_build(window)
        built = act("build", days)
        moved = {name for name, place in silver.state().items() if before.get(name) != place}
        if not moved:
            break
        if number == TRIES:
            raise Problem(
                f"Silver changed during each of {TRIES} builds",
                "deftunes_silver",
                ", ".join(sorted(moved)),
                "let what refines these tables end, then run the same window again",
                "What is published stays as it was: dashboards read the last build that passed.",
            )
    published = act("publish", days)
    if snapshot_id is not None:
        silver.mark_built(snapshot_id)
    return {**built, **published, "tries": number}


class BesideGlue:
    """Acts in a process whose modules are those of `packages`, and then ours in `code`: Glue's own are not seen."""

    def __init__(self, code: Path, packages: Path, folder: Path, request: Mapping[str, Any]) -> None:
        self._code, self._packages, self._folder, self._request = code, packages, folder, request

    def __call__(self, act: str, days: Span | None) -> dict[str, Any]:
        result = self._folder / f"{act}.json"
        result.unlink(missing_ok=True)
        span = [str(day) for day in days] if days else None
        request = {**self._request, "act": act, "window": span, "folder": str(self._folder)}
        done = subprocess.run(
            command(result),
            env=self._environment(),
            input=json.dumps(request),
            text=True,
            check=False,
            cwd=self._folder,
        )
        if not result.exists():
            raise Problem(
                f"The act {act} of gold ended without an answer",
                "deftunes.redshift.build",
                f"exit code {done.returncode}",
                "see the job's log, then run the same window again",
            )
        answer: dict[str, Any] = json.loads(result.read_text())
        if "problem" in answer:
            raise Problem(**answer["problem"])
        return answer

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "REDSHIFT_SSLMODE") if name in os.environ}
        modules = f"{self._packages}{os.pathsep}{self._code}"
        return {**kept, "HOME": str(self._folder), "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONPATH": modules}


def command(result: Path) -> Sequence[str]:
    return (sys.executable, "-s", "-m", "deftunes.redshift.build", str(result))
