"""Credentials: sent as the API wants them, renewed when they end, and never shown."""

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest

from spark_jobs.problem import Problem
from spark_jobs.silver import TABLES
from spark_jobs.sources.api import Api, api_pages
from spark_jobs.sources.credentials import Credentials, check
from tests.unit.spark_jobs.foreign_api import ForeignApi, Headers, served

DAY = date(2020, 1, 1)
SESSIONS = TABLES["sessions"].source
SECRET = "s3cret-token"


def _wants(name: str, *values: str) -> ForeignApi:
    """An API that takes requests with one of these values in the header."""

    def refusal(headers: Message) -> tuple[int, Headers, str] | None:
        sent = headers.get(name)
        return None if sent in values else (401, [], json.dumps({"detail": f"not {sent}"}))

    return ForeignApi({DAY: 3}, refusal=refusal)


def _records(url: str, credentials: Credentials) -> int:
    api = Api(url, attempts=2, first_wait_s=0.01, credentials=credentials)
    return sum(page.count.records for page in api_pages(api, SESSIONS, DAY, DAY))


class _Tokens(ThreadingHTTPServer):
    """A token endpoint; `answers` are given one after the other, the last for ever. Keeps what it was sent."""

    def __init__(self, answers: list[tuple[int, object]]) -> None:
        super().__init__(("127.0.0.1", 0), _TokenHandler)
        self.answers = answers
        self.sent: list[tuple[str | None, dict[str, list[str]]]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/oauth/token/"


class _TokenHandler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, _Tokens)
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        status, body = self.server.answers[min(len(self.server.sent), len(self.server.answers) - 1)]
        self.server.sent.append((self.headers.get("Authorization"), form))
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the parameter's name there
        """Silence: pytest shows what matters."""


@contextmanager
def _tokens(*answers: tuple[int, object]) -> Iterator[_Tokens]:
    server = _Tokens(list(answers))
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _token(text: str, **fields: object) -> tuple[int, object]:
    return 200, {"access_token": text, "token_type": "Bearer", "expires_in": 3600, **fields}


@pytest.mark.parametrize(
    ("auth", "secret", "name", "value"),
    [
        ("bearer", SECRET, "Authorization", f"Bearer {SECRET}"),
        ("header:X-Api-Key", SECRET, "X-Api-Key", SECRET),
        ("header:Authorization", "Token abc", "Authorization", "Token abc"),
        ("basic:user", SECRET, "Authorization", f"Basic {b64encode(b'user:s3cret-token').decode()}"),
        ("basic:jürgen", "größe:1", "Authorization", f"Basic {b64encode('jürgen:größe:1'.encode()).decode()}"),
    ],
)
def test_credentials_are_sent_as_configured(auth: str, secret: str, name: str, value: str) -> None:
    with served(_wants(name, value)) as api:
        assert _records(api.url, Credentials(auth, secret)) == 3
        with pytest.raises(Problem, match=r"answered 401 .*API_AUTH.*\(now none\).*API_SECRET"):
            _records(api.url, Credentials())
        assert len(api.requests) == 2


@pytest.mark.parametrize("auth", ["bearer", "header:X-Api-Key", "basic:user"])
def test_secret_that_a_server_repeats_is_blotted_out(auth: str) -> None:
    api = ForeignApi({}, refusal=lambda headers: (403, [], f"not {headers.items()}"))
    with served(api), pytest.raises(Problem) as refused:
        _records(api.url, Credentials(auth, SECRET))
    assert SECRET not in str(refused.value)
    assert b64encode(f"user:{SECRET}".encode()).decode() not in str(refused.value)
    assert "***" in refused.value.value
    assert SECRET not in repr(Credentials(auth, SECRET))


def test_oauth_token_is_fetched_once_and_sent() -> None:
    with _tokens(_token("t1")) as tokens, served(_wants("Authorization", "Bearer t1")) as api:
        credentials = Credentials("oauth:me & co", SECRET, tokens.url, "read:sales write")
        assert [_records(api.url, credentials) for _ in range(3)] == [3, 3, 3]
    [(basic, form)] = tokens.sent
    assert basic == f"Basic {b64encode(b'me+%26+co:s3cret-token').decode()}"
    assert form == {"grant_type": ["client_credentials"], "scope": ["read:sales write"]}


def test_oauth_token_that_ended_is_renewed_before_it_is_sent() -> None:
    with _tokens(_token("t1", expires_in=1), _token("t2")) as tokens:
        with served(_wants("Authorization", "Bearer t1", "Bearer t2")) as api:
            credentials = Credentials("oauth:me", SECRET, tokens.url)
            assert [_records(api.url, credentials) for _ in range(3)] == [3, 3, 3]
        assert len(tokens.sent) == 2


def test_oauth_token_that_is_refused_is_renewed_once() -> None:
    with _tokens(_token("old"), _token("new"), _token("newer")) as tokens:
        with served(_wants("Authorization", "Bearer new")) as api:
            assert _records(api.url, Credentials("oauth:me", SECRET, tokens.url)) == 3
        with served(_wants("Authorization", "none of these")) as api:
            with pytest.raises(Problem, match="answered 401") as refused:
                _records(api.url, Credentials("oauth:me", SECRET, tokens.url))
            assert len(api.requests) == 2
    assert "newer" not in str(refused.value)


def test_oauth_client_that_is_known_by_the_form_only_gets_that_way_out() -> None:
    refused = 401, {"error": "invalid_client"}
    with _tokens(refused, _token("t1")) as tokens, served(_wants("Authorization", "Bearer t1")) as api:
        assert _records(api.url, Credentials("oauth:me", SECRET, tokens.url)) == 3
    basic, form = tokens.sent[1]
    assert (basic, form["client_id"], form["client_secret"]) == (None, ["me"], [SECRET])


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((401, {"error": "invalid_client", "for": SECRET}), r"The token endpoint answered 401 .*\*\*\*.*API_TOKEN_URL"),
        ((302, {}), "The token endpoint answered 302"),
        ((404, "gone"), "The token endpoint answered 404"),
        ((200, {"token": "t1"}), "gave no bearer token"),
        ((200, ["t1"]), "gave no bearer token"),
        ((200, {"access_token": "t1", "token_type": "mac"}), "gave no bearer token"),
        ((200, {"access_token": "t1\r\nX: y"}), "gave no bearer token"),
    ],
)
def test_oauth_without_a_token_says_what_to_check(answer: tuple[int, object], reason: str) -> None:
    with _tokens(answer) as tokens, served(_wants("Authorization")) as api:
        with pytest.raises(Problem, match=reason) as refused:
            _records(api.url, Credentials("oauth:me", SECRET, tokens.url))
        assert api.requests == []
    assert SECRET not in str(refused.value)


def test_credentials_do_not_follow_a_link_or_a_redirect_to_another_host() -> None:
    stranger = _wants("Authorization", f"Bearer {SECRET}")
    with served(stranger):
        for headers in ([("Link", f'<{stranger.url}/sessions>; rel="next"')], None):
            own = ForeignApi({DAY: 3}, count=lambda total, headers=headers: headers or [])  # type: ignore[misc]
            if headers is None:
                target = f"{stranger.url}/sessions?start_date=2020-01-01&end_date=2020-01-01&limit=1000"
                own.refusal = lambda headers, target=target: (302, [("Location", target)], "")  # type: ignore[misc]
            with served(own), pytest.raises(Problem, match="lies on another server"):
                _records(own.url, Credentials("bearer", SECRET))
    assert stranger.requests == []


@pytest.mark.parametrize(
    ("auth", "token_url", "has_secret", "reason"),
    [
        ("token", "none", True, "API_AUTH cannot be used"),
        ("", "none", True, "API_AUTH cannot be used"),
        ("bearer:hunter2", "none", True, "API_AUTH cannot be used"),
        ("basic", "none", True, "API_AUTH cannot be used"),
        ("basic:user:hunter2", "none", True, "belongs into API_SECRET"),
        ("header:X Api Key", "none", True, "name a header"),
        ("bearer", "none", False, "give the secret as API_SECRET"),
        ("oauth:me", "none", True, "API_TOKEN_URL is no http address"),
        ("oauth:me", "http://login.example/token", True, "only by https"),
        ("oauth:me", "https://me:hunter2@login.example/token", True, "API_TOKEN_URL holds a user or a password"),
    ],
)
def test_settings_that_cannot_work_are_refused_without_their_secret(
    auth: str, token_url: str, has_secret: bool, reason: str
) -> None:
    with pytest.raises(Problem, match=reason) as refused:
        check(auth, token_url, has_secret=has_secret)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("secret", ["two\nlines", "tab\t", "größe"])
def test_secret_that_no_header_carries_is_refused_without_it(secret: str) -> None:
    with pytest.raises(Problem, match="API_SECRET cannot be used") as refused:
        Credentials("bearer", secret)
    assert secret not in str(refused.value)
