"""A job that dies right before or right after any of its commits, and runs again, ends as one that was never killed.

COMMITS is the one list of what jobs commit between landing and a state. The scenario makes each of them do something:
a table becomes wider, a session moves between two days, a row is rejected, a rule names another, likes change.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from spark_jobs import run_log
from spark_jobs.lake import landing, states, tables
from tests.integration.spark_jobs.test_refine_sessions import item, seeded_lake, sold

__all__ = ["seeded_lake"]  # the fixture: a lake with one user and one track

COMMITS: dict[str, tuple[Any, str]] = {
    "manifest": (landing.Landing, "commit"),
    "alteration": (tables, "_alter"),
    "branch": (tables.Branch, "reset"),
    "write": (tables.Branch, "replace"),
    "moved records": (tables, "add_moved_records"),
    "quarantine": (tables.Quarantine, "replace"),
    "publishing": (tables.Branch, "publish"),
    "tags of a state": (states, "_everywhere"),
    "run log": (run_log.RunLog, "passed"),
}
FIRST, SECOND = "2020-03-01", "2020-03-02"
MORNING, NOON = "2020-04-01T06:00:00", "2020-04-01T12:00:00"
KEPT = {
    "sessions": "select * from SILVER.sessions",
    "quarantine": "select * from SILVER.quarantine_sessions",
    "moved": "select * from OPS.moved_sessions",
}


class Killed(BaseException):
    """What no code of a job may catch."""


@contextmanager
def killed(commit: str, when: str) -> Iterator[list[str]]:
    """The first such commit ends the job before or after it is made. What was reached stands in the list."""
    place, name = COMMITS[commit]
    original = getattr(place, name)
    reached: list[str] = []

    def dying(*arguments: Any, **options: Any) -> Any:
        if reached:
            return original(*arguments, **options)
        reached.append(commit)
        if when == "after":
            original(*arguments, **options)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, name, dying)
        yield reached


@pytest.fixture(scope="module")
def first_snapshot(seeded_lake: Any) -> int:
    """Of sessions, after the first delivery of both days."""
    seeded_lake.land("sessions", FIRST, [sold(FIRST, 1), sold(FIRST, 2), sold(FIRST, 3)], landed_at=MORNING)
    seeded_lake.land("sessions", SECOND, [sold(SECOND, 6), sold(SECOND, 7)], landed_at=MORNING)
    refine(seeded_lake, FIRST)
    return int(seeded_lake.head("sessions"))


def prepare(seeded_lake: Any, first_snapshot: int) -> None:
    """The lake after the first delivery, as code left it that knew of no user agents."""
    for table in ("SILVER.quarantine_sessions", "OPS.moved_sessions"):
        seeded_lake.rows(f"delete from {table}")
    for branch in seeded_lake.branches("sessions"):
        seeded_lake.rows(f"alter table SILVER.sessions drop branch `{branch}`")
    seeded_lake.rows(f"call lake.system.set_current_snapshot('deftunes_silver.sessions', {first_snapshot})")
    seeded_lake.rows("alter table SILVER.sessions drop column user_agent")


def deliver(seeded_lake: Any) -> None:
    """The second day again, and refined: a session moved, one gone, a row rejected, one that a rule names, a like."""
    liked = item(liked=True, liked_since="2020-03-05T10:00:00")
    unreadable, too_dear = item(price="dear"), item(price=9.99)
    second = [
        sold(SECOND, 2),
        sold(SECOND, 4, unreadable, item()),
        sold(SECOND, 5, too_dear, item()),
        sold(SECOND, 7, liked),
    ]
    seeded_lake.land("sessions", SECOND, second, landed_at=NOON)
    refine(seeded_lake)


def refine(seeded_lake: Any, first: str = SECOND) -> dict[str, Any]:
    summary: dict[str, Any] = seeded_lake.refine("sessions", first, SECOND, max_quarantine_share=0.5)
    assert "problem" not in summary, summary
    return summary


def contents(seeded_lake: Any) -> dict[str, list[tuple[Any, ...]]]:
    return {name: sorted(seeded_lake.rows(sql), key=repr) for name, sql in KEPT.items()}


@pytest.fixture(scope="module")
def clean(seeded_lake: Any, first_snapshot: int) -> dict[str, list[tuple[Any, ...]]]:
    """What the second delivery makes of the lake in one go."""
    prepare(seeded_lake, first_snapshot)
    deliver(seeded_lake)
    found = contents(seeded_lake)
    assert [len(rows) for rows in found.values()] == [6, 2, 2]
    return found


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("commit", COMMITS)
def test_job_killed_at_a_commit_and_run_again_ends_as_a_clean_one(
    clean: dict[str, list[tuple[Any, ...]]],
    first_snapshot: int,
    seeded_lake: Any,
    commit: str,
    when: str,
) -> None:
    prepare(seeded_lake, first_snapshot)
    with killed(commit, when) as reached, pytest.raises(Killed):
        deliver(seeded_lake)
    assert reached == [commit]
    deliver(seeded_lake)

    assert contents(seeded_lake) == clean
    assert seeded_lake.branches("sessions") == []
    [newest, *_] = sorted(seeded_lake.tags("sessions"), reverse=True)
    assert seeded_lake.rows(f"select count(*) from SILVER.sessions version as of '{newest}'") == [
        (len(clean["sessions"]),)
    ]
