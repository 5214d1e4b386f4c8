"""Airflow tells OpenLineage of its DAGs and tasks where a place for events is named, and of nothing without one."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMAGE = ROOT / "services/airflow"
DAG = """
from airflow.sdk import DAG, task
with DAG("shop", schedule=None):
    @task
    def songs() -> None: ...
    songs()
"""
LISTENERS = (
    "from airflow.providers.openlineage.plugins.openlineage import OpenLineageProviderPlugin; "
    "print(len(OpenLineageProviderPlugin.listeners))"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Airflow's home: a DAG of one task, and what the image says of events, with its file here."""
    home = tmp_path_factory.mktemp("airflow")
    (home / "dags").mkdir()
    (home / "dags/shop.py").write_text(DAG)
    said = re.search(r"^\[openlineage\]\n.*?(?=^\[|\Z)", (IMAGE / "airflow.cfg").read_text(), re.MULTILINE | re.DOTALL)
    assert said is not None
    (home / "airflow.cfg").write_text(f"[core]\ndags_folder = {home}/dags\nload_examples = False\n\n{said[0]}")
    place = (IMAGE / "openlineage.yml").read_text().replace("/opt/deftunes/var/logs", str(home))
    (home / "openlineage.yml").write_text(place)
    return home


def run(home: Path, program: str, *words: str, **environment: str) -> str:
    """The words of a program of Airflow's environment, which has nothing of OpenLineage but what is given."""
    known = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW__", "OPENLINEAGE"))}
    done = subprocess.run(
        [str(Path(sys.executable).with_name(program)), *words],
        env={**known, "AIRFLOW_HOME": str(home), **environment},
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def test_events_of_dag_and_task_are_in_the_file_that_the_settings_name(home: Path) -> None:
    run(home, "airflow", "db", "migrate")

    run(home, "airflow", "dags", "test", "shop", OPENLINEAGE_CONFIG=str(home / "openlineage.yml"))

    events = [json.loads(line) for line in (home / "openlineage.jsonl").read_text().splitlines()]
    assert {(event["job"]["name"], event["eventType"]) for event in events} >= {
        ("shop.songs", "START"),
        ("shop.songs", "COMPLETE"),
        ("shop", "COMPLETE"),
    }
    assert {event["job"]["namespace"] for event in events} == {"deftunes"}


@pytest.mark.parametrize(("place", "listeners"), [("", "0"), ("http://127.0.0.1:9", "1")])
def test_there_is_a_listener_where_a_place_is_named_only(home: Path, place: str, listeners: str) -> None:
    assert run(home, "python", "-c", LISTENERS, OPENLINEAGE_URL=place).splitlines()[-1] == listeners
