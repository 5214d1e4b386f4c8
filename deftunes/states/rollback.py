"""Rollback: all silver tables, quarantine included, go back to one state together; landing and newer states stay.

The order of commits, each of one table and whole:
1. What main holds becomes a state, unless it is one already: so that this rollback can be undone.
2. CLOSING gets the property HALF_DONE. From now on no job refines and no build reads silver.
3. Every other table: main goes to the state's snapshot and gets the tag of a new state, in one commit.
4. CLOSING the same, and HALF_DONE and the tag `gold` go, in one commit: the rollback is done, with an entry of its own
   in history.

A crash before 2 has changed nothing. One before 4 leaves HALF_DONE, and the same command again finishes. Gold is built
after 4, of all of the newest state, which is the rollback's; a crash before that leaves gold as it was, and the next
build is of all of history, for the tag is gone (deftunes/gold/catching_up.py). With the tag, a build that had failed
half-way before the rollback would have left days in gold that no later build knows of
(tests/unit/deftunes/test_states.py, tests/specification/lake.qnt).

A table that the state does not have was made later: it stays as it is.
"""

import secrets
from datetime import UTC, datetime

from pyiceberg.exceptions import CommitFailedException
from pyiceberg.table import Table
from pyiceberg.table.update.snapshot import ManageSnapshots

from deftunes.gold.catching_up import TAG as GOLD
from deftunes.states.silver import NAMESPACE, SilverTables, State
from spark_jobs.problem import Problem
from spark_jobs.silver import CLOSING
from spark_jobs.state_names import HALF_DONE, ROLLBACK, state_name


def roll_back(silver: SilverTables, target: State) -> State:
    """Takes main of all tables of the state to its snapshots. Returns the state that is the newest from then on.

    Nothing is written when main and the newest state are there already. Raises Problem if another program changes one
    of the tables meanwhile: the same command again finishes.
    """
    main, newest = silver.main(), silver.newest()
    is_half_done = silver.half_done() is not None
    if not is_half_done and main.snapshots == newest.snapshots and target.snapshots.items() <= main.snapshots.items():
        return newest
    ending = secrets.token_hex(2)
    try:
        if not is_half_done:
            if not main.name:
                _keep(silver, main, _new_name(silver, ending))
            _begin(silver.tables[CLOSING], target)
        name, reached = _new_name(silver, ending) + ROLLBACK, {**main.snapshots, **target.snapshots}
        for table in sorted(reached, key=lambda table: table == CLOSING):
            _go_back(silver.tables[table], reached[table], name)
    except CommitFailedException as error:
        raise Problem(
            "Another program changed a table during the rollback",
            NAMESPACE,
            str(error),
            f"let the run that is going end, then give the same command again: make rollback TO={target.name}",
            "Tables that have gone back already wait for the others: until then nobody refines or builds gold.",
        ) from error
    return State(name, reached)


def _new_name(silver: SilverTables, ending: str) -> str:
    return state_name(datetime.now(UTC), ending, silver.newest().name or None)


def _keep(silver: SilverTables, main: State, name: str) -> None:
    for table in sorted(main.snapshots, key=lambda table: table == CLOSING):
        with silver.tables[table].manage_snapshots() as change:
            change.create_tag(main.snapshots[table], name)


def _begin(closing: Table, target: State) -> None:
    with closing.transaction() as change:
        change.set_properties({HALF_DONE: target.name})


def _go_back(table: Table, snapshot_id: int, name: str) -> None:
    """Main and the new state's tag, and on CLOSING the end of HALF_DONE and of the tag `gold`: one commit."""
    with table.transaction() as change:
        snapshots = ManageSnapshots(change).create_tag(snapshot_id, name)
        if HALF_DONE in table.properties:
            snapshots = snapshots.remove_tag(GOLD) if GOLD in table.metadata.refs else snapshots
            change.remove_properties(HALF_DONE)
        snapshots.set_current_snapshot(snapshot_id)
