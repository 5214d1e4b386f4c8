"""land: which days are asked for, and what is left when one of them fails."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from spark_jobs.lake.landing import Landing, Manifest
from spark_jobs.land import gap_before, land_api
from spark_jobs.problem import Problem
from spark_jobs.silver import TABLES
from spark_jobs.sources.api import Api
from spark_jobs.window import Window

WINDOW = Window(date(2020, 1, 1), date(2020, 1, 2))
USERS, SESSIONS = TABLES["users"].source, TABLES["sessions"].source
USER = json.dumps([{"user_id": "u1"}])
COUNTED = {"X-Total-Count": "1"}  # else completeness asks more questions


def test_first_landing_of_users_asks_for_everybody_before_and_the_next_does_not(server, answer, uri: str) -> None:
    landing, server.answers = Landing(uri, "api", "users"), [answer(USER, headers=COUNTED)]

    summary = land_api(Api(server.url, page_limit=10), USERS, landing, WINDOW)

    assert sorted(server.requests) == [
        "/users?end_date=2019-12-31&limit=10",
        "/users?start_date=2020-01-01&end_date=2020-01-01&limit=10",
        "/users?start_date=2020-01-02&end_date=2020-01-02&limit=10",
    ]
    assert summary == {
        "days": 3, "files": 3, "landed_records": 3, "bytes": 3 * len(USER), "is_changed": True, "unproven": 0,
    }  # fmt: skip
    assert land_api(Api(server.url, page_limit=10), USERS, landing, WINDOW) == {
        "days": 2, "files": 2, "landed_records": 2, "bytes": 2 * len(USER), "is_changed": False, "unproven": 0,
    }  # fmt: skip


def test_sessions_are_requested_day_by_day(server, answer, uri: str) -> None:
    server.answers = [answer('[{"session_id": "s1"}, {"session_id": oops}]', headers={"X-Total-Count": "2"})]

    land_api(Api(server.url, page_limit=10), SESSIONS, Landing(uri, "api", "sessions"), WINDOW)

    assert sorted(server.requests) == [
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

    land_api(Api(server.url, page_limit=10), SESSIONS, landing, day)

    assert [manifest.repeated for manifest in landing.manifests(day.days())] == [2]


def test_day_whose_second_page_fails_is_not_landed(server, answer, uri: str) -> None:
    server.answers = [answer("[]", headers={"Link": '</sessions?cursor=1>; rel="next"'}), answer("gone", 404)]
    day, landing = Window(WINDOW.first, WINDOW.first), Landing(uri, "api", "sessions")

    with pytest.raises(Problem, match="The API answered 404"):
        land_api(Api(server.url, page_limit=10), SESSIONS, landing, day)

    assert landing.manifest(WINDOW.first) is None


def hold(landing: Landing, first: int | None, last: int) -> None:
    """Lands days of January 2020 in one delivery; None: since ever."""
    days = {"first": None if first is None else f"2020-01-{first:02}", "last": f"2020-01-{last:02}"}
    landing.commit(Manifest("users", str(days["last"]), days, "inline", "", "", [], landed_at="now"))


@pytest.mark.parametrize(
    ("held", "gap"),
    [
        ([], (None, 19)),
        ([(5, 5), (6, 6)], (None, 19)),  # days are there, who registered before them is not
        ([(None, 5)], (6, 19)),
        ([(None, 5), (6, 6), (7, 7)], (8, 19)),
        ([(None, 5), (7, 7), (19, 19)], (6, 19)),
        ([(None, 5), (6, 18), (19, 19)], None),
        ([(None, 5), (18, 18), (6, 19)], None),  # a day of its own within the days of another delivery
        ([(None, 17), (16, 16), (18, 18), (19, 19)], None),
        ([(None, 19), (5, 5)], None),
        ([(None, 19), (20, 20), (25, 25)], None),  # later days do not count
        ([(3, 3), (None, 25)], (None, 19)),
    ],
)
def test_gap_is_what_no_delivery_holds_without_a_break(
    uri: str, held: list[tuple[int | None, int]], gap: tuple[int | None, int] | None
) -> None:
    landing = Landing(uri, "api", "users")
    for first, last in held:
        hold(landing, first, last)

    found = gap_before(landing, date(2020, 1, 20))

    assert (found and (found[0] and found[0].day, found[1].day)) == gap


def test_gap_of_an_unbroken_history_is_found_by_one_manifest(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    landing, read = Landing(uri, "api", "users"), list[date]()
    hold(landing, None, 5)
    for day in range(6, 20):
        hold(landing, day, day)
    readable = landing.readable

    def counted(day: date) -> Manifest | None:
        read.append(day)
        return readable(day)

    monkeypatch.setattr(landing, "readable", counted)

    assert gap_before(landing, date(2020, 1, 20)) is None
    assert read == [date(2020, 1, 5)]


def test_users_of_a_gap_are_requested_at_once_and_filed_under_its_last_day(server, answer, uri: str) -> None:
    landing, server.answers = Landing(uri, "api", "users"), [answer(USER, headers=COUNTED)]
    api = Api(server.url, page_limit=10)
    land_api(api, USERS, landing, WINDOW)
    server.requests.clear()

    for _ in range(2):
        land_api(api, USERS, landing, Window(date(2020, 1, 9), date(2020, 1, 9)))

    assert sorted(server.requests) == [
        "/users?start_date=2020-01-03&end_date=2020-01-08&limit=10",
        *["/users?start_date=2020-01-09&end_date=2020-01-09&limit=10"] * 2,
    ]
    [gap, own] = landing.manifests([date(2020, 1, 8), date(2020, 1, 9)])
    assert gap.window == {"first": "2020-01-03", "last": "2020-01-08"}
    assert gap.landed_at == own.landed_at > landing.manifests([WINDOW.first])[0].landed_at


def test_landing_that_broke_off_before_the_history_asks_for_it_again(server, answer, uri: str) -> None:
    landing, api = Landing(uri, "api", "users"), Api(server.url, page_limit=10, attempts=1)
    server.answers = [answer(USER, headers=COUNTED)]
    land_api(api, USERS, landing, WINDOW)
    Path(landing.folder(WINDOW.first - timedelta(days=1)).removeprefix("file://"), "_manifest.json").unlink()
    server.requests.clear()

    land_api(api, USERS, landing, Window(date(2020, 1, 3), date(2020, 1, 3)))

    assert sorted(server.requests)[0] == "/users?end_date=2020-01-02&limit=10"


def test_source_that_refuses_days_before_its_beginning_is_requested_again_next_time(server, answer, uri: str) -> None:
    landing, api = Landing(uri, "api", "users"), Api(server.url, page_limit=10)
    server.answer = lambda path: (
        answer("start_date 2020-01-01 is after", 400) if "start" not in path else answer(USER, headers=COUNTED)
    )

    for _ in range(2):
        server.requests.clear()
        summary = land_api(api, USERS, landing, WINDOW)
        assert summary["days"] == 2
        [warning] = summary["warnings"]
        assert warning.startswith("Users before 2020-01-01 are not known: The API answered 400")
        assert warning.endswith(", start_date 2020-01-01 is after")
        assert "/users?end_date=2019-12-31&limit=10" in server.requests


def test_gap_that_the_source_refuses_stops_with_the_days_to_land(server, answer, uri: str) -> None:
    landing, api = Landing(uri, "api", "users"), Api(server.url, page_limit=10)
    hold(landing, None, 2)
    server.answer = lambda path: (
        answer("too many days", 422) if "start_date=2020-01-03" in path else answer(USER, headers=COUNTED)
    )

    with pytest.raises(Problem) as named:
        land_api(api, USERS, landing, Window(date(2020, 1, 9), date(2020, 1, 9)))

    assert named.value.way_out == "land these days by themselves, then run again: FROM=2020-01-03 TO=2020-01-08"


def test_users_without_an_id_are_not_taken_for_one_that_is_cut_off(server, answer, uri: str) -> None:
    """Nothing shows how many there are, so that everybody is asked for again in two parts, which are to be as many."""
    registered = {"2019-12-30": [{"user_id": "u1"}, {"user_id": None}], "2019-12-31": [{"user_id": None}]}

    def users(path: str) -> object:
        asked = dict(each.split("=") for each in path.partition("?")[2].split("&"))
        days = [day for day in registered if asked.get("start_date", "") <= day <= asked["end_date"]]
        return answer(json.dumps([user for day in days for user in registered[day]]))

    server.answer = users
    landing = Landing(uri, "api", "users")

    summary = land_api(Api(server.url, page_limit=10), USERS, landing, WINDOW)

    assert (summary["landed_records"], summary["unproven"]) == (3, 0)
    assert landing.manifests([date(2019, 12, 31)])[0].repeated == 0


def test_manifest_says_what_was_requested_and_when(server, answer, uri: str) -> None:
    link, count = {"Link": '</users?cursor=1>; rel="next"'}, {"X-Total-Count": "3"}
    pages = {
        "everybody": answer("[]"),
        "first": answer(USER, headers={**link, **count}),
        "second": answer('[{"user_id": "u2"}, {"user_id": oops}]', headers=count),
    }

    def page(path: str) -> object:
        return pages["second" if "cursor" in path else "first" if "start_date" in path else "everybody"]

    server.answer = page
    landing, day = Landing(uri, "api", "users"), Window(WINDOW.first, WINDOW.first)
    before = datetime.now(UTC).replace(microsecond=0)

    summary = land_api(Api(server.url, page_limit=10), USERS, landing, day)

    everybody, own = landing.manifests([date(2019, 12, 31), WINDOW.first])
    assert (everybody.table, everybody.window) == ("users", {"first": None, "last": "2019-12-31"})
    assert (everybody.request, everybody.proof) == (f"{server.url}/users?end_date=2019-12-31&limit=10", "empty")
    assert (own.ingest_on, own.window) == ("2020-01-01", {"first": "2020-01-01", "last": "2020-01-01"})
    assert own.request == f"{server.url}/users?start_date=2020-01-01&end_date=2020-01-01&limit=10"
    assert (own.proof, own.repeated) == ("count", 0)
    files = [(file.name[:11], file.rows, file.unreadable, file.is_malformed) for file in own.files]
    assert files == [("page-00001-", 1, 0, False), ("page-00002-", 2, 1, True)]
    assert everybody.landed_at == own.landed_at
    times = [datetime.fromisoformat(text) for text in (own.landed_at, own.started_at, own.finished_at)]
    assert before <= times[0] <= times[1] <= times[2] <= datetime.now(UTC)
    assert len(own.landed_at) == len("2020-01-01T00:00:00.000+00:00")
    assert summary["unproven"] == 0


def test_delivery_that_nothing_shows_to_be_whole_is_counted_as_unproven(server, answer, uri: str) -> None:
    server.answer = lambda path: answer('[{"session_id": "s1"}]' if "end_date=2020-01-01" in path else "[]")
    day = Window(WINDOW.first, WINDOW.first)

    summary = land_api(Api(server.url, page_limit=10), SESSIONS, Landing(uri, "api", "sessions"), day)

    assert summary["unproven"] == 1


@pytest.mark.parametrize(
    ("table", "pages", "at_once"),
    [
        (
            "sessions",
            {"start_date=2020-01-01&end_date=2020-01-01": 2, "start_date=2019-12-31&end_date=2019-12-31": 1},
            "start_date=2019-12-31&end_date=2020-01-01",
        ),
        ("users", {"end_date=2019-12-31": 2, "start_date=2020-01-02&end_date=2020-01-02": 1}, "end_date=2020-01-02"),
    ],
)
def test_full_last_page_is_proven_by_a_question_that_takes_in_the_nearest_day_with_records(
    server, answer, uri: str, table: str, pages: dict[str, int], at_once: str
) -> None:
    """The window's day has two pages of two records, or everybody before it has; a day beside it has one record."""
    endpoint = TABLES[table].source
    link = {"Link": f'<{endpoint.path}?cursor=1>; rel="next"'}

    def page(path: str) -> object:
        question = path.partition("?")[2].removesuffix("&limit=2")
        number = 2 if "cursor" in question else 5 if question == at_once else pages.get(question, 0)
        body = json.dumps([{endpoint.key: f"{question}{n}"} for n in range(number)])
        return answer(body, headers=link if number == 2 and "cursor" not in question else {})

    server.answer = page
    landing = Landing(uri, "api", table)

    land_api(Api(server.url, page_limit=2), endpoint, landing, Window(WINDOW.first, WINDOW.first))

    assert f"{endpoint.path}?{at_once}&limit=2" in server.requests
    found = {manifest.proof for manifest in landing.manifests([WINDOW.first])} | {
        manifest.proof for day in landing.days_before(WINDOW.first) for manifest in landing.manifests([day])
    }
    assert found <= {"days at once", "empty"}
    assert "days at once" in found
