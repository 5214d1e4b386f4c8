"""The DAGs are what the step graph says, hold to the habits of all DAGs, and start the right commands."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.timetables.base import TimeRestriction
from include import alert, command_line, graph, launcher, windows

from deftunes.run.steps import STEPS, tables_before

ROOT = Path(__file__).parents[2]
DAGS = ("deftunes_songs", "deftunes_api", "deftunes_serving", "deftunes_maintenance")


@pytest.fixture(scope="session")
def bag() -> DagBag:
    return DagBag(ROOT / "airflow/dags", load_op_links=False)


def test_dags_import_without_errors_and_are_these(bag: DagBag) -> None:
    assert bag.import_errors == {}
    assert set(bag.dags) == set(DAGS)


def test_each_step_has_a_task_in_the_dag_it_names(bag: DagBag) -> None:
    assert {(step.dag, step.table) for step in STEPS} == {
        (name, task.task_id)
        for name in DAGS[:3]
        for task in bag.dags[name].tasks
        if not task.task_id.startswith("wait_for_")
    }


def test_tasks_follow_the_order_of_the_steps(bag: DagBag) -> None:
    sessions = bag.dags["deftunes_api"].get_task("sessions")
    assert tables_before("sessions") == ("songs", "users")
    assert sessions.upstream_task_ids == {"users", "wait_for_songs"}
    assert bag.dags["deftunes_serving"].get_task("gold").upstream_task_ids == set()


def test_assets_connect_the_dags(bag: DagBag) -> None:
    assert [asset.name for asset in bag.dags["deftunes_api"].get_task("wait_for_songs").inlets] == ["deftunes_songs"]
    assert [asset.name for asset in bag.dags["deftunes_songs"].get_task("songs").outlets] == ["deftunes_songs"]
    assert [asset.name for asset in bag.dags["deftunes_api"].get_task("sessions").outlets] == ["deftunes_sessions"]
    woken = bag.dags["deftunes_serving"].timetable.asset_condition
    assert [asset.name for asset in woken.objects] == ["deftunes_sessions"]


@pytest.mark.parametrize("name", DAGS)
def test_dag_keeps_the_habits_of_all(bag: DagBag, name: str) -> None:
    dag: DAG = bag.dags[name]
    assert dag.doc_md
    assert dag.tags == {"deftunes"}
    assert dag.max_active_runs == 1
    assert {"first", "last"} <= set(dag.params)
    for task in dag.tasks:
        assert task.retries >= 1, task.task_id
        assert task.retry_exponential_backoff, task.task_id
        assert task.on_failure_callback, task.task_id
        assert task.execution_timeout or task.timeout, task.task_id
    for task in [task for task in dag.tasks if isinstance(task, launcher.TableOperator)]:
        assert task.max_active_tis_per_dag == 1, task.task_id


@pytest.mark.parametrize("name", DAGS[:2])
def test_a_run_of_the_schedule_is_about_its_own_day(bag: DagBag, name: str) -> None:
    dag = bag.dags[name]
    day = datetime(2020, 2, 29, tzinfo=UTC)
    since = TimeRestriction(earliest=day, latest=None, catchup=True)
    run = dag.timetable.next_dagrun_info(last_automated_data_interval=None, restriction=since)
    assert dag.catchup
    assert windows.of_interval(run.data_interval.start, run.data_interval.end) == ("2020-02-29", "2020-02-29")


def run_context(**context: Any) -> dict[str, Any]:
    return {"params": {"first": None, "last": None}, **context}


def test_window_is_the_params_before_anything_else() -> None:
    assert windows.window(run_context(params={"first": "2020-01-01", "last": "2020-01-31"})) == (
        "2020-01-01",
        "2020-01-31",
    )
    assert windows.window(run_context(params={"first": None, "last": "2020-01-31"})) == ("2020-01-31", "2020-01-31")


def test_window_spans_the_events_that_woke_the_run() -> None:
    extras = [{"first": "2020-01-03", "last": "2020-01-03"}, {"first": "2020-01-01", "last": "2020-01-02"}]
    events = {"deftunes_sessions": [SimpleNamespace(extra=extra) for extra in extras]}
    assert windows.window(run_context(triggering_asset_events=events)) == ("2020-01-01", "2020-01-03")


def test_window_of_a_weekly_run_ends_before_the_next_begins() -> None:
    start, end = datetime(2020, 1, 5, tzinfo=UTC), datetime(2020, 1, 12, tzinfo=UTC)
    assert windows.of_interval(start, end) == ("2020-01-05", "2020-01-11")


def test_run_without_any_day_is_refused() -> None:
    with pytest.raises(ValueError, match="give the run `first` and `last`"):
        windows.window(run_context())


@pytest.mark.parametrize(("delivered", "is_there"), [("2020-01-01", False), ("2020-01-02", True), ("2020-02-01", True)])
def test_sessions_wait_for_a_catalogue_of_their_day_or_later(delivered: str, is_there: bool) -> None:
    events = [SimpleNamespace(extra={"first": delivered, "last": delivered}), SimpleNamespace(extra=None)]
    assert graph.reaches(events, "2020-01-02") is is_there


def test_command_hands_the_window_on_as_arguments() -> None:
    assert command_line.command("users", "2020-01-01", "2020-01-02", False) == [
        *("deftunes", "task", "users", "--from", "2020-01-01", "--to", "2020-01-02")
    ]
    assert command_line.command("users", "2020-01-01", "2020-01-02", True)[-1] == "--maintain"


@pytest.fixture
def received() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A webhook: its address, and what it was sent."""
    sent: list[dict[str, str]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", sent
        server.shutdown()


FAILED = {
    "ti": SimpleNamespace(dag_id="deftunes_api", task_id="sessions", run_id="r1", log_url="http://there/log"),
    "exception": "sessions was stopped",
}


def test_alert_names_the_task_and_its_log(
    received: tuple[str, list[dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, sent = received
    monkeypatch.setenv("ALERT_URL", url)

    alert.alert(FAILED)

    assert sent == [{"text": "deftunes_api.sessions of r1 failed: sessions was stopped\nhttp://there/log"}]


def test_alert_is_off_without_an_address(
    received: tuple[str, list[dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ALERT_URL", raising=False)

    alert.alert(FAILED)

    assert received[1] == []


def test_alert_that_cannot_be_sent_breaks_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("ALERT_URL", "http://127.0.0.1:1/")

    alert.alert(FAILED)

    assert "could not be sent" in caplog.text
