"""What `deftunes status` says of a silver table, whether DuckDB or Redshift is asked."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

LAST_RULE_OUTCOMES = """
with last as (
  select table_name, max(evaluated_at) as evaluated_at from lake.deftunes_ops.rule_outcomes group by table_name
)
select outcomes.* from lake.deftunes_ops.rule_outcomes as outcomes
inner join last on outcomes.table_name = last.table_name and outcomes.evaluated_at = last.evaluated_at
order by outcomes.table_name, outcomes.rule
"""


def counts_of(table: str) -> str:
    """SQL with one row: the table's rows, and those of its quarantine."""
    return (
        f"select (select count(*) from lake.deftunes_silver.{table}), "  # noqa: S608  a name of ours
        f"(select count(*) from lake.deftunes_silver.quarantine_{table})"
    )


def status_row(
    last: Mapping[str, Any], outcomes: Iterable[Mapping[str, Any]], counts: tuple[Any, ...], snapshot_id: Any
) -> dict[str, Any]:
    """The row of one table. `last`: its last refinement, of deftunes_ops.runs; `outcomes`: of LAST_RULE_OUTCOMES."""
    name, (rows, quarantined) = last["table_name"], counts
    found = Counter(each["outcome"] for each in outcomes if each["table_name"] == name)
    return {
        "table": name,
        "rows": rows,
        "last window": f"{last['window_from']} to {last['window_to']}",
        "last run": last["outcome"],
        "rules": ", ".join(f"{count} {outcome.lower()}" for outcome, count in sorted(found.items())),
        "quarantined": quarantined,
        "snapshot": str(snapshot_id or "none"),
    }
