"""History: every state of the lake with what made it, newest first.

The log of runs is read through the catalog, as on every target; only the files that hold rows of these states are.
"""

from datetime import timedelta
from typing import Any

import duckdb
from pyiceberg.catalog import Catalog

from deftunes.states.silver import SilverTables, State
from spark_jobs.silver import CLOSING, TABLES

# The run that published what a table holds in a state: the last one that found the table at that snapshot before the
# state was closed. The rules of a table: those of the last such run that evaluated any.
RUNS = """
with states(state, table_name, snapshot_id, closed_before) as (values {values}),
evaluations as (
  select run_id, table_name, window_from, window_to, count(*) filter (lower(outcome) = 'passed') as passed,
    count(*) filter (lower(outcome) = 'failed') as failed,
    count(*) filter (lower(outcome) = 'quarantined') as quarantined
  from rule_outcomes group by all
),
found as (
  select states.state, runs.*, evaluations.passed, evaluations.failed, evaluations.quarantined
  from states join runs using (table_name, snapshot_id)
  left join evaluations using (run_id, table_name, window_from, window_to)
  where runs.started_at < cast(states.closed_before as timestamptz)
)
select state, table_name, arg_max(run_id, started_at) as run_id, arg_max(window_from, started_at) as window_from,
  arg_max(window_to, started_at) as window_to, arg_max(passed, started_at) filter (passed is not null) as passed,
  arg_max(failed, started_at) filter (passed is not null) as failed,
  arg_max(quarantined, started_at) filter (passed is not null) as quarantined
from found group by state, table_name
"""


def history(catalog: Catalog) -> list[dict[str, Any]]:
    """One row per state: what the tables held, the run that closed it, its rules, and whether gold is built of it.

    `rows` of a table, `change` since the state before; `window` and `run_id` are those of the closing table's run.
    """
    silver = SilverTables(catalog)
    states = silver.states()
    if not states:
        return []
    runs = _runs(catalog, states)
    main, gold = silver.main(), silver.gold()
    return [
        {
            "state": state.name,
            "closed_at": state.closed_at,
            "made_by": "rollback" if state.is_rollback else "run",
            **_run(runs, state),
            "tables": {name: _table(silver, name, state, before) for name in state.snapshots},
            "rules": _rules(runs, state),
            "is_current": state.name == main.name,
            "is_gold": gold is not None and state.name == gold.name,
        }
        for state, before in zip(states, [*states[1:], None], strict=True)
    ]


def _runs(catalog: Catalog, states: list[State]) -> dict[tuple[str, str], dict[str, Any]]:
    """By state and table, the row of RUNS."""
    values = ", ".join(
        f"('{state.name}', '{table}', {snapshot_id}, '{state.closed_at + timedelta(seconds=1)}')"
        for state in states
        for table, snapshot_id in state.snapshots.items()
    )
    snapshots = ", ".join(str(snapshot_id) for state in states for snapshot_id in state.snapshots.values())
    found_them = f"verb = 'refine' and outcome = 'passed' and snapshot_id in ({snapshots})"
    columns = ("run_id", "table_name", "window_from", "window_to", "snapshot_id", "started_at")
    runs = catalog.load_table("deftunes_ops.runs").scan(found_them, selected_fields=columns).to_arrow()
    run_ids = ", ".join(f"'{run_id}'" for run_id in ("none", *runs["run_id"].to_pylist()))
    outcomes = catalog.load_table("deftunes_ops.rule_outcomes").scan(f"run_id in ({run_ids})").to_arrow()
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.register("runs", runs)
        connection.register("rule_outcomes", outcomes)
        answer = connection.execute(RUNS.format(values=values))
        names = [column[0] for column in answer.description or []]
        found = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    return {(str(row["state"]), str(row["table_name"])): row for row in found}


def _run(runs: dict[tuple[str, str], dict[str, Any]], state: State) -> dict[str, Any]:
    closing = runs.get((state.name, CLOSING), {})
    return {key: closing.get(key) for key in ("run_id", "window_from", "window_to")}


def _rules(runs: dict[tuple[str, str], dict[str, Any]], state: State) -> dict[str, int]:
    evaluated = [runs.get((state.name, table), {}) for table in TABLES]
    return {key: sum(each.get(key) or 0 for each in evaluated) for key in ("passed", "failed", "quarantined")}


def _table(silver: SilverTables, name: str, state: State, before: State | None) -> dict[str, int | None]:
    rows = silver.row_count(name, state.snapshots[name])
    earlier = before.snapshots.get(name) if before is not None else None
    known = silver.row_count(name, earlier) if earlier is not None else None
    return {"rows": rows, "change": rows - known if rows is not None and known is not None else None}
