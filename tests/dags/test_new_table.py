"""A table that a fork adds has its task in the DAGs, without a line of them changed."""

import json
import os
import subprocess
import sys

import pytest

from tests.new_table import checkout_with_playlists

TASKS = """
import json
from airflow.dag_processing.dagbag import DagBag
bag = DagBag("airflow/dags", load_op_links=False)
assert bag.import_errors == {}, bag.import_errors
print("\\n" + json.dumps({
    f"{dag}.{task.task_id}": sorted(task.upstream_task_ids) for dag in bag.dags for task in bag.dags[dag].tasks
}))
"""


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """dag.task -> the tasks it waits for, in a checkout with the table."""
    root = checkout_with_playlists(tmp_path_factory.mktemp("fork") / "fork").root
    environment = {**os.environ, "PYTHONPATH": f"{root / 'airflow'}:{root}"}
    done = subprocess.run(
        [sys.executable, "-c", TASKS], cwd=root, env=environment, capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_table_has_its_task_after_those_it_refers_to(upstream: dict[str, list[str]]) -> None:
    assert upstream["deftunes_api.playlists"] == ["users", "wait_for_songs"]


def test_table_that_closes_the_run_waits_for_it_too(upstream: dict[str, list[str]]) -> None:
    assert upstream["deftunes_api.sessions"] == ["playlists", "users", "wait_for_songs"]
    assert upstream["deftunes_serving.gold"] == []


def test_table_is_maintained(upstream: dict[str, list[str]]) -> None:
    assert upstream["deftunes_maintenance.maintain_playlists"] == ["maintain_sessions"]
