"""land: which days are asked for, and what is left when one of them fails."""

import json
from datetime import date

import pytest

from spark_jobs.lake.landing import Landing
from spark_jobs.land import land_api
from spark_jobs.problem import Problem
from spark_jobs.sources.api import Api
from spark_jobs.window import Window

WINDOW = Window(date(2020, 1, 1), date(2020, 1, 2))
USER = json.dumps([{"user_id": "u1"}])
COUNTED = {"X-Total-Count": "1"}


def test_first_landing_of_users_asks_for_everybody_before_and_the_next_does_not(server, answer, uri: str) -> None:
    landing, server.answers = Landing(uri, "api", "users"), [answer(USER, headers=COUNTED)]

    summary = land_api(Api(server.url, page_limit=10), landing, WINDOW)

    assert sorted(server.asked) == [
        "/users?end_date=2019-12-31&limit=10",
        "/users?start_date=2020-01-01&end_date=2020-01-01&limit=10",
        "/users?start_date=2020-01-02&end_date=2020-01-02&limit=10",
    ]
    assert summary == {
        "days": 3, "files": 3, "landed_records": 3, "bytes": 3 * len(USER), "is_changed": True, "unproven": 0,
    }  # fmt: skip
    assert land_api(Api(server.url, page_limit=10), landing, WINDOW) == {
        "days": 2, "files": 2, "landed_records": 2, "bytes": 2 * len(USER), "is_changed": False, "unproven": 0,
    }  # fmt: skip


def test_sessions_are_asked_for_day_by_day(server, answer, uri: str) -> None:
    server.answers = [answer('[{"session_id": "s1"}, {"session_id": oops}]', headers={"X-Total-Count": "2"})]

    land_api(Api(server.url, page_limit=10), Landing(uri, "api", "sessions"), WINDOW)

    assert sorted(server.asked) == [
        "/sessions?start_date=2020-01-01&end_date=2020-01-01&limit=10",
        "/sessions?start_date=2020-01-02&end_date=2020-01-02&limit=10",
    ]
    manifests = Landing(uri, "api", "sessions").manifests(WINDOW.days())
    assert [(m.day.day, m.rows, m.files[0].unreadable) for m in manifests] == [(1, 2, 1), (2, 2, 1)]


def test_records_with_a_key_that_came_before_are_counted_over_all_pages(server, answer, uri: str) -> None:
    page = '[{"session_id": "s1"}, {"session_id": "s2"}, {"user_id": "nameless"}]'
    link, count = {"Link": '</sessions?cursor=1>; rel="next"'}, {"X-Total-Count": "6"}
    server.answers = [answer(page, headers={**link, **count}), answer(page, headers=count)]
    day, landing = Window(WINDOW.first, WINDOW.first), Landing(uri, "api", "sessions")

    land_api(Api(server.url, page_limit=10), landing, day)

    assert [manifest.repeated for manifest in landing.manifests(day.days())] == [2]


def test_day_whose_second_page_fails_is_not_landed(server, answer, uri: str) -> None:
    server.answers = [answer("[]", headers={"Link": '</sessions?cursor=1>; rel="next"'}), answer("gone", 404)]
    day, landing = Window(WINDOW.first, WINDOW.first), Landing(uri, "api", "sessions")

    with pytest.raises(Problem, match="The API answered 404"):
        land_api(Api(server.url, page_limit=10), landing, day)

    assert landing.manifest(WINDOW.first) is None
