"""
### Maintenance of the lake

Once a week, for each silver table: small files are made into large ones, snapshots older than a week removed, and
files that no snapshot names swept. What the tag `gold` and the branches name stays.

A task that meets a run of its table fails and is tried again.
"""

from airflow.sdk import DAG
from airflow.timetables.interval import CronDataIntervalTimetable
from include.graph import DEFAULTS
from include.launcher import TableOperator
from include.windows import PARAMS, first_scheduled_day

from deftunes.run.steps import MAINTENANCE

with DAG(
    "deftunes_maintenance",
    description="Compaction, snapshot expiry, orphan removal",
    schedule=CronDataIntervalTimetable("0 4 * * 0", timezone="UTC"),
    start_date=first_scheduled_day(),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    params=PARAMS,
    tags=["deftunes"],
    doc_md=__doc__,
):
    tasks = {
        step.name: TableOperator(task_id=f"maintain_{step.table}", table=step.table, maintain=True)
        for step in MAINTENANCE
    }
    for step in MAINTENANCE:
        for before in step.after:
            tasks[before] >> tasks[step.name]
