"""
### The star schema and what dashboards read

Woken by the table that closes a run, sessions. One `dbt build` of gold and bi with all their tests, over the days that
changed since the last build; when every test passed, the result is swapped in as `serving.duckdb`, which dashboards
read.

* **One at a time**: sessions that come while a build is going are built by the next one, all together.
* **Failed tests** stop the task; dashboards go on reading the last build that passed.
* **By hand**: trigger with `first` and `last` to build a window again.
"""

from airflow.sdk import DAG
from include.graph import ASSETS, DEFAULTS, table_tasks
from include.windows import PARAMS

from spark_jobs.silver import CLOSING

with DAG(
    "deftunes_serving",
    description="Silver to gold, bi and the served file",
    schedule=[ASSETS[CLOSING]],
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    params=PARAMS,
    tags=["deftunes"],
    doc_md=__doc__,
):
    table_tasks("deftunes_serving", woken_by=CLOSING)
