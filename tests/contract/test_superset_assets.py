"""superset/assets against dbt's models: what charts and datasets name is there, and described in the same words."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "superset/assets"
MODELS = ROOT / "dbt/models"
SERVED = {path.stem: path for layer in ("gold", "bi") for path in (MODELS / layer).glob("*.yml")}
# What Superset's types are called, by the kinds of dbt's.
TYPES = {"integer": "INTEGER", "timestamp": "TIMESTAMP", "boolean": "BOOLEAN"}
METRIC_KEYS = {"metric", "metrics", "metrics_b", "secondary_metric", "timeseries_limit_metric"}
COLUMN_KEYS = {"x_axis", "groupby", "groupby_b", "all_columns", "entity"}


def load(path: Path) -> dict[str, Any]:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


@cache
def assets(kind: str) -> dict[str, dict[str, Any]]:
    return {path.stem: load(path) for path in sorted((ASSETS / kind).glob("*.yaml"))}


@cache
def docs() -> dict[str, str]:
    text = (MODELS / "columns.md").read_text(encoding="utf-8")
    return dict(re.findall(r"{% docs (\w+) %}(.+?){% enddocs %}", text))


def dataset_of(chart: dict[str, Any]) -> dict[str, Any]:
    [found] = [each for each in assets("datasets").values() if each["uuid"] == chart["dataset_uuid"]]
    return found


def words(value: Any) -> list[str]:
    """The names in a chart's setting: one, a list of them, or SQL that puts some together."""
    if isinstance(value, dict):
        return re.findall(r"[a-z_]+", re.sub(r"'[^']*'", "", value["sqlExpression"]))
    return [value] if isinstance(value, str) else list(value)


def test_there_is_something_to_look_at() -> None:
    assert {kind: len(assets(kind)) for kind in ("databases", "datasets", "charts", "dashboards")} == {
        "databases": 1,
        "datasets": 6,
        "charts": 27,
        "dashboards": 2,
    }


def test_uuids_are_unique() -> None:
    uuids = [
        each["uuid"] for kind in ("databases", "datasets", "charts", "dashboards") for each in assets(kind).values()
    ]
    assert len(set(uuids)) == len(uuids)


@pytest.mark.parametrize("name", assets("datasets"))
def test_dataset_is_a_model_in_the_models_words(name: str) -> None:
    dataset, [model] = assets("datasets")[name], load(SERVED[name])["models"]
    assert (dataset["table_name"], dataset["schema"]) == (name, SERVED[name].parent.name)
    assert dataset["description"] == model["description"]
    assert dataset["extra"]["certification"]["certified_by"]
    described = {each["name"]: docs()[each["description"].split("'")[1]] for each in model["columns"]}
    assert {each["column_name"]: each["description"] for each in dataset["columns"]} == described
    types = {each["name"]: TYPES.get(each["data_type"], each["data_type"].upper()) for each in model["columns"]}
    assert {each["column_name"]: each["type"] for each in dataset["columns"]} == types


@pytest.mark.parametrize("name", assets("datasets"))
def test_metrics_have_the_words_of_the_docs_and_name_columns_of_the_model(name: str) -> None:
    dataset = assets("datasets")[name]
    columns = {each["column_name"] for each in dataset["columns"]}
    for metric in dataset["metrics"]:
        assert metric["description"] == docs()[metric["metric_name"]]
        spoken = {"case", "when", "then", "else", "end", "distinct", "coalesce", "floor"}
        spoken |= {"min", "max", "sum", "avg", "count"}
        named = set(re.findall(r"[a-z_]+", re.sub(r"'[^']*'", "", metric["expression"]))) - spoken
        assert named <= columns


@pytest.mark.parametrize("name", assets("datasets"))
def test_money_is_added_within_one_currency_only(name: str) -> None:
    for metric in assets("datasets")[name]["metrics"]:
        if "price" in metric["expression"]:
            assert metric["expression"].startswith("case when min(currency) = max(currency) then "), metric


@pytest.mark.parametrize("name", assets("datasets"))
def test_people_are_counted_and_not_shown(name: str) -> None:
    [model] = load(SERVED[name])["models"]
    personal = {each["name"] for each in model["columns"] if "personal" in each.get("config", {}).get("meta", {})}
    open_columns = {each["column_name"] for each in assets("datasets")[name]["columns"] if each["groupby"]}
    assert personal & open_columns == set()


@pytest.mark.parametrize("name", assets("charts"))
def test_chart_names_what_its_dataset_has(name: str) -> None:
    chart = assets("charts")[name]
    dataset, params = dataset_of(chart), chart["params"]
    assert chart["viz_type"] == params["viz_type"]
    columns = {each["column_name"] for each in dataset["columns"]}
    metrics = {each["metric_name"] for each in dataset["metrics"]}
    assert {word for key in METRIC_KEYS & params.keys() for word in words(params[key])} <= metrics
    used = {word for key in COLUMN_KEYS & params.keys() for word in words(params[key])}
    used |= {each["subject"] for each in params["adhoc_filters"] if each["expressionType"] == "SIMPLE"}
    used |= {json.loads(each)[0] for each in params.get("order_by_cols", [])}
    assert used
    assert used <= columns


@pytest.mark.parametrize("name", assets("dashboards"))
def test_dashboard_holds_charts_that_are_there_and_filters_that_have_a_column(name: str) -> None:
    dashboard = assets("dashboards")[name]
    placed = [each["meta"] for key, each in dashboard["position"].items() if key.startswith("CHART-")]
    charts = {each["uuid"]: each["slice_name"] for each in assets("charts").values()}
    assert placed
    assert [meta["sliceName"] for meta in placed] == [charts[meta["uuid"]] for meta in placed]
    columns = {
        each["uuid"]: {column["column_name"] for column in each["columns"]} for each in assets("datasets").values()
    }
    targets = [
        target for each in dashboard["metadata"]["native_filter_configuration"] for target in each["targets"] if target
    ]
    assert targets
    assert [target for target in targets if target["column"]["name"] not in columns[target["datasetUuid"]]] == []


def test_every_chart_is_on_a_dashboard() -> None:
    placed = {
        each["meta"]["uuid"]
        for dashboard in assets("dashboards").values()
        for key, each in dashboard["position"].items()
        if key.startswith("CHART-")
    }
    assert placed == {each["uuid"] for each in assets("charts").values()}
