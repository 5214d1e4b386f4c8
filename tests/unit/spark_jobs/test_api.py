"""The API client: patient with what may pass, clear about what will not."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from threading import Event
from time import monotonic

import pytest

from spark_jobs.pages import Count
from spark_jobs.problem import Problem
from spark_jobs.silver import TABLES
from spark_jobs.sources.api import Api, Page, api_pages

DAY = date(2020, 2, 29)
SESSIONS = TABLES["sessions"].source
USERS = TABLES["users"].source
PAGE_1 = json.dumps([{"session_id": "s1"}, {"session_id": "s2"}])
PAGE_2 = json.dumps([{"session_id": "s3"}])


@pytest.fixture
def pages(server) -> Callable[..., list[Page]]:  # type: ignore[no-untyped-def]
    """All pages of a day, as an impatient client gets them."""

    def fetch(**patience: float) -> list[Page]:
        api = Api(server.url, **{"page_limit": 10, "timeout_s": 5, "attempts": 3, "first_wait_s": 0.01, **patience})  # type: ignore[arg-type]
        return list(api_pages(api, SESSIONS, DAY, DAY))

    return fetch


def test_pages_are_followed_by_their_links_and_kept_byte_for_byte(server, answer, pages) -> None:
    following = {"Link": '</sessions?cursor=a,b>; title="x"; rel="next", </first>; rel="first"'}
    server.answers = [answer(PAGE_1 + "\n", headers=following), answer(PAGE_2)]

    assert [(page.body, page.count) for page in pages()] == [
        (f"{PAGE_1}\n".encode(), Count(2, 0, ("s1", "s2"))),
        (PAGE_2.encode(), Count(1, 0, ("s3",))),
    ]
    assert server.requests == [
        "/sessions?start_date=2020-02-29&end_date=2020-02-29&limit=10",
        "/sessions?cursor=a,b",
    ]


def test_history_is_requested_without_a_start(server, answer) -> None:
    server.answers = [answer()]

    list(api_pages(Api(server.url + "/", page_limit=10), USERS, None, DAY))

    assert server.requests == ["/users?end_date=2020-02-29&limit=10"]


def test_too_many_requests_waits_as_long_as_the_answer_says(server, answer, pages) -> None:
    server.answers = [answer("[]", 429, {"Retry-After": "1"}), answer(PAGE_1)]
    started = monotonic()

    assert pages()[0].count == Count(2, 0, ("s1", "s2"))
    assert monotonic() - started >= 1.0


def test_retry_after_may_be_a_date(server, answer, pages) -> None:
    past = datetime(2020, 1, 1, tzinfo=UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.answers = [answer("", 503, {"Retry-After": past}), answer("", 503, {"Retry-After": "soon"}), answer(PAGE_1)]

    assert pages()[0].body == PAGE_1.encode()


@pytest.mark.parametrize(
    "trouble",
    [
        {"body": "no", "status": 500},
        {"body": PAGE_1, "is_cut": True},
        {"body": PAGE_1[:-9]},
        {"body": "<html>restarting</html>"},
    ],
    ids=["500", "cut", "cut with a matching length", "html"],
)
def test_trouble_that_passes_is_not_seen(trouble, server, answer, pages) -> None:
    server.answers = [answer(**trouble), answer(**trouble), answer(PAGE_1)]

    assert [page.body for page in pages()] == [PAGE_1.encode()]
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("trouble", "what", "value"),
    [
        ({"body": "boom", "status": 500}, "The API answered 500 Internal Server Error (3 tries)", "boom"),
        ({"body": PAGE_1, "is_cut": True}, "The API did not answer in 3 tries", "IncompleteRead"),
        ({"body": "<html>"}, "The API's answer is no JSON array of records", "starts with '<html>'"),
    ],
)
def test_trouble_that_stays_is_reported_with_the_address(trouble, what, value, server, answer, pages) -> None:
    server.answers = [answer(**trouble)]

    with pytest.raises(Problem) as caught:
        pages()

    assert caught.value.what == what
    assert value in caught.value.value
    assert caught.value.where.startswith(f"{server.url}/sessions?start_date=2020-02-29")
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("body", "value"),
    [('{"sessions": []}', "a JSON dict, not an array"), (PAGE_1.encode("utf-16"), "is no UTF-8")],
)
def test_answer_that_no_second_try_makes_an_array_is_not_tried_again(body, value, server, answer, pages) -> None:
    server.answers = [answer(body)]

    with pytest.raises(Problem, match="The API's answer is no JSON array of records") as caught:
        pages()

    assert value in caught.value.value
    assert len(server.requests) == 1


def test_body_that_was_compressed_unasked_is_landed_as_its_content(server, answer, pages) -> None:
    server.answers = [answer(gzip.compress(PAGE_1.encode()), headers={"Content-Encoding": "gzip"})]

    (page,) = pages()

    assert (page.body, page.count.records) == (PAGE_1.encode(), 2)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_refusal_is_not_tried_again(status: int, server, answer, pages) -> None:
    server.answers = [answer('{"detail": "start_date is no date"}', status)]

    with pytest.raises(Problem, match=f"The API answered {status} .*start_date is no date"):
        pages()

    assert len(server.requests) == 1


def test_silent_server_is_given_up_after_the_timeout(server, answer, pages) -> None:
    done = Event()
    server.answers = [answer(PAGE_1, before_body=lambda: done.wait(5))]

    with pytest.raises(Problem, match=r"The API did not answer in 2 tries.*timed out"):
        pages(timeout_s=0.2, attempts=2)
    done.set()


def test_server_that_is_down_is_reported_with_the_way_out() -> None:
    with pytest.raises(Problem, match="check that API_URL is right and the server is up"):
        list(api_pages(Api("http://127.0.0.1:9", attempts=2, first_wait_s=0.01), USERS, DAY, DAY))


def test_next_page_on_another_server_is_not_fetched(server, answer, pages) -> None:
    server.answers = [answer(PAGE_1, headers={"Link": '<http://127.0.0.1:9/sessions>; rel="next"'})]

    with pytest.raises(Problem, match="next page lies on another server"):
        pages()


def test_pages_that_come_round_again_are_refused(server, answer, pages) -> None:
    server.answers = [answer(PAGE_1, headers={"Link": '</sessions?cursor=1>; rel="next"'})]

    with pytest.raises(Problem, match="pages do not end"):
        pages()

    assert len(server.requests) == 2


def test_endless_new_pages_are_refused(server, answer, pages) -> None:
    server.answers = [answer("[]", headers={"Link": f'</sessions?cursor={n}>; rel="next"'}) for n in range(9)]

    with pytest.raises(Problem, match="4 pages so far"):
        pages(max_pages=4)


def test_page_over_the_size_bound_is_refused(server, answer, pages) -> None:
    server.answers = [answer("[" + " " * 5000 + "]")]

    with pytest.raises(Problem, match="more than 4096 bytes"):
        pages(max_page_bytes=4096)


@pytest.mark.parametrize("url", ["", "localhost:8000", "file:///etc/passwd"])
def test_address_that_is_no_http_address_is_refused(url: str) -> None:
    with pytest.raises(Problem) as refused:
        list(api_pages(Api(url), USERS, DAY, DAY))

    assert (refused.value.where, refused.value.value) == ("API_URL", repr(url))
