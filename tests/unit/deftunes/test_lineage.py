"""Events of lineage: when they are sent and where to, and what they say of a column."""

import json
from pathlib import Path
from typing import Any

import pytest

from deftunes import site_pages, target
from deftunes.lineage import columns, settings
from deftunes.lineage.columns import Column
from spark_jobs.problem import Problem

ROOT = Path(__file__).parents[3]
LANDING = "file:///checkout/var/lake/landing"
LISTENER = "spark.extraListeners"


def event(name: str, fields: dict[str, list[tuple[str, str]]], namespace: str = "duckdb://w", link: str = "") -> str:
    """An event with one output: by column, the (table, column) pairs that it is made of."""
    made_of: dict[str, Any] = {
        column: {"inputFields": [{"namespace": namespace, "name": table, "field": each} for table, each in inputs]}
        for column, inputs in fields.items()
    }
    facets: dict[str, Any] = {"columnLineage": {"fields": made_of}}
    if link:
        facets["symlinks"] = {"identifiers": [{"namespace": "http://c", "name": link, "type": "TABLE"}]}
    return json.dumps({"outputs": [{"namespace": namespace, "name": name, "facets": facets}]}) + "\n"


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Events as dbt and Spark name things: databases, branches, files of landing."""
    folder = tmp_path / "var/lineage"
    folder.mkdir(parents=True)
    fact = event("warehouse.gold.fact", {"price": [("warehouse.staging.sessions", "price")], "n": []})
    staging = event("warehouse.staging.sessions", {"price": [("lake.deftunes_silver.sessions", "price")]})
    (folder / "dbt.jsonl").write_text(fact + staging)
    page = "/checkout/var/lake/landing/api/sessions/ingest_on=2020-01-01/page-1.json.gz"
    silver = "/checkout/var/lake/warehouse/deftunes_silver/sessions"
    spark = event(
        silver, {"price": [(page, "value"), (silver, "price")]}, "file", "deftunes_silver.sessions.branch_audit_1"
    )
    (folder / "spark.jsonl").write_text(spark)
    return folder


def test_column_leads_back_over_every_layer(events: Path) -> None:
    lineage = columns.read(events, LANDING)

    price = lineage.column("gold.fact.price")
    assert lineage.made_of[price] == (Column("staging.sessions", "price"),)
    assert lineage.origins(price, columns.SILVER) == [Column("deftunes_silver.sessions", "price")]
    assert lineage.origins(price, columns.LANDING) == [Column("landing/api/sessions", "value")]


def test_column_that_is_merged_with_itself_ends(events: Path) -> None:
    with (events / "spark.jsonl").open("a") as file:
        file.write(event("lake.s.a", {"x": [("lake.s.b", "x")]}) + event("lake.s.b", {"x": [("lake.s.a", "x")]}))

    lineage = columns.read(events, LANDING)

    assert lineage.origins(lineage.column("s.a.x"), "s.") == [Column("s.a", "x"), Column("s.b", "x")]


def test_last_event_about_a_column_holds(events: Path) -> None:
    with (events / "dbt.jsonl").open("a") as file:
        file.write(event("warehouse.gold.fact", {"price": [("warehouse.staging.other", "cost")]}))

    assert columns.read(events, LANDING).made_of[Column("gold.fact", "price")] == (Column("staging.other", "cost"),)


def test_half_a_line_is_counted_and_the_rest_is_read(events: Path) -> None:
    with (events / "spark.jsonl").open("a") as file:
        file.write('{"outputs": [{"names\n')

    lineage = columns.read(events, LANDING)

    assert lineage.unread == 1
    assert Column("gold.fact", "price") in lineage.made_of


def test_column_that_no_event_is_about_is_an_error(events: Path) -> None:
    with pytest.raises(KeyError):
        columns.read(events, LANDING).column("gold.fact.cost")


def test_site_has_a_page_of_columns_where_there_are_events(events: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = events.parents[1]
    (root / "docs/decisions").mkdir(parents=True)
    for name in site_pages.PAGES:
        (root / name).write_text("")
    monkeypatch.setattr(site_pages, "current", lambda root: {"LANDING_URI": LANDING})

    site_pages.write(root, root / "place")

    lines = (root / "place/docs/lineage-of-columns.md").read_text().splitlines()
    assert "## gold.fact" in lines
    assert (
        "| `price` | `staging.sessions.price` | `deftunes_silver.sessions.price` | `landing/api/sessions.value` |"
        in lines
    )
    assert "| `n` |  |  |  |" in lines


def test_spark_has_no_listener_unless_events_are_wanted() -> None:
    silent = target.load("embedded", ROOT, {"OPENLINEAGE_URL": "http://127.0.0.1:5000"})
    assert LISTENER not in silent.spark_conf
    assert "openlineage" not in silent.spark_conf["spark.driver.extraClassPath"]
    assert settings.java_environment({"OPENLINEAGE_URL": "http://127.0.0.1:5000"}) == {}
    assert not settings.is_wanted({"DEFTUNES_LINEAGE": "0"})


def test_events_go_to_files_of_the_checkout_by_default() -> None:
    conf = target.load("embedded", ROOT, {"DEFTUNES_LINEAGE": "1"}).spark_conf

    assert conf[LISTENER].endswith("OpenLineageSparkListener")
    assert conf["spark.openlineage.transport.location"] == f"{ROOT}/var/lineage/spark.jsonl"
    assert conf["spark.driver.extraClassPath"].endswith(".jar")
    assert settings.events_file(ROOT, "dbt", {}) == ROOT / "var/lineage/dbt.jsonl"


def test_target_that_is_loaded_again_by_what_it_was_given_still_sends_events() -> None:
    first = target.load("embedded", ROOT, {"DEFTUNES_LINEAGE": "1", "OPENLINEAGE_URL": "http://127.0.0.1:5000"})

    assert target.load("embedded", ROOT, first.overridden).spark_conf == first.spark_conf


@pytest.mark.parametrize(
    "place", ["OPENLINEAGE_URL", "OPENLINEAGE_CONFIG", "OPENLINEAGE__TRANSPORT__TYPE", "OPENLINEAGE__TRANSPORT__URL"]
)
def test_place_that_openlineages_settings_name_replaces_the_files(place: str) -> None:
    environ = {"DEFTUNES_LINEAGE": "1", place: "given"}

    assert settings.events_file(ROOT, "dbt", environ) is None
    assert "spark.openlineage.transport.type" not in target.load("embedded", ROOT, environ).spark_conf
    assert settings.java_environment(environ)[place] == "given"


def test_addresses_that_only_pythons_client_knows_are_passed_to_javas_too() -> None:
    given = {"OPENLINEAGE_URL": "http://m", "OPENLINEAGE_ENDPOINT": "e", "OPENLINEAGE_API_KEY": "k"}

    made = settings.java_environment({"DEFTUNES_LINEAGE": "1", **given})

    assert made == {
        **given,
        "OPENLINEAGE__TRANSPORT__TYPE": "http",
        "OPENLINEAGE__TRANSPORT__URL": "http://m",
        "OPENLINEAGE__TRANSPORT__ENDPOINT": "e",
        "OPENLINEAGE__TRANSPORT__AUTH__TYPE": "api_key",
        "OPENLINEAGE__TRANSPORT__AUTH__API_KEY": "k",
    }


def test_run_that_wants_events_is_refused_where_nothing_sends_them(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/jars-lineage.txt").write_text((ROOT / "requirements/jars-lineage.txt").read_text())

    with pytest.raises(Problem, match="make run LINEAGE=1"):
        settings.require(tmp_path, {"DEFTUNES_LINEAGE": "1"})
    settings.require(tmp_path, {})
