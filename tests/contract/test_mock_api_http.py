"""The API over HTTP, from a server of its own: answers, paging, refusals, documentation, faults."""

import json
import socket
import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import httpx
import pytest
import uvicorn

from mock_api.app import create_app
from mock_api.dataset import dataset
from mock_api.endpoints import endpoints
from mock_api.faults import Faults

DAY = {"start_date": "2020-02-07", "end_date": "2020-02-07"}
MODELS = [(endpoint.path, endpoint.model) for endpoint in endpoints()]
WEEK = {"start_date": "2020-02-03", "end_date": "2020-02-16"}


@pytest.fixture(scope="module")
def api() -> Iterator[httpx.Client]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(dataset(7, 0.05, None), Faults()), log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=10) as client:
        yield client
    server.should_exit = True
    thread.join(10)
    listener.close()


@pytest.fixture(autouse=True)
def _no_faults(api: httpx.Client) -> None:
    api.delete("/faults").raise_for_status()


def _switch(api: httpx.Client, **fault: Any) -> None:
    api.put("/faults", json=[fault]).raise_for_status()


def _pages(api: httpx.Client, path: str, limit: int) -> list[list[dict[str, Any]]]:
    answer = api.get(path, params=WEEK | {"limit": str(limit)}).raise_for_status()
    pages = [answer.json()]
    while "next" in answer.links:
        answer = api.get(answer.links["next"]["url"]).raise_for_status()
        pages.append(answer.json())
    return pages


@pytest.mark.parametrize(("path", "model"), MODELS)
def test_answer_is_an_array_of_the_documented_records(api: httpx.Client, path: str, model: Any) -> None:
    answer = api.get(path, params=DAY)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert "link" not in answer.headers
    assert [model.model_validate(row, strict=True).model_dump() for row in answer.json()] == answer.json()
    assert api.get(path, params=DAY).content == answer.content


@pytest.mark.parametrize("path", ["/sessions", "/users"])
def test_pages_follow_the_link_header_until_all_is_there(api: httpx.Client, path: str) -> None:
    whole = api.get(path, params=WEEK).json()
    pages = _pages(api, path, 10)
    assert [row for page in pages for row in page] == whole
    assert {len(page) for page in pages[:-1]} == {10}


def test_link_is_absolute_and_keeps_the_window(api: httpx.Client) -> None:
    link = api.get("/users", params={**WEEK, "limit": 1}).headers["link"]
    assert link.startswith(f"<{api.base_url}/users?start_date=2020-02-03&end_date=2020-02-16&limit=1&cursor=")
    assert link.endswith('>; rel="next"')


def test_every_page_counts_the_rows_of_the_window(api: httpx.Client) -> None:
    whole = api.get("/sessions", params=WEEK)
    page = api.get("/sessions", params={**WEEK, "limit": 10})
    assert (whole.headers["x-total-count"], page.headers["x-total-count"]) == (str(len(whole.json())),) * 2


def test_link_and_count_can_be_lost_or_wrong(api: httpx.Client) -> None:
    total = int(api.get("/users", params=WEEK).headers["x-total-count"])
    for kind, has_link, count in (
        ("no_link", False, str(total)),
        ("no_count", True, None),
        ("miscount", True, str(total + 1)),
        ("empty", True, None),
    ):
        _switch(api, kind=kind)
        answer = api.get("/users", params={**WEEK, "limit": 10})
        assert ("link" in answer.headers, answer.headers.get("x-total-count")) == (has_link, count)


def test_large_answer_is_the_pages_put_together(api: httpx.Client) -> None:
    window = {"start_date": "2020-01-01", "end_date": "2022-12-31"}
    rows = api.get("/sessions", params=window).json()
    assert len(rows) > 10_000
    assert rows[:9999] == api.get("/sessions", params={**window, "limit": 9999}).json()


def test_dates_are_optional_when_a_limit_is_given(api: httpx.Client) -> None:
    assert api.get("/users", params={"limit": 1}).json()[0]["user_since"] == "2019-01-01T00:00:00.000000"
    late = api.get("/users", params={"limit": 1, "start_date": "2030-12-31"})
    assert late.json()[0]["user_since"] == "2030-12-31T00:00:00.000000"


@pytest.mark.parametrize("query", [{"end_date": "2018-12-31"}, {"start_date": "2031-01-01"}])
def test_days_outside_of_the_calendar_have_no_rows(api: httpx.Client, query: dict[str, str]) -> None:
    for path in ("/users", "/sessions"):
        assert api.get(path, params=query).json() == []


@pytest.mark.parametrize("path", ["/sessions", "/users"])
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"start_date": "2020-02-30"}, 422),
        ({"start_date": "yesterday"}, 422),
        ({"end_date": ""}, 422),
        ({"end_date": "1580000000"}, 422),
        ({"end_date": "2020-02-07T00:00:00"}, 422),
        ({"start_date": "20200207"}, 422),
        ({**DAY, "limit": "0"}, 422),
        ({**DAY, "limit": "10001"}, 422),
        ({"start_date": "2020-02-08", "end_date": "2020-02-07"}, 400),
        ({**DAY, "cursor": "0"}, 400),
        ({**DAY, "cursor": "abc"}, 400),
    ],
)
def test_question_is_refused_with_a_detail_when_it_is_wrong(
    api: httpx.Client, path: str, query: dict[str, str], status: int
) -> None:
    answer = api.get(path, params=query)
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_health_names_the_dataset(api: httpx.Client) -> None:
    assert api.get("/health").json() == {"status": "ok", "seed": 7, "scale": 0.05, "songs": 500, "songs_csv": None}


def test_documentation_describes_every_array(api: httpx.Client) -> None:
    assert api.get("/docs").status_code == 200
    paths = api.get("/openapi.json").json()["paths"]
    for path, model in MODELS:
        answers = paths[path]["get"]["responses"]
        assert answers["200"]["content"]["application/json"]["schema"]["items"]["$ref"].endswith(f"/{model.__name__}")
        assert {"400", "422"} < set(answers)
        assert [entry["name"] for entry in paths[path]["get"]["parameters"]] == [
            "start_date",
            "end_date",
            "limit",
            "cursor",
        ]


def test_faults_do_not_exist_when_they_are_not_allowed() -> None:
    paths = create_app(dataset(7, 0.05, None)).openapi()["paths"]
    assert set(paths) == {path for path, _ in MODELS} | {"/health"}


def test_faults_are_shown_and_cleared(api: httpx.Client) -> None:
    _switch(api, kind="status", status=503, path="/users", day="2020-02-07")
    assert [(fault["kind"], fault["status"]) for fault in api.get("/faults").json()] == [("status", 503)]
    assert api.delete("/faults").status_code == 204
    assert api.get("/faults").json() == []
    assert api.put("/faults", json=[{"kind": "nonsense"}]).status_code == 422
    assert api.put("/faults", json=[{"kind": "cut", "path": "/nothing"}]).status_code == 422


def test_status_comes_with_retry_after_and_then_stops(api: httpx.Client) -> None:
    _switch(api, kind="status", status=429, retry_after=3, times=1)
    answer = api.get("/users", params=DAY)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    assert answer.json()["detail"] == "status 429, as asked for"
    assert api.get("/users", params=DAY).status_code == 200


def test_body_is_cut_when_a_fault_says_so(api: httpx.Client) -> None:
    good = api.get("/sessions", params=DAY).content
    _switch(api, kind="cut", share=0.25)
    received: list[bytes] = []
    with api.stream("GET", "/sessions", params=DAY) as answer:
        assert int(answer.headers["content-length"]) == len(good)
        with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
            received.extend(answer.iter_bytes())
    assert b"".join(received) == good[: len(good) // 4]


def test_body_is_the_same_but_late_when_slow(api: httpx.Client) -> None:
    good = api.get("/sessions", params=DAY).content
    _switch(api, kind="slow", seconds=0.05)
    answer = api.get("/sessions", params=DAY)
    assert answer.content == good
    assert answer.elapsed.total_seconds() >= 4 * 0.05


def test_html_comes_with_200(api: httpx.Client) -> None:
    _switch(api, kind="html")
    answer = api.get("/users", params=DAY)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!doctype html>")


def test_one_record_is_broken_and_the_others_good(api: httpx.Client) -> None:
    texts = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in api.get("/users", params=DAY).json()]
    _switch(api, kind="broken_record")
    text = api.get("/users", params=DAY).text
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
    assert sum(record in text for record in texts) == len(texts) - 1


def test_rows_come_twice_when_pages_are_duplicated(api: httpx.Client) -> None:
    good = _pages(api, "/users", 10)
    whole = api.get("/users", params=WEEK).json()
    _switch(api, kind="duplicate_page")
    assert _pages(api, "/users", 10) == [
        good[0],
        *(before + page for before, page in pairwise(good)),
    ]
    assert api.get("/users", params=WEEK).json() == whole + whole


def test_rows_are_the_same_set_when_reordered(api: httpx.Client) -> None:
    whole = api.get("/sessions", params=WEEK).json()
    _switch(api, kind="reorder")
    assert [row for page in _pages(api, "/sessions", 10) for row in page] == whole[::-1]
    assert api.get("/sessions", params=WEEK).json() == whole[::-1]


def test_records_change_on_the_faults_day_alone(api: httpx.Client) -> None:
    good = api.get("/sessions", params=WEEK).json()
    _switch(api, kind="bad_price", share=1, price=-1, day="2020-02-07")
    bad = api.get("/sessions", params=WEEK).json()
    for before, after in zip(good, bad, strict=True):
        is_day = before["session_start_time"].startswith("2020-02-07")
        prices = [-1.0 if is_day else item["price"] for item in before["session_items"]]
        assert [item["price"] for item in after["session_items"]] == prices
