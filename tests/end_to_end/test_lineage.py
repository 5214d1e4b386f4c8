"""Runs that send OpenLineage events: to files, which lead each column back, and to an endpoint of OpenLineage's."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.checkout import Checkout, checkout

pytestmark = pytest.mark.kit
DAY = ("--from", "2020-03-01", "--seed", "7", "--scale", "0.05")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """One day, run with events to files, and its services."""
    made = checkout(tmp_path_factory.mktemp("lineage") / "lake")
    try:
        done = made.deftunes("run", *DAY, timeout_s=1200, DEFTUNES_LINEAGE="1")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "no OpenLineage events" not in done.stdout
        yield made
    finally:
        made.deftunes("down")


def made_of(lake: Checkout) -> dict[str, list[str]]:
    """Every column of gold and bi, and what it is made of, as `deftunes lineage` has it."""
    done = lake.deftunes("lineage", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def test_columns_of_gold_lead_back_to_silver_and_landing(lake: Checkout) -> None:
    facts = lake.deftunes("lineage", "gold.fact_session.price").stdout
    users = lake.deftunes("lineage", "gold.dim_users.country_code").stdout

    assert [line.lstrip("│└├─ ") for line in facts.splitlines()] == [
        "gold.fact_session.price",
        "staging.stg_silver__sessions.price",
        "deftunes_silver.sessions.price",
        "landing/api/sessions.value",
    ]
    assert users.splitlines()[-1].lstrip("└─ ") == "deftunes_silver.users.country_code"


def test_every_column_of_gold_and_bi_has_a_line(lake: Checkout) -> None:
    manifest = json.loads((lake.root / "var/dbt/target/manifest.json").read_text())
    models = [node for node in manifest["nodes"].values() if node["schema"] in ("gold", "bi") and node["columns"]]

    assert models
    assert set(made_of(lake)) == {
        f"{node['schema']}.{node['alias']}.{name}" for node in models for name in node["columns"]
    }


def test_column_of_bi_is_made_of_those_that_its_model_adds_up(lake: Checkout) -> None:
    assert made_of(lake)["bi.sales_per_artist_vw.total_sales"] == ["gold.fact_session.price"]


@contextmanager
def endpoint() -> Iterator[tuple[str, list[tuple[str, str, dict[str, Any]]]]]:
    """A server as OpenLineage's API: its address, and what it was sent: path, authorization and event."""
    received: list[tuple[str, str, dict[str, Any]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            received.append((self.path, self.headers.get("Authorization", ""), event))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_events_of_spark_and_dbt_go_to_the_endpoint_that_openlineages_settings_name(lake: Checkout) -> None:
    with endpoint() as (url, received):
        settings = {"OPENLINEAGE_URL": url, "OPENLINEAGE_API_KEY": "sesame", "OPENLINEAGE_NAMESPACE": "shop"}
        done = lake.deftunes("run", *DAY, timeout_s=1200, DEFTUNES_LINEAGE="1", **settings)

    assert done.returncode == 0, done.stdout + done.stderr
    assert {event["job"]["namespace"] for _, _, event in received} == {"shop"}
    assert {(path, credentials) for path, credentials, _ in received} == {("/api/v1/lineage", "Bearer sesame")}
    producers = {event["producer"].split("/integration/")[-1].split("/")[0] for _, _, event in received}
    assert producers == {"spark", "dbt"}
    lines = [line for path in (lake.root / "var/lineage").iterdir() for line in path.read_text().splitlines()]
    assert {json.loads(line)["job"]["namespace"] for line in lines} == {"deftunes"}


def test_endpoint_that_does_not_answer_stops_no_run(lake: Checkout) -> None:
    done = lake.deftunes("gold", timeout_s=1200, DEFTUNES_LINEAGE="1", OPENLINEAGE_URL="http://127.0.0.1:9")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "no OpenLineage events of this build were sent" in " ".join(done.stdout.split())


def test_settings_of_openlineage_alone_send_nothing(lake: Checkout) -> None:
    with endpoint() as (url, received):
        done = lake.deftunes("gold", timeout_s=1200, OPENLINEAGE_URL=url)

    assert done.returncode == 0, done.stdout + done.stderr
    assert received == []
