"""Every chart twice: the data it got, against SQL on the served file; and what it drew, in a real browser."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from tests.dashboards.conftest import Shown
from tests.dashboards.screenshots import Screenshots

SALES = "from gold.fact_session facts join gold.dim_date using (date_key)"
SESSIONS = "count(distinct session_id)"
# In whole numbers: a division of doubles would round some half cents down.
ORDER_VALUE = f"((sum(price) * 200)::bigint + {SESSIONS}) // (2 * {SESSIONS}) * 0.01"
LATEST = "from bi.rule_outcomes_vw where is_latest"

# Title -> the rows it must show. A series of a chart stands in the second column.
FIGURES = {
    "Revenue": f"select sum(price) {SALES}",
    "Orders": f"select {SESSIONS} {SALES}",
    "Order value": f"select {ORDER_VALUE} {SALES}",
    "Items sold": f"select count(*) {SALES}",
    "Active users": f"select count(distinct user_id) {SALES}",
    "Liked items": f"select avg(liked::int) {SALES}",
    "Last refinement": "select max(finished_at) from bi.refinements_vw",
    "Rows refined": "select sum(silver_rows) from bi.refinements_vw",
    "Rows in quarantine": "select sum(row_count) from bi.quarantine_vw",
    "Rules evaluated, last evaluations": f"select count(*) {LATEST}",
    "Not passed": f"select count(*) filter (outcome <> 'passed') {LATEST}",
}
ROWS = {
    "Revenue by month": f"select month_start, sum(price) {SALES} group by 1",
    "Revenue by day": "select session_date, total_sales from bi.daily_sales_vw",
    "Revenue by country": "select country_code, sum(total_sales) from bi.sales_per_country_vw group by 1",
    "Top countries": f"select country_code, sum(price), {SESSIONS}, {ORDER_VALUE}, count(distinct user_key)"
    " from gold.fact_session join gold.dim_users using (user_key) group by 1",
    "Active and new users by month": "select month_start, sum(active_users), sum(new_users)"
    " from bi.user_activity_vw group by 1 having sum(active_users) > 0",
    "Likes by week": f"select date_trunc('week', calendar_date), sum(liked::int) {SALES} group by 1",
    "Order value by week": f"select date_trunc('week', calendar_date), {ORDER_VALUE} {SALES} group by 1",
    "Quarantine by reason": "select table_name, reason, sum(row_count) from bi.quarantine_vw group by 1, 2",
    "Last outcome of every rule": f"select table_name, rule, outcome, reason {LATEST}",
    "Refinements": "select finished_at, table_name, window_from, window_to, outcome, landed_records, silver_rows,"
    " quarantined_rows, duration_s from bi.refinements_vw",
}
SERIES = {
    "Items per day and layer": "select session_date, layer, row_count from bi.layer_rows_vw",
    "Quarantined rows by day": "select ingest_on, table_name, sum(row_count) from bi.quarantine_vw group by 1, 2",
    "Last rule outcomes by table": f"select table_name, outcome, count(*) {LATEST} group by 1, 2",
    "Run times, seconds": "select run_id, table_name, sum(duration_s) from bi.refinements_vw group by 1, 2",
}
TOPS = {
    "Top artists": (15, "select artist_name, sum(total_sales) from bi.sales_per_artist_vw group by 1"),
    "Top songs": (
        15,
        "select title || ', ' || artist_name, sum(price) from gold.fact_session join gold.dim_songs using (song_key)"
        " join gold.dim_artists on fact_session.artist_key = dim_artists.artist_key group by 1",
    ),
}
MONEY = ("Revenue", "Order value")
DASHBOARDS = {
    "sales": {"Revenue", "Orders", "Order value", "Items sold", "Active users", "Liked items", "Revenue by month",
              "Revenue by day", "Revenue by country", "Top countries", "Top artists", "Top songs",
              "Active and new users by month", "Likes by week", "Order value by week"},
    "operations": {"Last refinement", "Rows refined", "Rows in quarantine",
                   "Rules evaluated, last evaluations", "Not passed", "Items per day and layer",
                   "Last rule outcomes by table", "Quarantined rows by day",
                   "Quarantine by reason", "Run times, seconds", "Refinements", "Last outcome of every rule"},
}  # fmt: skip
CHARTS = [(name, title) for name, titles in DASHBOARDS.items() for title in sorted(titles)]
See = Callable[[str], Screenshots]


@pytest.mark.parametrize("name", DASHBOARDS)
def test_dashboard_shows_its_charts_and_no_trouble(screenshots: See, name: str) -> None:
    assert set(screenshots(name).charts) == DASHBOARDS[name]
    assert screenshots(name).trouble == []


@pytest.mark.parametrize(("name", "title"), CHARTS)
def test_chart_got_what_the_served_file_says(screenshots: See, shown: Shown, name: str, title: str) -> None:
    answers = screenshots(name).charts[title].answers
    if title in FIGURES:
        assert [tuple(row.values()) for row in plain_rows(answers[0])] == plain(shown.rows(FIGURES[title]))
    elif title in SERIES:
        assert sorted(series(answers)) == sorted(plain(shown.rows(SERIES[title])))
    elif title in TOPS:
        count, sql = TOPS[title]
        got, everything = [tuple(row.values()) for row in plain_rows(answers[0])], plain(shown.rows(sql))
        place = next(place for place, value in enumerate(got[0]) if isinstance(value, float))
        assert set(got) <= set(everything)
        assert sorted(row[place] for row in got) == sorted(row[place] for row in everything)[-count:]
    else:
        assert sorted(map(repr, map_rows(title, answers[0]))) == sorted(map(repr, plain(shown.rows(ROWS[title]))))


@pytest.mark.parametrize(("name", "title"), CHARTS)
def test_chart_is_drawn(screenshots: See, name: str, title: str) -> None:
    chart = screenshots(name).charts[title]
    rows = sum(len(answer) for answer in chart.answers[:1])
    if title in FIGURES:
        assert figure(chart.drawn["figure"]) == figure(written(title, chart.answers[0][0]))
    elif title == "Revenue by country":
        assert chart.drawn["countries"] > 150
    elif chart.drawn["rows"]:
        assert chart.drawn["rows"] >= min(rows, 5)
    else:
        assert chart.drawn["colours"] > 3
    assert title in chart.drawn["text"]


def written(title: str, row: dict[str, Any]) -> str:
    """The figure as a person reads it."""
    [value] = row.values()
    if title == "Last refinement":
        return moment(value).strftime("%Y-%m-%d %H:%M")
    if title == "Liked items":
        return f"{value:.1%}"
    places = Decimal("0.01") if title == "Order value" else Decimal(1)
    return f"{'$ ' if title in MONEY else ''}{Decimal(str(value)).quantize(places, ROUND_HALF_UP):,}"


def figure(text: str) -> str:
    return " ".join(text.split())


def map_rows(title: str, answer: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Rows in the order of the SQL's columns; the world map says more of a country than was asked for."""
    if title == "Revenue by country":
        return [(country["code"], country["m1"]) for country in answer]
    return [tuple(row.values()) for row in plain_rows(answer)]


def series(answers: list[list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    """(x, series, value) of a chart whose answer has a column per series."""
    found = []
    for answer in answers:
        for row in plain_rows(answer):
            (_, x), *values = row.items()
            found += [(x, name.split(", ")[-1], value) for name, value in values if value is not None]
    return found


def plain_rows(answer: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: plain_value(name, value) for name, value in row.items()} for row in answer]


def plain_value(name: str, value: Any) -> Any:
    """Moments come as milliseconds since 1970."""
    if value is not None and (name.endswith(("_at", "_date", "_on", "_from", "_to")) or name in ("month_start",)):
        return comparable(moment(value)) if isinstance(value, (int, float)) else value
    return comparable(value)


def moment(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=None)


def plain(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [tuple(comparable(value) for value in row) for row in rows]


def comparable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(microsecond=value.microsecond // 1000 * 1000).isoformat()
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day).isoformat()
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return value
    return round(float(value), 4)
