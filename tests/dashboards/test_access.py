"""Who may see what, by the API: the analyst the dashboards, a stranger nothing, nobody may write."""

from typing import Any

import httpx
import pytest

from tests.dashboards.conftest import Shown

DENIED = [
    ("POST", "/api/v1/sqllab/execute/", {"database_id": 1, "sql": "select 1"}),
    ("GET", "/api/v1/database/", None),
    ("GET", "/api/v1/dataset/", None),
    ("GET", "/api/v1/query/", None),
    ("GET", "/api/v1/saved_query/", None),
    ("GET", "/api/v1/security/users/", None),
    ("GET", "/api/v1/log/", None),
    ("GET", "/api/v1/assets/export/", None),
    ("POST", "/api/v1/chart/", {"slice_name": "mine", "datasource_id": 1, "datasource_type": "table"}),
    ("PUT", "/api/v1/dashboard/1", {"dashboard_title": "mine"}),
    ("DELETE", "/api/v1/dashboard/1", None),
]


def question(shown: Shown, metric: str = "items_sold", **more: Any) -> dict[str, Any]:
    """One metric of all purchases, as /api/v1/chart/data wants to be asked."""
    admin = shown.people["admin"]
    datasets = admin.get("/api/v1/dataset/").raise_for_status().json()["result"]
    number = next(each["id"] for each in datasets if each["table_name"] == "purchases_vw")
    return {"datasource": {"id": number, "type": "table"}, "queries": [{"metrics": [metric], **more}]}


def test_analyst_sees_both_dashboards(shown: Shown) -> None:
    analyst = shown.people["analyst"]
    found = analyst.get("/api/v1/dashboard/").raise_for_status().json()["result"]
    assert {each["slug"] for each in found} == {"sales", "operations"}


@pytest.mark.parametrize(("method", "path", "body"), DENIED, ids=lambda value: str(value)[:40])
def test_analyst_may_nothing_else(shown: Shown, method: str, path: str, body: Any) -> None:
    analyst = shown.people["analyst"]
    assert analyst.request(method, path, json=body).status_code == 403


def test_data_are_denied_outside_of_a_dashboard(shown: Shown) -> None:
    payload = question(shown)
    analyst, admin = shown.people["analyst"], shown.people["admin"]
    assert analyst.post("/api/v1/chart/data", json=payload).status_code == 403
    assert admin.post("/api/v1/chart/data", json=payload).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/dashboard/sales", "/api/v1/dashboard/sales/charts", "/api/v1/chart/1"])
def test_stranger_sees_nothing(shown: Shown, path: str) -> None:
    assert httpx.get(shown.url + path, timeout=60).status_code in (401, 403, 404)
    assert httpx.get(f"{shown.url}/api/v1/dashboard/", timeout=60).json().get("result", []) == []


def test_sign_in_by_form_needs_its_token(shown: Shown) -> None:
    account = {"username": "analyst", "password": shown.accounts["analyst"]}
    with httpx.Client(base_url=shown.url, timeout=60) as forged:
        forged.post("/login/", data=account)
        assert forged.get("/api/v1/me/").status_code == 401
    assert shown.people["analyst"].get("/api/v1/me/").json()["result"]["username"] == "analyst"


def test_page_may_load_from_its_own_server_only(shown: Shown) -> None:
    policy = httpx.get(f"{shown.url}/login/", timeout=60).headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_served_file_cannot_be_written_even_by_admin(shown: Shown) -> None:
    admin = shown.people["admin"]
    [database] = admin.get("/api/v1/database/").raise_for_status().json()["result"]
    payload = {"database_id": database["id"], "sql": "create table gold.mine as select 1 as one"}
    response = admin.post("/api/v1/sqllab/execute/", json=payload)
    assert response.status_code >= 400
    assert shown.rows("select count(*) from duckdb_tables() where table_name = 'mine'") == [(0,)]


def test_datasets_are_certified(shown: Shown) -> None:
    admin = shown.people["admin"]
    datasets = admin.get("/api/v1/dataset/").raise_for_status().json()["result"]
    assert len(datasets) == 6
    assert [each["table_name"] for each in datasets if '"certified_by"' not in (each["extra"] or "")] == []
