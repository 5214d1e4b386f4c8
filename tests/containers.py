"""The stack of containers as a test or a measurement has it: a project of its own, and Airflow's REST API."""

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.checkout import PROJECT

PORTS = ("AIRFLOW_PORT", "SPARK_PORT", "OBJECT_STORE_PORT", "MOCK_API_PORT", "SUPERSET_PORT")
# Nobody's own parts or profiles: what a .env names counts for the user's stack, not for these.
PLAIN = dict.fromkeys(
    ("API_URL", "SOURCE_DSN", "S3_ENDPOINT", "S3_ACCOUNT", "OBJECT_STORE", "CATALOG_URI", "COMPOSE_PROFILES"), ""
)
EVERYTHING = ("--profile", "full")
DONE = ("success", "failed")
# How many times longer than on a machine of two idle cores everything may take.
PATIENCE = float(os.environ.get("PATIENCE", "1"))


def free_ports() -> dict[str, str]:
    """A free port for each service that publishes one."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in PORTS]
    found = {name: str(each.getsockname()[1]) for name, each in zip(PORTS, held, strict=True)}
    for each in held:
        each.close()
    return found


def until(what: str, is_so: Callable[[], Any], patience_s: float) -> Any:
    """What `is_so` returns as soon as that is true."""
    deadline = time.monotonic() + patience_s * PATIENCE
    while not (found := is_so()):
        assert time.monotonic() < deadline, f"waited {patience_s * PATIENCE:.0f} s in vain: {what}"
        time.sleep(1)
    return found


@dataclass
class Stack:
    """The running project and Airflow's REST API."""

    environment: dict[str, str]
    token: str = field(default="", repr=False)

    def compose(self, *arguments: str, timeout_s: float = 300, profiles: tuple[str, ...] = EVERYTHING) -> str:
        """Output of one call of docker compose, which must succeed."""
        done = subprocess.run(
            ["docker", "compose", *profiles, *arguments],
            cwd=PROJECT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=timeout_s * PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout

    def deftunes(self, *arguments: str) -> Any:
        """What the command line answers where Airflow runs it."""
        return json.loads(self.compose("exec", "-T", "airflow_scheduler", "deftunes", *arguments, "--json"))

    def query(self, sql: str) -> list[dict[str, Any]]:
        return list(self.deftunes("query", sql))

    def snapshots(self) -> dict[str, str]:
        """The snapshot that readers of each table of silver see."""
        return {each["table"]: each["snapshot"] for each in self.deftunes("status")["tables"]}

    def kill(self, service: str) -> None:
        """Ends all programs of a container at once; what restarts it is its restart policy."""
        container = self.compose("ps", "--quiet", service).strip()
        before = self._start_time(container)
        subprocess.run(["docker", "exec", container, "bash", "-c", "kill -9 -1"], check=False, capture_output=True)
        until(f"{service} is started again", lambda: self._start_time(container) != before, 30)

    def _start_time(self, container: str) -> str:
        command = ["docker", "inspect", "--format", "{{.State.StartedAt}}", container]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def airflow(self, path: str, body: dict[str, Any] | None = None, method: str = "") -> Any:
        """One answer of Airflow's REST API."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.environment['AIRFLOW_PORT']}{path}",
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json", "Accept": "application/json"},
            method=method or ("GET" if body is None else "POST"),
        )
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=30 * PATIENCE) as answer:
            return json.load(answer)

    def sign_in(self) -> None:
        account = {"username": "admin", "password": (PROJECT / ".secrets/AIRFLOW_PASSWORD").read_text().strip()}
        self.token = self.airflow("/auth/token", account)["access_token"]

    def trigger(self, dag: str, first: str, last: str) -> str:
        """Starts a run of a window of ours; its id."""
        run = {"logical_date": None, "conf": {"first": first, "last": last}}
        return str(self.airflow(f"/api/v2/dags/{dag}/dagRuns", run)["dag_run_id"])

    def runs(self, dag: str) -> list[dict[str, Any]]:
        return list(self.airflow(f"/api/v2/dags/{dag}/dagRuns?limit=1000")["dag_runs"])

    def tasks(self, dag: str, run: str) -> dict[str, dict[str, Any]]:
        """Task instances of a run by their task's name."""
        found = self.airflow(f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"]
        return {each["task_id"]: each for each in found}

    def log(self, dag: str, run: str, task: str, attempt: int = 1) -> str:
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}/logs/{attempt}"
        return json.dumps(self.airflow(path), ensure_ascii=False)

    def outcome(self, dag: str, run: str, patience_s: float = 600) -> str:
        """How a run ended."""
        path = f"/api/v2/dags/{dag}/dagRuns/{run}"
        ended = lambda: (state := self.airflow(path)["state"]) in DONE and state  # noqa: E731
        return str(until(f"{dag} {run} ends", ended, patience_s))

    def load(self, *windows: tuple[str, str]) -> None:
        """Songs, users and sessions of these windows, and gold of them, as three DAGs do it."""
        dags = ("deftunes_songs", "deftunes_api")
        started_runs = [(dag, self.trigger(dag, *window)) for window in windows for dag in dags]
        assert [self.outcome(*run) for run in started_runs] == ["success"] * len(started_runs)
        self.served_since([run for dag, run in started_runs if dag == "deftunes_api"])

    def served_since(self, runs: list[str]) -> dict[str, Any]:
        """The run of the serving DAG that built what these runs of deftunes_api brought, once it has ended well."""
        last_day = max(self.tasks("deftunes_api", run)["sessions"]["end_date"] for run in runs)
        return dict(until("gold is published", lambda: self._serving_run_after(last_day), 600))

    def _serving_run_after(self, moment: str) -> dict[str, Any] | None:
        runs = self.runs("deftunes_serving")
        assert [run for run in runs if run["state"] == "failed"] == []
        return next((run for run in runs if run["state"] == "success" and run["queued_at"] >= moment), None)
