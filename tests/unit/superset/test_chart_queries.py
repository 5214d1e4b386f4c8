"""What a request may hold beside what its chart was saved with: values to filter by, and nothing that becomes SQL."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from chart_queries import NotOfTheChartError, Stored, check_queries

READS_A_FILE = "content from read_text('/etc/passwd') union all select ''"
X_AXIS = {"columnType": "BASE_AXIS", "expressionType": "SQL", "isColumnReference": True, "label": "day",
          "sqlExpression": "day", "timeGrain": "P1D"}  # fmt: skip
SONG = {"columnType": "BASE_AXIS", "expressionType": "SQL", "label": "Song", "sqlExpression": "title || ', ' || artist"}
CHEAP = {"expressionType": "SQL", "sqlExpression": "min(price)", "label": "cheapest", "optionName": "metric_1"}
ONLY_LIKED = {
    "clause": "WHERE",
    "expressionType": "SIMPLE",
    "subject": "is_liked",
    "operator": "==",
    "comparator": True,
}
ANY_DAY = {"clause": "WHERE", "expressionType": "SIMPLE", "subject": "day", "operator": "TEMPORAL_RANGE"}
SOME_SOLD = {"clause": "HAVING", "expressionType": "SQL", "sqlExpression": "sum(price) > 0"}
LIKED = {"col": "is_liked", "op": "==", "val": True}

CHART = Stored(
    params={
        "x_axis": "day",
        "metrics": ["total_sales", CHEAP],
        "groupby": ["country", SONG],
        "order_by_cols": ['["artist", true]'],
        "adhoc_filters": [ONLY_LIKED, ANY_DAY, SOME_SOLD],
        "time_compare": ["1 year ago"],
        "resample_rule": "1D",
    },
    columns=frozenset({"day", "country", "title", "artist", "is_liked", "session_id", "price"}),
    metrics=frozenset({"total_sales", "buyers"}),
    filterable=frozenset({"day", "country", "artist", "is_liked"}),
    closed=frozenset({"session_id", "Session", "price", "total_sales", "buyers"}),
)


def query(**changed: Any) -> dict[str, Any]:
    """A query as the page of the dashboard sends it."""
    request = {
        "columns": [X_AXIS, "country", SONG],
        "metrics": ["total_sales", CHEAP],
        "orderby": [["total_sales", False], ["artist", True]],
        "filter": [{"col": "day", "op": "TEMPORAL_RANGE", "val": "Last week"}, LIKED],
        "extras": {"where": "", "having": "(sum(price) > 0)", "time_grain_sqla": "P1D"},
        "post_processing": [{"operation": "pivot", "options": {"index": ["day"]}}, {"operation": "flatten"}],
        "time_offsets": ["1 year ago"],
        "row_limit": 10_000,
        "order_desc": True,
    }
    return request | changed


def refused(request: Mapping[str, Any], stored: Stored = CHART) -> str:
    with pytest.raises(NotOfTheChartError) as refusal:
        check_queries([request], stored)
    return str(refusal.value)


def test_what_the_page_asks_is_allowed() -> None:
    check_queries([query(), query(columns=["country"], orderby=[])], CHART)


@pytest.mark.parametrize(
    "wanted",
    [
        {"col": "country", "op": "IN", "val": ["GB", "FR"]},
        {"col": "artist", "op": "ILIKE", "val": "%o'brien%"},
        {"col": "artist", "op": "IS NOT NULL"},
        {"col": X_AXIS, "op": "IN", "val": [1577836800000]},
        {"col": "column_of_another_dataset", "op": "==", "val": "x"},  # Superset passes over it
    ],
    ids=str,
)
def test_more_filters_on_open_columns_are_allowed(wanted: dict[str, Any]) -> None:
    check_queries([query(filter=[LIKED, wanted])], CHART)


SQL = {"expressionType": "SQL", "sqlExpression": READS_A_FILE, "label": "x"}
ATTACKS: dict[str, dict[str, Any]] = {
    "a metric of SQL": {"metrics": [SQL]},
    "a metric of SQL in the chart's name": {"metrics": [CHEAP | {"sqlExpression": READS_A_FILE}]},
    "an aggregate of another column": {
        "metrics": [{"expressionType": "SIMPLE", "aggregate": "MAX", "column": {"column_name": "session_id"}}]
    },
    "a metric that only the dataset has": {"metrics": ["buyers"]},
    "a metric as text": {"metrics": [READS_A_FILE]},
    "a column of SQL": {"columns": [X_AXIS | {"sqlExpression": READS_A_FILE}]},
    "a column of SQL in a label": {"columns": [X_AXIS | {"label": {"sqlExpression": READS_A_FILE}}]},
    "a column of SQL as its title": {"columns": [X_AXIS | {"label": READS_A_FILE}]},
    "a time grain of SQL": {"columns": [X_AXIS | {"timeGrain": READS_A_FILE}]},
    "a time grain of SQL in the extras": {"extras": {"having": "(sum(price) > 0)", "time_grain_sqla": READS_A_FILE}},
    "a column of SQL beside the chart's": {"columns": [X_AXIS | {"sql": READS_A_FILE}]},
    "a column that only the dataset has": {"columns": ["session_id"]},
    "a column as text": {"columns": [READS_A_FILE]},
    "a series of SQL": {"series_columns": [SQL]},
    "a group of SQL": {"groupby": [SQL]},
    "an order of SQL": {"orderby": [[SQL, True]]},
    "an order as text": {"orderby": [[READS_A_FILE, True]]},
    "an order that is none": {"orderby": ["total_sales"]},
    "a limit by SQL": {"series_limit_metric": SQL},
    "a limit by SQL of the older make": {"timeseries_limit_metric": SQL},
    "where": {"extras": {"where": "1 = 1) union all select 1 --", "having": "(sum(price) > 0)"}},
    "having": {"extras": {"having": "(sum(price) > 0) or true"}},
    "no having": {"extras": {}},
    "another extra": {"extras": {"having": "(sum(price) > 0)", "relative_start": READS_A_FILE}},
    "a filter on SQL": {"filter": [LIKED, {"col": SQL, "op": "==", "val": 1}]},
    "a filter on a hidden column": {"filter": [LIKED, {"col": "session_id", "op": "==", "val": "x"}]},
    "a filter on its title": {"filter": [LIKED, {"col": "Session", "op": "==", "val": "x"}]},
    "a filter on a metric": {"filter": [LIKED, {"col": "buyers", "op": ">", "val": 1}]},
    "an operator of SQL": {"filter": [LIKED, {"col": "country", "op": "= '' or", "val": "x"}]},
    "a value that is none": {"filter": [LIKED, {"col": "country", "op": "==", "val": {"sql": READS_A_FILE}}]},
    "values that are none": {"filter": [LIKED, {"col": "country", "op": "IN", "val": [["x"]]}]},
    "without the chart's own filter": {"filter": []},
    "a time that is no column": {"granularity": READS_A_FILE},
    "another chart's rows": {"annotation_layers": [{"annotationType": "EVENT", "sourceType": "table", "value": 1}]},
    "all rows": {"result_type": "samples"},
    "all columns": {"result_type": "drill_detail"},
    "its SQL": {"result_type": "query"},
    "a costly act": {"post_processing": [{"operation": "prophet", "options": {"periods": 10**9}}]},
    "a costly act of the chart's": {"post_processing": [{"operation": "resample", "options": {"rule": "1N"}}]},
    "another time to compare": {"time_offsets": ["2 years ago"]},
    "a part nobody knows": {"from_another_version": SQL},
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_the_chart_does_not_ask_is_refused(attack: str) -> None:
    assert refused(query(**ATTACKS[attack]))


def test_refusal_names_the_part() -> None:
    assert refused(query(metrics=["buyers"])) == "metrics \"['buyers']\" is not what the chart asks"


def test_act_with_the_charts_own_setting_is_allowed() -> None:
    check_queries([query(post_processing=[{"operation": "resample", "options": {"rule": "1D"}}])], CHART)


def test_second_query_of_a_mixed_chart_has_the_second_filters() -> None:
    only_gold = {"expressionType": "SIMPLE", "subject": "country", "operator": "IN", "comparator": ["GB"]}
    mixed = replace(CHART, params=dict(CHART.params) | {"adhoc_filters_b": [only_gold]})
    check_queries([query(), query(filter=[{"col": "country", "op": "IN", "val": ["GB"]}], extras={})], mixed)
    refused(query(filter=[{"col": "country", "op": "IN", "val": ["FR"]}], extras={}), mixed)


def test_filter_of_a_dashboard_lists_its_own_column() -> None:
    listing = Stored({"targets": [{"column": {"name": "artist"}}]}, CHART.columns, CHART.metrics, CHART.filterable)
    filters = [{"col": "artist", "op": "ILIKE", "val": "%G%"}, {"col": "country", "op": "IN", "val": ["GB"]}]
    request = {"columns": ["artist"], "metrics": [], "orderby": [["artist", True]], "extras": {}, "filter": filters}
    check_queries([request], listing)
    for changed in (
        {"columns": ["session_id"]},
        {"metrics": [SQL]},
        {"metrics": ["total_sales"]},
        {"orderby": [[SQL, True]]},
    ):
        assert refused(request | changed, listing)


def test_number_of_queries_is_bounded() -> None:
    with pytest.raises(NotOfTheChartError, match="6 queries, at most 5"):
        check_queries([query()] * 6, CHART)
