"""The exchange: within bounds of time and size, by its own name, past proxies for loopback, and over redirects."""

import socket
import ssl
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from email.message import Message
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from urllib.error import URLError

import pytest

from spark_jobs.problem import Problem
from spark_jobs.silver import TABLES
from spark_jobs.sources import trouble
from spark_jobs.sources.api import Api, Page, api_pages
from tests.unit.spark_jobs.foreign_api import ForeignApi, served

DAY = date(2020, 1, 1)
SESSIONS = TABLES["sessions"].source
DATES = "start_date=2020-01-01&end_date=2020-01-01&limit=10"
PAGE = '[{"session_id": "s1"}]'


def _pages(url: str, **patience: float) -> list[Page]:
    api = Api(url, **{"page_limit": 10, "timeout_s": 5, "attempts": 3, "first_wait_s": 0.01, **patience})  # type: ignore[arg-type]
    return list(api_pages(api, SESSIONS, DAY, DAY))


@contextmanager
def _speaking(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that takes one connection after the other and says what `talk` does with each."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65536)
                    talk(connection)
                except OSError:
                    pass  # the client went

    thread = Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.mark.parametrize("part", ["head", "body"])
def test_server_that_drips_is_given_up_when_the_time_of_the_page_is_over(part: str) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 1000000\r\n\r\n" if part == "body" else b"X-Drip: ")

    def drip(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(b" ")
            sleep(0.05)

    started = monotonic()
    with _speaking(drip) as url, pytest.raises(Problem, match="The API did not answer in 1 tries"):
        _pages(url, page_s=0.5, timeout_s=30)
    assert monotonic() - started < 10


def test_redirects_that_go_round_end() -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 302 Found\r\nLocation: /x?{DATES}\r\nContent-Length: 9999\r\n\r\n".encode())

    with _speaking(drip) as url, pytest.raises(Problem, match="redirects do not end"):
        _pages(url, page_s=5)


@pytest.mark.parametrize("wait", ["9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 99999 23:59:59 GMT", "-5"])
def test_any_retry_after_is_bounded(wait: str, server, answer, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    slept: list[float] = []
    monkeypatch.setattr(trouble.time, "sleep", slept.append)
    server.answers = [answer("", 429, {"Retry-After": wait}), answer(PAGE)]

    assert [page.body for page in _pages(server.url)] == [PAGE.encode()]
    assert len(slept) == 1
    assert 0 <= slept[0] <= 60


def test_waiting_ends_with_the_time_of_the_page(server, answer) -> None:  # type: ignore[no-untyped-def]
    server.answers = [answer("", 503, {"Retry-After": "50"})]
    with pytest.raises(Problem, match=r"answered 503 .*\(1 tries\)"):
        _pages(server.url, page_s=5)


def test_it_asks_by_its_own_name() -> None:
    version = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]["version"]
    agents: list[str] = []

    def refusal(headers: Message) -> None:
        agents.append(headers["User-Agent"])

    with served(ForeignApi({}, refusal=refusal)) as api:
        _pages(api.url)
    assert agents == [f"deftunes-lakehouse/{version}"]


def test_no_content_is_an_empty_page(server, answer) -> None:  # type: ignore[no-untyped-def]
    server.answers = [answer("", 204)]
    [page] = _pages(server.url)
    assert (page.body, page.count.records) == (b"[]", 0)


@pytest.mark.parametrize("status", [201, 202, 205, 226])
def test_other_success_is_none(status: int, server, answer) -> None:  # type: ignore[no-untyped-def]
    server.answers = [answer(PAGE if status != 205 else "", status)]
    with pytest.raises(Problem, match=f"The API answered {status}"):
        _pages(server.url)
    assert len(server.requests) == 1


def test_loopback_is_never_reached_through_a_proxy(server, answer, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    server.answers = [answer(PAGE)]
    for host in ("127.0.0.1", "localhost"):
        assert len(_pages(server.url.replace("127.0.0.1", host))) == 1


def test_other_hosts_are_reached_through_the_proxy_unless_no_proxy_names_them(server, answer, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    server.answers = [answer(PAGE)]
    assert len(_pages("http://shop.invalid")) == 1
    assert server.requests == [f"http://shop.invalid/sessions?{DATES}"]
    monkeypatch.setenv("no_proxy", ".invalid")
    with pytest.raises(Problem, match=r"did not answer in [12] tries.*the host's name in API_URL"):
        _pages("http://shop.invalid")
    assert len(server.requests) == 1


def test_redirect_to_a_path_with_a_slash_is_followed_and_links_go_on_from_there(server, answer) -> None:  # type: ignore[no-untyped-def]
    link = {"Link": '<?cursor=2>; rel="next"'}
    server.answers = [
        answer("", 307, {"Location": f"/sessions/?{DATES}"}),
        answer(PAGE, headers=link),
        answer('[{"session_id": "s2"}]'),
    ]
    assert len(_pages(server.url)) == 2
    assert server.requests == [f"/sessions?{DATES}", f"/sessions/?{DATES}", "/sessions/?cursor=2"]


@pytest.mark.parametrize(
    ("error", "does_pass", "way_out"),
    [
        (ssl.SSLCertVerificationError("certificate verify failed"), False, "SSL_CERT_FILE"),
        (ssl.SSLError("WRONG_VERSION_NUMBER"), False, "speaks https there"),
        (ssl.SSLEOFError("EOF occurred"), True, "speaks https there"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), False, "look names up"),
        (ConnectionRefusedError(111, "Connection refused"), True, "the server is up"),
        (TimeoutError("timed out"), True, "the server is up"),
    ],
)
def test_what_cannot_pass_is_known_by_its_kind(error: OSError, does_pass: bool, way_out: str) -> None:
    for each in (error, URLError(error)):
        assert trouble.may_pass(each, 1) == does_pass
        assert way_out in trouble.problem(each, "http://x", 1, "none").way_out


def test_name_server_that_fails_is_queried_once_more() -> None:
    error = URLError(socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"))
    assert [trouble.may_pass(error, attempt) for attempt in (1, 2)] == [True, False]


def test_http_where_https_was_meant_is_not_tried_again() -> None:
    requests = 0

    def talk(connection: socket.socket) -> None:
        nonlocal requests
        requests += 1
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with _speaking(talk) as url, pytest.raises(Problem, match="speaks https there"):
        _pages(url.replace("http:", "https:"))
    assert requests == 1
