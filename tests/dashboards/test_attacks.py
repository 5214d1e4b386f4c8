"""Attacks on running dashboards: by the analyst with changed requests of charts, by Admin in SQL Lab, at the door.

No browser is needed here. What each attack would bring is a line of /etc/passwd, or a file beside the served one.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.contract.test_served_database import ATTACKS as SQL_ATTACKS
from tests.dashboards.conftest import Shown

PASSWD = "root:x:0"
READS_A_FILE = "content from read_text('/etc/passwd') union all select ''"
SQL = {"expressionType": "SQL", "sqlExpression": READS_A_FILE, "label": "stolen"}
LAST_SESSION = {
    "expressionType": "SIMPLE", "aggregate": "MAX", "column": {"column_name": "session_id"}, "label": "last"
}  # fmt: skip
IS_TRUE = "1 = 1) union all select content from read_text('/etc/passwd') --"
Change = Callable[[dict[str, Any]], Any]


def numbers(shown: Shown, kind: str, name: str) -> dict[str, int]:
    """Name -> number of every chart, dataset or dashboard."""
    found = shown.people["admin"].get(f"/api/v1/{kind}/?q=(page_size:100)").raise_for_status().json()["result"]
    return {each[name]: each["id"] for each in found}


@pytest.fixture(scope="module")
def top_countries(shown: Shown) -> dict[str, Any]:
    """What the page asks for the chart Top countries."""
    charts, boards = numbers(shown, "chart", "slice_name"), numbers(shown, "dashboard", "slug")
    query = {
        "columns": ["country_code"],
        "metrics": ["total_sales", "sessions"],
        "orderby": [["total_sales", False]],
        "filters": [{"col": "currency", "op": "IN", "val": ["USD"]}],
        "extras": {"where": "", "having": ""},
        "row_limit": 300,
    }
    return {
        "datasource": {"id": numbers(shown, "dataset", "table_name")["purchases_vw"], "type": "table"},
        "queries": [query],
        "form_data": {"slice_id": charts["Top countries"], "dashboardId": boards["sales"], "viz_type": "table"},
        "result_format": "json",
        "result_type": "full",
    }


@pytest.fixture(scope="module")
def countries_filter(shown: Shown, top_countries: dict[str, Any]) -> dict[str, Any]:
    """What the page asks for the values of the filter Country."""
    form = {"type": "NATIVE_FILTER", "native_filter_id": "NATIVE_FILTER-country", "viz_type": "filter_select",
            "dashboardId": top_countries["form_data"]["dashboardId"]}  # fmt: skip
    query = {"columns": ["country_code"], "metrics": [], "orderby": [["country_code", True]], "extras": {}}
    return top_countries | {"queries": [query], "form_data": form}


def changed(body: dict[str, Any], change: Change) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(body))
    change(copy)
    return copy


def in_query(**parts: Any) -> Change:
    return lambda body: body["queries"][0].update(parts)


def in_body(**parts: Any) -> Change:
    return lambda body: body.update(parts)


def in_form(**parts: Any) -> Change:
    return lambda body: body["form_data"].update(parts)


# What holds for a chart and for a filter of a dashboard.
ATTACKS: dict[str, Change] = {
    "metric": in_query(metrics=[SQL]),
    "metric by name": in_query(metrics=["order_value"], columns=["session_id"]),
    "aggregate": in_query(metrics=[LAST_SESSION]),
    "column": in_query(columns=[SQL]),
    "column as an axis": in_query(columns=[SQL | {"columnType": "BASE_AXIS", "isColumnReference": True}]),
    "column as a title": in_query(columns=[{**SQL, "sqlExpression": "country_code", "label": 'x", ' + READS_A_FILE}]),
    "time grain": in_query(columns=[{**SQL, "sqlExpression": "country_code", "timeGrain": IS_TRUE}]),
    "other column": in_query(columns=["session_id"]),
    "group of the older make": in_query(groupby=[SQL]),
    "order": in_query(orderby=[[SQL, True]]),
    "order as text": in_query(orderby=[[READS_A_FILE, True]]),
    "series": in_query(series_columns=[SQL], series_limit=1, series_limit_metric=SQL),
    "where": in_query(extras={"where": IS_TRUE}),
    "having": in_query(extras={"having": IS_TRUE}),
    "where of the older make": in_query(where=IS_TRUE),
    "subquery": in_query(extras={"where": "country_code in (select user_id from gold.dim_users)"}),
    "template": in_query(extras={"where": "{{ current_user_id() }} = 1"}),
    "filter on SQL": in_query(filters=[{"col": SQL, "op": "==", "val": "x"}]),
    "filter on a hidden column": in_query(filters=[{"col": "session_id", "op": "LIKE", "val": "a%"}]),
    "filter on its title": in_query(filters=[{"col": "Session", "op": "LIKE", "val": "a%"}]),
    "annotation": in_query(
        annotation_layers=[{"annotationType": "EVENT", "sourceType": "table", "value": 1, "name": "x", "show": True,
                            "showMarkers": True, "overrides": {}}]
    ),
    "samples": in_body(result_type="samples"),
    "drill to detail": in_body(result_type="drill_detail"),
    "SQL of the query": in_body(result_type="query"),
    "samples of one query": in_query(result_type="samples"),
    "many queries": lambda body: body.update(queries=body["queries"] * 50),
    "no chart": in_body(form_data={}),
    "no form": lambda body: body.pop("form_data"),
    "drill by": in_form(slice_id=0, chart_id=1, groupby=["country_code"], type=None),
    "another dashboard's number": in_form(dashboardId=10**6),
}  # fmt: skip


def denied(answer: httpx.Response) -> None:
    """Refused by us or, where a request is malformed, by Superset; and nothing was given away."""
    assert answer.status_code in (400, 403, 404), answer.text[:500]
    assert PASSWD not in answer.text
    assert '"data"' not in answer.text


def test_analyst_gets_what_the_page_asks(
    shown: Shown, top_countries: dict[str, Any], countries_filter: dict[str, Any]
) -> None:
    for body in (top_countries, countries_filter):
        answer = shown.people["analyst"].post("/api/v1/chart/data", json=body)
        assert answer.status_code == 200, answer.text
        assert "US" in {row["country_code"] for row in answer.json()["result"][0]["data"]}


@pytest.mark.parametrize("attack", ATTACKS)
def test_changed_request_of_a_chart_is_refused(shown: Shown, top_countries: dict[str, Any], attack: str) -> None:
    denied(shown.people["analyst"].post("/api/v1/chart/data", json=changed(top_countries, ATTACKS[attack])))


@pytest.mark.parametrize("attack", ATTACKS)
def test_changed_request_of_a_filter_is_refused(shown: Shown, countries_filter: dict[str, Any], attack: str) -> None:
    denied(shown.people["analyst"].post("/api/v1/chart/data", json=changed(countries_filter, ATTACKS[attack])))


def test_token_of_the_api_opens_no_more_than_the_form(shown: Shown, top_countries: dict[str, Any]) -> None:
    account = {"username": "analyst", "password": shown.accounts["analyst"], "provider": "db"}
    with httpx.Client(base_url=shown.url, timeout=60) as program:
        token = program.post("/api/v1/security/login", json=account).raise_for_status().json()["access_token"]
        program.headers["Authorization"] = f"Bearer {token}"
        program.headers["X-CSRFToken"] = program.get("/api/v1/security/csrf_token/").json().get("result", "")
        denied(program.post("/api/v1/chart/data", json=changed(top_countries, ATTACKS["metric"])))


def test_request_as_a_form_is_checked_too(shown: Shown, top_countries: dict[str, Any]) -> None:
    form = {"form_data": json.dumps(changed(top_countries, ATTACKS["metric"]))}
    denied(shown.people["analyst"].post("/api/v1/chart/data", data=form))


def test_chart_cannot_ask_another_dataset(shown: Shown, top_countries: dict[str, Any]) -> None:
    other = {"id": numbers(shown, "dataset", "table_name")["quarantine_vw"], "type": "table"}
    denied(shown.people["analyst"].post("/api/v1/chart/data", json=top_countries | {"datasource": other}))


def test_chart_with_filters_of_its_own_shows_no_other_rows(shown: Shown, top_countries: dict[str, Any]) -> None:
    """Not passed counts the latest rule outcomes only; without that filter it would count all."""
    body = changed(top_countries, in_query(columns=[], metrics=["outcomes_not_passed"], orderby=[], filters=[]))
    body["datasource"]["id"] = numbers(shown, "dataset", "table_name")["rule_outcomes_vw"]
    body["form_data"] |= {
        "slice_id": numbers(shown, "chart", "slice_name")["Not passed"],
        "dashboardId": numbers(shown, "dashboard", "slug")["operations"],
    }
    analyst = shown.people["analyst"]
    denied(analyst.post("/api/v1/chart/data", json=body))
    latest = in_query(filters=[{"col": "is_latest", "op": "==", "val": True}])
    assert analyst.post("/api/v1/chart/data", json=changed(body, latest)).status_code == 200


# The world map asks in another way.
FORMS: dict[str, dict[str, Any]] = {
    "metric": {"metric": SQL},
    "entity": {"entity": SQL},
    "metrics": {"metrics": [SQL]},
    "where": {"adhoc_filters": [{"clause": "WHERE", "expressionType": "SQL", "sqlExpression": "1 = 1 or true"}]},
    "having": {"adhoc_filters": [{"clause": "HAVING", "expressionType": "SQL", "sqlExpression": "1 = 1 or true"}]},
    "more filters": {"extra_form_data": {"adhoc_filters": [
        {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": "1 = 1 or true"}]}},
    "another chart": {"viz_type": "para", "series": "session_id", "metrics": ["total_sales"]},
    "annotations": {"annotation_layers": [{"annotationType": "EVENT", "sourceType": "table", "value": 1, "name": "x"}]},
    "no chart": {"slice_id": None},
}  # fmt: skip


@pytest.fixture(scope="module")
def world_map(shown: Shown, top_countries: dict[str, Any]) -> dict[str, Any]:
    number = numbers(shown, "chart", "slice_name")["Revenue by country"]
    stored = json.loads(
        shown.people["admin"].get(f"/api/v1/chart/{number}").raise_for_status().json()["result"]["params"]
    )
    place = {"slice_id": number, "dashboardId": top_countries["form_data"]["dashboardId"]}
    return {**stored, **place, "datasource": f"{top_countries['datasource']['id']}__table"}


def test_analyst_gets_the_world_map(shown: Shown, world_map: dict[str, Any]) -> None:
    answer = shown.people["analyst"].post("/superset/explore_json/", data={"form_data": json.dumps(world_map)})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["data"]) > 10


@pytest.mark.parametrize("attack", FORMS)
def test_changed_request_of_the_world_map_is_refused(shown: Shown, world_map: dict[str, Any], attack: str) -> None:
    form = json.dumps(world_map | FORMS[attack])
    analyst = shown.people["analyst"]
    denied(analyst.post("/superset/explore_json/", data={"form_data": form}))
    denied(analyst.get("/superset/explore_json/", params={"form_data": form}))


@pytest.mark.parametrize("answer", ["samples", "query", "results=true&samples", "csv"])
def test_world_map_gives_its_own_data_only(shown: Shown, world_map: dict[str, Any], answer: str) -> None:
    form = {"form_data": json.dumps(world_map)}
    denied(shown.people["analyst"].post(f"/superset/explore_json/?{answer}=true", data=form))


HOME = ("/", "/login/", "/superset/welcome/")
DIRECT = [
    ("GET", "/api/v1/datasource/table/1/column/session_id/values/"),
    ("POST", "/datasource/samples?datasource_id=1&datasource_type=table"),
    ("GET", "/datasource/external_metadata/table/1/"),
    ("GET", "/api/v1/dataset/1"),
    ("GET", "/api/v1/chart/1/data/?type=samples"),
    ("GET", "/api/v1/chart/data/some_cache_key"),
    ("GET", "/api/v1/explore/?slice_id=1"),
    ("POST", "/api/v1/explore/form_data"),
    ("POST", "/api/v1/sqllab/execute/"),
    ("POST", "/api/v1/sqllab/estimate/"),
    ("POST", "/api/v1/sqllab/permalink"),
    ("GET", "/api/v1/sqllab/"),
    ("GET", "/sqllab/"),
    ("GET", "/explore/?slice_id=1"),
    ("GET", "/api/v1/database/1/tables/"),
    ("POST", "/api/v1/database/test_connection/"),
    ("POST", "/api/v1/database/validate_parameters/"),
    ("POST", "/api/v1/database/"),
    ("POST", "/api/v1/database/import/"),
    ("POST", "/api/v1/database/upload_metadata/"),
    ("POST", "/api/v1/assets/import/"),
    ("POST", "/api/v1/dashboard/import/"),
    ("GET", "/api/v1/dashboard/export/?q=!(1)"),
    ("POST", "/api/v1/dashboard/1/copy/"),
    ("POST", "/api/v1/dashboard/1/embedded"),
    ("POST", "/api/v1/dashboard/1/cache_dashboard_screenshot/"),
    ("PUT", "/api/v1/chart/1"),
    ("PUT", "/api/v1/chart/warm_up_cache"),
    ("GET", "/api/v1/chart/export/?q=!(1)"),
    ("GET", "/api/v1/report/"),
    ("GET", "/api/v1/annotation_layer/"),
    ("POST", "/api/v1/css_template/"),
    ("POST", "/api/v1/theme/"),
    ("GET", "/api/v1/security/roles/"),
    ("GET", "/api/v1/security/permissions-resources/"),
    ("POST", "/api/v1/security/guest_token/"),
    ("GET", "/api/v1/_openapi"),
    ("GET", "/swagger/v1"),
    ("GET", "/users/list/"),
    ("GET", "/roles/list/"),
    ("GET", "/superset/slice/1/"),
]


@pytest.mark.parametrize(("method", "path"), DIRECT)
@pytest.mark.parametrize("person", ["analyst", "stranger"])
def test_address_typed_in_gives_nothing(shown: Shown, method: str, path: str, person: str) -> None:
    with httpx.Client(base_url=shown.url, timeout=60) as stranger:
        who = shown.people["analyst"] if person == "analyst" else stranger
        answer = who.request(method, path, json={} if method in ("POST", "PUT") else None)
    home = answer.status_code == 302 and httpx.URL(answer.headers["Location"]).path in (
        "/",
        "/login/",
        "/superset/welcome/",
    )
    assert home or answer.status_code in (400, 401, 403, 404, 405), (answer.status_code, answer.headers)
    assert '"result"' not in answer.text


# SQL Lab, as Admin.


def lab(shown: Shown, sql: str) -> httpx.Response:
    database = numbers(shown, "database", "database_name")["DeFtunes"]
    return shown.people["admin"].post("/api/v1/sqllab/execute/", json={"database_id": database, "sql": sql})


def test_admin_asks_the_served_file(shown: Shown) -> None:
    answer = lab(shown, "select count(*) as items from gold.fact_session")
    assert answer.json()["data"] == [{"items": shown.rows("select count(*) from gold.fact_session")[0][0]}]


def test_sql_lab_reads_and_writes_no_file(shown: Shown) -> None:
    before = {path.name: path.stat().st_size for path in shown.serving.parent.iterdir()}
    values = {"file": shown.serving, "folder": shown.serving.parent, "secret": "/etc/passwd", "port": 9}
    for attack in SQL_ATTACKS:
        answer = lab(shown, attack.format(**values))
        assert answer.status_code >= 400, (attack, answer.text)
        assert PASSWD not in answer.text
    assert {path.name: path.stat().st_size for path in shown.serving.parent.iterdir()} == before


LOOSE = {"allow_dml": True, "extra": json.dumps({"engine_params": {"connect_args": {"read_only": False}}})}
ELSEWHERE = {"database_name": "mine", "sqlalchemy_uri": "duckdb:///:memory:", "expose_in_sqllab": True}
PROBE = {
    "engine": "postgresql",
    "configuration_method": "dynamic_form",
    "parameters": {"host": "127.0.0.1", "port": 22},
}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/api/v1/database/{number}", LOOSE),
        ("PUT", "/api/v1/database/{number}", ELSEWHERE),
        ("POST", "/api/v1/database/", ELSEWHERE),
        ("POST", "/api/v1/database/test_connection/", ELSEWHERE),
        ("POST", "/api/v1/database/validate_parameters/", PROBE),
        ("POST", "/api/v1/database/import/", {}),
        ("POST", "/api/v1/database/{number}/upload/", {}),
        ("DELETE", "/api/v1/database/{number}", None),
    ],
)
def test_admin_neither_changes_nor_adds_nor_probes_a_database(
    shown: Shown, method: str, path: str, body: dict[str, Any] | None
) -> None:
    number = numbers(shown, "database", "database_name")["DeFtunes"]
    assert shown.people["admin"].request(method, path.format(number=number), json=body).status_code == 403
    assert numbers(shown, "database", "database_name") == {"DeFtunes": number}
    assert lab(shown, "select 1 as one").json()["data"] == [{"one": 1}]


def test_dataset_of_sql_reads_no_file(shown: Shown) -> None:
    admin = shown.people["admin"]
    database = numbers(shown, "database", "database_name")["DeFtunes"]
    connect = {
        "database": database,
        "schema": "bi",
        "table_name": "mine",
        "sql": "select content from read_text('/etc/passwd')",
    }
    answer = admin.post("/api/v1/dataset/", json=connect)
    assert answer.status_code >= 400
    assert PASSWD not in answer.text


# At the door.


@contextmanager
def from_address(shown: Shown, address: str) -> Iterator[httpx.Client]:
    """Somebody at another address of this machine: all of 127.0.0.0/8 is loopback."""
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(base_url=shown.url, transport=transport, timeout=60) as somebody:
        yield somebody


def by_api(somebody: httpx.Client, password: str) -> int:
    account = {"username": "admin", "password": password, "provider": "db"}
    return somebody.post("/api/v1/security/login", json=account).status_code


def by_form(somebody: httpx.Client, password: str) -> int:
    [token] = re.findall(r'id="csrf_token"\s+value="([^"]+)"', somebody.get("/login/").text)
    account = {"username": "admin", "password": password, "csrf_token": token}
    return somebody.post("/login/", data=account, headers={"Referer": str(somebody.base_url)}).status_code


MANY = 100  # a minute has twenty; a slow machine may try into the next one


def count_answered_guesses(guess: Callable[[], int]) -> int:
    """How many guesses were answered before one was turned away; MANY if none was."""
    return next((number for number in range(MANY) if guess() == 429), MANY)


@pytest.mark.parametrize(("door", "address"), [(by_api, "127.0.0.3"), (by_form, "127.0.0.4")])
def test_passwords_cannot_be_tried_fast_and_nobody_is_locked_out(
    shown: Shown, door: Callable[[httpx.Client, str], int], address: str
) -> None:
    """Ten tries a minute and worker, of which there are two; Admin comes in from another address meanwhile."""
    with from_address(shown, address) as guesser:
        assert 5 <= count_answered_guesses(lambda: door(guesser, "guess")) < MANY
    with from_address(shown, "127.0.0.5") as admin:
        assert by_api(admin, shown.accounts["admin"]) == 200


def test_forwarded_address_is_not_believed(shown: Shown) -> None:
    addresses = (f"10.0.0.{number}" for number in range(MANY))
    with from_address(shown, "127.0.0.6") as guesser:

        def guess() -> int:
            guesser.headers["X-Forwarded-For"] = next(addresses)
            return by_api(guesser, "guess")

        assert count_answered_guesses(guess) < MANY


def test_signing_in_leads_nowhere_else(shown: Shown) -> None:
    answer = shown.people["analyst"].get("/login/", params={"next": "https://elsewhere.example/"})
    assert answer.status_code == 302
    assert httpx.URL(answer.headers["Location"]).host in ("", httpx.URL(shown.url).host)


def test_cookie_is_out_of_reach_and_pages_are_in_no_frame(shown: Shown) -> None:
    answer = httpx.get(f"{shown.url}/login/", timeout=60)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("deftunes_dashboards=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_request_that_is_too_large_is_refused(shown: Shown) -> None:
    assert shown.people["analyst"].post("/api/v1/chart/data", content=b" " * 9 * 1024 * 1024).status_code in (400, 413)


def test_served_file_has_no_names_nor_places_of_people(shown: Shown) -> None:
    columns = {name for (name,) in shown.rows("select distinct column_name from duckdb_columns()")}
    assert (
        columns & {"user_name", "user_lastname", "place_name", "timezone", "latitude", "longitude", "user_agent"}
        == set()
    )
    assert "country_code" in columns
