"""The state of a platform on AWS: the last run of each job, and the tables as the warehouse reads them."""

from typing import Any

from deftunes.lake.status_row import LAST_RULE_OUTCOMES, counts_of, status_row
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


def jobs(platform: Platform) -> list[dict[str, Any]]:
    """One row per job: its last run, when it started, how it ended, its message. Raises Problem."""
    return [_last_run(platform, f"{platform.name}-{job}") for job in JOBS]


def _last_run(platform: Platform, job: str) -> dict[str, Any]:
    with aws_problems("say what ran last", job):
        runs = platform.client("glue").get_job_runs(JobName=job, MaxResults=1)["JobRuns"]
    if not runs:
        return {"job": job, "state": "never ran", "started": "", "about": "", "message": ""}
    last, given = runs[0], runs[0].get("Arguments", {})
    # One that was started by hand may have none.
    about = f"{given['--table']}, {given.get('--from', '?')} to {given.get('--to', '?')}" if "--table" in given else ""
    started = f"{last['StartedOn']:%Y-%m-%d %H:%M:%S}"
    message = last.get("ErrorMessage", "")
    return {"job": job, "state": last["JobRunState"], "started": started, "about": about, "message": message}


def outcomes(platform: Platform) -> list[dict[str, Any]]:
    """The outcomes of each table's last evaluation, one per rule; none before the first. Raises Problem."""
    return _rows(platform, LAST_RULE_OUTCOMES)


def tables(platform: Platform) -> list[dict[str, Any]]:
    """One row per silver table: rows, last window and outcome, rule outcomes, quarantined, snapshot. Raises Problem."""
    evaluated = outcomes(platform)
    return [
        status_row(last, evaluated, _counts(platform, last["table_name"]), last["snapshot_id"])
        for last in _rows(platform, LAST_RUNS)
    ]


def _counts(platform: Platform, table: str) -> tuple[Any, ...]:
    _, [counts] = Warehouse(platform).rows(counts_of(table))
    return counts


def _rows(platform: Platform, sql: str) -> list[dict[str, Any]]:
    """Rows by column; none while the lake's tables are not there, which the first window makes."""
    try:
        names, rows = Warehouse(platform).rows(sql)
    except Problem as problem:
        if "EntityNotFound" in problem.value or "does not exist" in problem.value:
            return []
        raise
    return [dict(zip(names, row, strict=True)) for row in rows]
