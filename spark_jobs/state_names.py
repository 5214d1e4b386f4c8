"""States: what the silver tables were, all together, when a run had published the last of them.

A state is an Iceberg tag of one name on every silver table and its quarantine. Its name says when it was closed (UTC)
and, at its end, which run closed it: the last part of the run's id. `_rollback` stands behind the name of a state that
a rollback made.

The order of commits. The run that refines CLOSING, which waits for all other tables, tags the others first and CLOSING
last: a state counts when CLOSING has its tag. A crash between two tags leaves tags that no state counts; the next run
closes a state of its own, and maintenance drops what was left (tests/integration/spark_jobs/test_states.py).

Standard library only: the jobs, which have Spark, and the command line, which has not, read the same names.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from spark_jobs.problem import Problem
from spark_jobs.silver import CLOSING

KEPT_STATES = 30  # older ones are dropped by maintenance, and with them the files that nothing else names
# A property of CLOSING, for as long as a rollback is half done: the state that it goes back to.
HALF_DONE = "deftunes.rollback"

ROLLBACK = "_rollback"
NAME = re.compile(rf"state_(\d{{8}}t\d{{6}})_([0-9a-z]+)({ROLLBACK})?")
_TIME = "%Y%m%dt%H%M%S"


def state_name(now: datetime, run_id: str, newest: str | None = None) -> str:
    """The name of a state closed `now`, after the `newest` one: also on a machine whose clock is behind."""
    moment = now.astimezone(UTC)
    if newest is not None:
        moment = max(moment, closed_at(newest) + timedelta(seconds=1))
    return f"state_{moment:{_TIME}}_{ending(run_id)}"


def ending(run_id: str) -> str:
    """The last part of a run's id, in the letters and digits that a tag may have."""
    return re.sub(r"[^0-9a-z]", "", run_id.lower().rpartition("_")[2]) or "manual"


def closed_at(name: str) -> datetime:
    """When the state was closed, UTC, to the second."""
    found = NAME.fullmatch(name)
    assert found is not None  # a name of state_names(...)
    return datetime.strptime(found[1], _TIME).replace(tzinfo=UTC)


def state_names(refs: Iterable[str]) -> list[str]:
    """The states among a table's refs, newest first."""
    return sorted((ref for ref in refs if NAME.fullmatch(ref)), reverse=True)


def of_same_run(names: Iterable[str], run_id: str, name: str) -> list[str]:
    """The other states that this run has closed: a run of several windows is one state in the end."""
    began = re.match(r"\d{8}t\d{6}", run_id)
    return [
        each
        for each in names
        if each != name
        and began is not None
        and each.startswith("state_")
        and each.removeprefix("state_")[:15] >= began[0]
        and each.endswith(f"_{ending(run_id)}")
    ]


def half_done_problem(wanted: str) -> Problem:
    """What whoever would read or write silver is told while a rollback to the state `wanted` is half done."""
    return Problem(
        "A rollback is half done: some silver tables are at its state, others are not yet",
        f"deftunes_silver.{CLOSING}, property {HALF_DONE}",
        wanted,
        f"finish it: make rollback TO={wanted}",
        "Nothing was changed.",
    )
