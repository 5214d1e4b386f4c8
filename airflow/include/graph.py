"""The graph: a task a table, in the order of deftunes/run/steps.py, and the assets between the DAGs."""

from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, task
from include.alert import alert
from include.launcher import TableOperator
from include.windows import window

from deftunes.run.steps import STEPS, dag_of, tables_before, tables_of

ASSETS = {step.table: Asset(f"deftunes_{step.table}") for step in STEPS}

DEFAULTS: dict[str, Any] = {
    "owner": "deftunes",
    # Every step may be run again: it replaces its window.
    "retries": 3,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
    "execution_timeout": timedelta(hours=2),
    # A backfill has runs side by side; a table has one writer.
    "max_active_tis_per_dag": 1,
    "on_failure_callback": alert,
}


def table_tasks(dag_id: str, woken_by: str = "") -> None:
    """The tasks of a DAG: its tables, each after those it needs; a sensor waits for one of another DAG."""
    sensors: dict[str, Any] = {}
    tasks = {name: TableOperator(task_id=name, table=name, outlets=[ASSETS[name]]) for name in tables_of(dag_id)}
    for name, each in tasks.items():
        for before in tables_before(name):
            if before in tasks:
                tasks[before] >> each
            elif before != woken_by:
                sensors[before] = sensors.get(before) or wait_for(before)
                sensors[before] >> each


def wait_for(name: str) -> Any:
    """A sensor: done when a delivery of the table reaches to the last day of this run's window, or beyond."""

    @task.sensor(
        task_id=f"wait_for_{name}",
        inlets=[ASSETS[name]],
        mode="reschedule",
        poke_interval=15,
        timeout=3600,
        doc_md=f"Waits for `{dag_of(name)}` to deliver {name} of this window's last day or a later one.",
        max_active_tis_per_dag=None,
    )
    def wait(**context: Any) -> bool:
        _, last = window(context)
        return reaches(context["inlet_events"][ASSETS[name]], last)

    return wait()


def reaches(events: Any, last: str) -> bool:
    """True if one of the asset's events is about this day or a later one."""
    return any((event.extra or {}).get("last", "") >= last for event in events)
