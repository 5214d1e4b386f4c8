"""What somebody who is not Admin may ask: the queries of a stored chart or filter, with other values to filter by.

Superset compares a request with its chart for guests of embedded dashboards only, and there looks neither at filters,
nor at `extras`, nor at what a dashboard's filters ask. Here a request is refused unless a rule lets each part pass.
Nothing of Superset is imported: the rules read what is stored and what is asked as plain values.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

OPERATORS = {
    "==", "!=", ">", "<", ">=", "<=", "LIKE", "NOT LIKE", "ILIKE", "NOT ILIKE", "IN", "NOT IN", "TEMPORAL_RANGE",
    "IS NULL", "IS NOT NULL", "IS TRUE", "IS FALSE",
}  # fmt: skip
RESULT_TYPES = {"full", "results"}  # not samples, drill_detail or columns, which show all of a dataset, nor its SQL
MAX_QUERIES = 5  # of one request; a chart has two at most, and a table asks for its totals and row count too
# Acts on the answer whose cost the asker chooses: allowed as the chart itself asks for them. Act -> (option, setting).
COSTLY_ACTS = {
    "resample": ("rule", "resample_rule"),
    "prophet": ("periods", "forecastPeriods"),
    "histogram": ("bins", "bins"),
    "rolling": ("window", "rolling_periods"),
}
COLUMN_PARTS = {"label", "sqlExpression", "expressionType", "columnType", "timeGrain", "isColumnReference",
                "hasCustomLabel", "optionName"}  # fmt: skip

TIME_GRAIN = re.compile(r"[\w:/.-]{1,60}")  # ISO 8601, as P1M or 1969-12-29T00:00:00Z/P1W


class NotOfTheChartError(Exception):
    """A part of a request is neither stored with the chart nor a filter; the message names the part."""


@dataclass(frozen=True)
class Stored:
    """What a chart or a dashboard's filter is saved with.

    params: the saved settings. columns, metrics: names the dataset has. filterable: columns people may filter by;
    closed: whatever else a filter could name, where Superset also looks for metrics and for columns by their title.
    formatted: SQL as Superset writes it anew, for comparing what is saved with what comes.
    """

    params: Mapping[str, Any]
    columns: frozenset[str]
    metrics: frozenset[str]
    filterable: frozenset[str]
    closed: frozenset[str] = frozenset()
    formatted: Callable[[str], str] = str

    @property
    def texts(self) -> set[str]:
        """Every text anywhere in the settings: names of columns and metrics are among them."""
        return {each for each in values_in(self.params) if isinstance(each, str)}

    @property
    def expressions(self) -> set[str]:
        """Metrics and columns that were written as SQL, as they are saved."""
        return {frozen(each) for each in values_in(self.params) if isinstance(each, dict) and "expressionType" in each}

    @property
    def sql(self) -> set[str]:
        return {json.loads(each).get("sqlExpression") for each in self.expressions} - {None}

    @property
    def filter_sets(self) -> list[list[Mapping[str, Any]]]:
        """The saved filters: one set, and one more for the second query of a mixed chart."""
        return [self.params[key] or [] for key in self.params if key.startswith("adhoc_filters")] or [[]]


def check_queries(queries: list[Mapping[str, Any]], stored: Stored) -> None:
    """Raise NotOfTheChartError if a query holds anything `stored` does not allow, or lacks the chart's own filters."""
    if len(queries) > MAX_QUERIES:
        raise NotOfTheChartError(f"{len(queries)} queries, at most {MAX_QUERIES} are allowed")
    for query in queries:
        for part, value in query.items():
            if value and part not in FREE and not RULES.get(part, never)(value, stored):
                raise NotOfTheChartError(f"{part} {str(value)[:200]!r} is not what the chart asks")
        if not any(has_filters(query, saved, stored) for saved in stored.filter_sets):
            raise NotOfTheChartError("the chart's own filters are missing or changed")


def has_filters(query: Mapping[str, Any], saved: list[Mapping[str, Any]], stored: Stored) -> bool:
    """True if the query has the saved filters, and no SQL to filter by but theirs."""
    extras = query.get("extras") or {}
    for name in ("where", "having"):
        clauses = [each["sqlExpression"] for each in saved if is_sql(each) and each.get("clause") == name.upper()]
        mine = " AND ".join(f"({clause})" for clause in clauses)
        if stored.formatted(extras.get(name) or "") != stored.formatted(mine):
            return False
    connect = [compared(each, "col", "op", "val") for each in query.get("filter") or []]
    return all(each in connect for each in fixed(saved))


def fixed(saved: list[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """The saved filters that every request has. A time range is none of them: a dashboard's date filter replaces it."""
    plain = [compared(each, "subject", "operator", "comparator") for each in saved if not is_sql(each)]
    return [each for each in plain if each[1] != "TEMPORAL_RANGE"]


def compared(value: Mapping[str, Any], column: str, operator: str, wanted: str) -> tuple[Any, ...]:
    return value.get(column), value.get(operator), value.get(wanted)


def is_sql(saved: Mapping[str, Any]) -> bool:
    return saved.get("expressionType") == "SQL"


def is_column(value: Any, stored: Stored) -> bool:
    """A column which the chart names, or SQL saved with it; Superset sends an x axis as a dict."""
    if isinstance(value, dict):
        if value.keys() - COLUMN_PARTS or any(isinstance(each, (dict, list)) for each in value.values()):
            return False
        if not is_time_grain(value.get("timeGrain")):
            return False
        is_named = value.get("label", "") in stored.columns | stored.texts
        return is_named and value.get("sqlExpression") in (stored.columns & stored.texts) | stored.sql
    return isinstance(value, str) and value in stored.columns & stored.texts


def is_metric(value: Any, stored: Stored) -> bool:
    if isinstance(value, dict):
        return frozen(value) in stored.expressions
    return isinstance(value, str) and value in stored.metrics & stored.texts


def is_order(value: Any, stored: Stored) -> bool:
    """(column or metric, is ascending)"""
    if not isinstance(value, (list, tuple)) or len(value) != 2 or not isinstance(value[1], bool):
        return False
    return is_metric(value[0], stored) or is_column(value[0], stored)


def is_filter(value: Any, stored: Stored) -> bool:
    """A filterable column, a known operator, plain values to compare with.

    A dashboard sends filters on columns that only other datasets have, too; Superset passes over these.
    """
    column, wanted = value.get("col"), value.get("val")
    values = wanted if isinstance(wanted, list) else [wanted]
    if isinstance(column, dict):  # a click on a chart's x axis
        if not is_column(column, stored) or column["sqlExpression"] not in stored.filterable:
            return False
    elif not isinstance(column, str) or (column in stored.closed and column not in stored.filterable):
        return False
    is_plain = all(each is None or isinstance(each, (str, int, float)) for each in values)
    return is_plain and str(value.get("op")).upper() in OPERATORS


def are_extras(value: Mapping[str, Any], _: Stored) -> bool:
    """where and having are compared apart."""
    is_known = {key for key, each in value.items() if each} <= {"where", "having", "time_grain_sqla"}
    return is_known and is_time_grain(value.get("time_grain_sqla"))


def is_time_grain(value: Any) -> bool:
    return value is None or (isinstance(value, str) and TIME_GRAIN.fullmatch(value) is not None)


def is_act_on_the_answer(value: Mapping[str, Any], stored: Stored) -> bool:
    act = value.get("operation")
    if act not in COSTLY_ACTS:
        return True
    option, setting = COSTLY_ACTS[act]
    return bool(stored.params.get(setting)) and str(value.get("options", {}).get(option)) == str(stored.params[setting])


def is_result_type(value: Any, _: Stored | None = None) -> bool:
    return str(getattr(value, "value", value)) in RESULT_TYPES


def is_stored_text(value: Any, stored: Stored) -> bool:
    return isinstance(value, str) and value in stored.texts


def never(_: Any, __: Stored) -> bool:
    return False


def every(rule: Callable[[Any, Stored], bool]) -> Callable[[Any, Stored], bool]:
    return lambda values, stored: all(rule(value, stored) for value in values)


# Parts of a query, as superset.common.query_object and superset.viz name them. What is in neither is refused.
RULES: Mapping[str, Callable[[Any, Stored], bool]] = {
    "columns": every(is_column),
    "groupby": every(is_column),
    "series_columns": every(is_column),
    "metrics": every(is_metric),
    "orderby": every(is_order),
    "series_limit_metric": is_metric,
    "timeseries_limit_metric": is_metric,
    "filter": every(is_filter),
    "extras": are_extras,
    "granularity": lambda value, stored: isinstance(value, str) and value in stored.filterable,
    "post_processing": every(is_act_on_the_answer),
    "time_offsets": every(is_stored_text),
    "time_shift": is_stored_text,
    "result_type": is_result_type,
}  # fmt: skip
# Numbers, dates and switches that choose among the same rows. Superset itself bounds how many rows it gives.
FREE = {
    "applied_time_extras", "apply_fetch_values_predicate", "from_dttm", "to_dttm", "inner_from_dttm", "inner_to_dttm",
    "is_rowcount", "is_timeseries", "order_desc", "row_limit", "row_offset", "series_limit", "timeseries_limit",
    "group_others_when_limit_reached", "time_range",
}  # fmt: skip


def values_in(value: Any) -> Iterator[Any]:
    """The value and all that is in it; a text that is a JSON list is one, as in `order_by_cols`."""
    yield value
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            return
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for inner in value:
            yield from values_in(inner)


def frozen(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
