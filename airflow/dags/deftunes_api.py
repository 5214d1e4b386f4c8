"""
### Users and sessions of the API

Asks the API for a day's users and sessions, lands the answers as received, and refines them to `silver.users` and
`silver.sessions` behind their rules. Sessions wait for users and for a catalogue of their day: no sale is published
before its buyer and its song could be.

* **Windows**: one day a run. A window of your own: trigger with `first` and `last`, both included.
* **Again**: a run replaces its window. Changed likes are picked up by asking for their days again.
* **Older days**: `make backfill FROM=2020-01-01 TO=2020-01-07`.
* **Failed rules** stop the task; its log names the rule, and the table stays as it was.
"""

from airflow.sdk import DAG
from airflow.timetables.interval import CronDataIntervalTimetable
from include.graph import DEFAULTS, table_tasks
from include.windows import PARAMS, first_scheduled_day

with DAG(
    "deftunes_api",
    description="API to silver.users and silver.sessions",
    schedule=CronDataIntervalTimetable("0 0 * * *", timezone="UTC"),
    start_date=first_scheduled_day(),
    catchup=True,
    max_active_runs=1,
    default_args=DEFAULTS,
    params=PARAMS,
    tags=["deftunes"],
    doc_md=__doc__,
):
    table_tasks("deftunes_api")
