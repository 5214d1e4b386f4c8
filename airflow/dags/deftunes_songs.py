"""
### The song catalogue

Takes a full snapshot of the song database every day, lands it as Parquet and compares it with `silver.songs`: new and
changed tracks are written, vanished ones marked. An unchanged catalogue writes nothing.

* **Windows**: a snapshot is what the database holds *now*; it is filed under the last day of the run's window.
* **Again**: any run may be cleared or triggered again; it leaves what one run leaves.
* **Failed rules** stop the task; its log names the rule, and `silver.songs` stays as it was.
"""

from airflow.sdk import DAG
from airflow.timetables.interval import CronDataIntervalTimetable
from include.graph import DEFAULTS, table_tasks
from include.windows import PARAMS, first_scheduled_day

with DAG(
    "deftunes_songs",
    description="Song database to silver.songs",
    schedule=CronDataIntervalTimetable("0 0 * * *", timezone="UTC"),
    start_date=first_scheduled_day(),
    catchup=True,
    max_active_runs=1,
    default_args=DEFAULTS,
    params=PARAMS,
    tags=["deftunes"],
    doc_md=__doc__,
):
    table_tasks("deftunes_songs")
