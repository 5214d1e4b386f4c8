"""The state of a platform on AWS: the last run of each job, and the tables as the warehouse reads them."""

from typing import Any

from deftunes.launchers.aws_errors import aws_problems
from deftunes.launchers.data_api import Warehouse
from deftunes.launchers.platform import Platform
from spark_jobs.problem import Problem

JOBS = ("land-api", "land-postgres", "refine", "build")
LAST_RUNS = """
select table_name, window_from, window_to, outcome, quarantined_rows, snapshot_id from (
  select *, row_number() over (partition by table_name order by finished_at desc) as recency
  from lake.deftunes_ops.runs where verb = 'refine'
) as runs
where recency = 1 order by table_name
"""
LAST_OUTCOMES = """
with last as (
  select table_name, max(evaluated_at) as evaluated_at from lake.deftunes_ops.rule_outcomes group by table_name
)
select outcomes.* from lake.deftunes_ops.rule_outcomes as outcomes
inner join last on outcomes.table_name = last.table_name and outcomes.evaluated_at = last.evaluated_at
order by outcomes.table_name, outcomes.rule
"""


def jobs(platform: Platform) -> list[dict[str, Any]]:
    """One row per job: its last run, when it started, how it ended, what it said. Raises Problem."""
    return [_last_run(platform, f"{platform.name}-{job}") for job in JOBS]


def _last_run(platform: Platform, job: str) -> dict[str, Any]:
    with aws_problems("say what ran last", job):
        runs = platform.client("glue").get_job_runs(JobName=job, MaxResults=1)["JobRuns"]
    if not runs:
        return {"job": job, "state": "never ran", "started": "", "about": "", "said": ""}
    last, given = runs[0], runs[0].get("Arguments", {})
    about = f"{given.get('--table', '')}, {given.get('--from', '')} to {given.get('--to', '')}"
    started = f"{last['StartedOn']:%Y-%m-%d %H:%M:%S}"
    message = last.get("ErrorMessage", "")
    return {"job": job, "state": last["JobRunState"], "started": started, "about": about, "said": message}


def outcomes(platform: Platform) -> list[dict[str, Any]]:
    """The outcomes of each table's last evaluation, one per rule; none before the first. Raises Problem."""
    return _rows(platform, LAST_OUTCOMES)


def tables(platform: Platform) -> list[dict[str, Any]]:
    """One row per silver table: rows, last window and outcome, rule outcomes, quarantined, snapshot. Raises Problem."""
    evaluated = outcomes(platform)
    return [_table(platform, last, evaluated) for last in _rows(platform, LAST_RUNS)]


def _table(platform: Platform, last: dict[str, Any], evaluated: list[dict[str, Any]]) -> dict[str, Any]:
    name = last["table_name"]
    counts = (
        f"select (select count(*) from lake.deftunes_silver.{name}), "  # noqa: S608  a name of ours
        f"(select count(*) from lake.deftunes_silver.quarantine_{name})"
    )
    _, [(rows, quarantined)] = Warehouse(platform).rows(counts)
    found = [each["outcome"] for each in evaluated if each["table_name"] == name]
    tally = ", ".join(f"{found.count(outcome)} {outcome.lower()}" for outcome in sorted(set(found)))
    return {
        "table": name,
        "rows": rows,
        "last window": f"{last['window_from']} to {last['window_to']}",
        "last run": last["outcome"],
        "rules": tally,
        "quarantined": quarantined,
        "snapshot": str(last["snapshot_id"] or "none"),
    }


def _rows(platform: Platform, sql: str) -> list[dict[str, Any]]:
    """Rows by column; none while the lake's tables are not there, which the first window makes."""
    try:
        names, rows = Warehouse(platform).rows(sql)
    except Problem as problem:
        if "EntityNotFound" in problem.value or "does not exist" in problem.value:
            return []
        raise
    return [dict(zip(names, row, strict=True)) for row in rows]
