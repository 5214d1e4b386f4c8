"""The state of the lake's tables, from the run log and the tables themselves."""

from pathlib import Path
from typing import Any

from pyiceberg.catalog import Catalog

from deftunes import target
from deftunes.lake import queries
from deftunes.lake.catalog import open_catalog
from deftunes.lake.status_row import LAST_RULE_OUTCOMES, counts_of, status_row
from spark_jobs.silver import TABLES

LAST_RUNS = """
select table_name, arg_max(window_from, finished_at) as window_from, arg_max(window_to, finished_at) as window_to,
  arg_max(outcome, finished_at) as outcome, arg_max(quarantined_rows, finished_at) as quarantined_rows
from lake.deftunes_ops.runs where verb = 'refine' group by table_name
"""


def tables(root: Path) -> list[dict[str, Any]]:
    """One row per silver table: rows, last window and outcome, snapshot, rule outcomes, quarantined."""
    values = target.current(root)
    catalog = open_catalog(values)
    if not catalog.namespace_exists("deftunes_ops") or not catalog.table_exists("deftunes_ops.runs"):
        return []
    with queries.connect(values, root, with_lake=True) as connection:
        names, runs = queries.rows(connection, LAST_RUNS)
        last = {str(row[0]): dict(zip(names, row, strict=True)) for row in runs}
        outcomes = rule_outcomes(root)
        return [_row(connection, catalog, name, last[name], outcomes) for name in sorted(last)]


def _row(
    connection: Any, catalog: Catalog, name: str, last: dict[str, Any], outcomes: list[dict[str, Any]]
) -> dict[str, Any]:
    _, [counts] = queries.rows(connection, counts_of(name))
    current = catalog.load_table(f"deftunes_silver.{name}").current_snapshot()
    return status_row(last, outcomes, counts, current and current.snapshot_id)


def rule_outcomes(root: Path) -> list[dict[str, Any]]:
    """The rule outcomes of each table's last evaluation, one per rule."""
    values = target.current(root)
    if not open_catalog(values).table_exists("deftunes_ops.rule_outcomes"):
        return []
    with queries.connect(values, root, with_lake=True) as connection:
        names, rows = queries.rows(connection, LAST_RULE_OUTCOMES)
    return [dict(zip(names, row, strict=True)) for row in rows]


def kept_branches(root: Path) -> list[str]:
    """Branches that a run left behind because its rules failed, as `table, branch`."""
    catalog = open_catalog(target.current(root))
    found = []
    for name in sorted(TABLES):
        if catalog.table_exists(f"deftunes_silver.{name}"):
            refs = catalog.load_table(f"deftunes_silver.{name}").metadata.refs
            found += [f"deftunes_silver.{name}, branch {ref}" for ref in refs if ref.startswith("audit_")]
    return found
