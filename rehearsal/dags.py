"""The DAGs, run as Airflow runs them but one by one and at once (`airflow dags test`), with the aws target's launcher.

Airflow gets what MWAA's startup script would set, and the emulators' addresses. Its tasks start Glue jobs through
Glue's API.
"""

import contextlib
import json
import os
import sqlite3
import subprocess
from pathlib import Path

from deftunes.run.steps import tables_of
from rehearsal.environment import Environment
from rehearsal.glue.emulators import administrator, injected_environment
from rehearsal.processes import why

TIMEOUT_S = 1800


class DagError(Exception):
    """A DAG's run failed; the message holds its task's last words, and names the log."""


class Airflow:
    """An Airflow of the rehearsal's own, without scheduler and server: a database and the checkout's DAGs."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._home = env.emulators.folder / "airflow"
        self._environment = self._settings()

    def prepare(self) -> None:
        self._home.mkdir(exist_ok=True)
        self._airflow("migrate", "db", "migrate")
        self._airflow(
            "reserialize", "dags", "reserialize"
        )  # makes the assets known, without which no task may tell them

    def run(self, dag: str, first: str, last: str) -> None:
        """One run of the DAG for these days. Raises DagError."""
        conf = json.dumps({"first": first, "last": last})
        output = self._airflow(dag, "dags", "test", dag, last, "--conf", conf)
        states = self._states(dag)
        if any(states.get(table) != "success" for table in tables_of(dag)):
            raise DagError(f"{dag} of {first} to {last} did not succeed: {why(output)[:1500]} ({self._log(dag)})")

    def _airflow(self, name: str, *arguments: str) -> str:
        command = [str(self._env.root / ".venv/airflow/bin/airflow"), *arguments]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        output = done.stdout + done.stderr
        self._log(name).write_text(output)
        if done.returncode != 0:
            request = " ".join(arguments[:3])
            raise DagError(f"airflow {request} ended with {done.returncode}: {why(output)[:1500]} ({self._log(name)})")
        return output

    def _states(self, dag: str) -> dict[str, str]:
        """Task -> state, of the DAG's runs; a run without tasks succeeds in Airflow's eyes, and not in ours."""
        with contextlib.closing(sqlite3.connect(self._home / "airflow.db")) as database:
            return dict(
                database.execute("select task_id, state from task_instance where dag_id = ?", (dag,)).fetchall()
            )

    def _log(self, name: str) -> Path:
        return self._env.emulators.folder / f"airflow-{name}.log"

    def _settings(self) -> dict[str, str]:
        root, folder = self._env.root, self._env.emulators.folder
        emulators = self._env.emulators
        aws = {
            name: value for name, value in injected_environment(emulators, administrator(emulators)).items() if value
        }
        target = {name.upper(): str(value) for name, value in self._env.outputs.items()}
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "COLUMNS": "2000",  # a trace has its exception in one line
            "NO_COLOR": "1",
            "AIRFLOW_HOME": str(self._home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(root / "airflow/dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW_CONN_AWS_DEFAULT": "aws://",
            "PYTHONPATH": f"{root / 'airflow'}:{root}",
            "SCHEDULE_FROM": "2000-01-01",  # a run before it would have no tasks
            "DEFTUNES_TARGET": "aws",
            **target,
            **aws,
        }
