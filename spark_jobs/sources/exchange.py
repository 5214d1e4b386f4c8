"""One question to an HTTP server and its answer, within bounds of size and time.

Redirects are followed on the same server. Proxies are those of the environment, never for this machine's own addresses.
"""

import http.client
import io
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from functools import cached_property, partial
from http import HTTPStatus
from typing import Any

from spark_jobs.problem import Problem
from spark_jobs.sources import address, content_coding

VERSION = "0.1.0"  # of pyproject.toml; tests/unit/spark_jobs/test_exchange.py holds them together
USER_AGENT = f"deftunes-lakehouse/{VERSION}"
CHUNK_BYTES = 1 << 20
MOST_REDIRECTS = 5
REDIRECTS = {301, 302, 303, 307, 308}
WITH_CONTENT = {HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION, HTTPStatus.PARTIAL_CONTENT}


@dataclass(frozen=True)
class Answer:
    """An answer as received, its content codings undone. `url`: who gave it, after redirects."""

    url: str
    status: int
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Exchange:
    """How requests are sent. `silence_s`: longest wait for a connection, and for the next byte."""

    silence_s: float = 30.0
    most_bytes: int = 256 << 20

    def get(self, url: str, headers: Mapping[str, str], until: float) -> Answer:
        """The answer to a GET, whole before the time `until` (of time.monotonic).

        Raises urllib.error.HTTPError for a refusal, OSError or http.client.HTTPException for trouble on the way, and
        Problem for an answer over the size bound or a redirect that is not followed.
        """
        current_url = url
        for _ in range(MOST_REDIRECTS + 1):
            try:
                return self.ask(urllib.request.Request(current_url, headers=dict(headers)), until)  # noqa: S310  address.base_url looked
            except urllib.error.HTTPError as error:
                if error.code not in REDIRECTS:
                    raise
                with error:
                    current_url = address.redirected(current_url, error.headers.get("Location"))
        raise Problem("The API's redirects do not end", url, f"{MOST_REDIRECTS} so far", "correct API_URL")

    def ask(self, request: urllib.request.Request, until: float) -> Answer:
        """The answer to one request, redirects not followed."""
        request.add_header("User-Agent", USER_AGENT)
        patience_s = max(0.001, min(self.silence_s, until - time.monotonic()))
        with self._opener(request.full_url, until).open(request, timeout=patience_s) as answer:
            url, coding = request.full_url, answer.headers.get("Content-Encoding")
            body = content_coding.content(url, self._body(url, answer), coding, self.most_bytes)
            if answer.status == HTTPStatus.NO_CONTENT:
                body = b"[]"
            elif answer.status not in WITH_CONTENT:
                raise urllib.error.HTTPError(request.full_url, answer.status, answer.reason, answer.headers, None)
            return Answer(request.full_url, answer.status, answer.headers, body)

    def _body(self, url: str, answer: http.client.HTTPResponse) -> bytes:
        chunks, size = [], 0
        while chunk := answer.read(CHUNK_BYTES):
            size += len(chunk)
            if size > self.most_bytes:
                raise Problem(
                    "A page of the API is larger than allowed",
                    url,
                    f"more than {self.most_bytes} bytes",
                    "let the API give fewer records a page, or raise --max-page-bytes",
                )
            chunks.append(chunk)
        declared = answer.headers.get("Content-Length") or ""
        if declared.isdecimal() and int(declared) != size:
            raise http.client.IncompleteRead(b"", int(declared) - size)
        return b"".join(chunks)

    def _opener(self, url: str, until: float) -> urllib.request.OpenerDirector:
        opener = urllib.request.OpenerDirector()
        is_https = url.startswith("https:")
        for handler in (
            urllib.request.ProxyHandler({} if address.is_loopback(url) else None),
            _Https(self.silence_s, until, self._tls) if is_https else _Http(self.silence_s, until),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.HTTPDefaultErrorHandler(),
        ):
            opener.add_handler(handler)
        return opener

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Trusts what SSL_CERT_FILE and SSL_CERT_DIR name, else what the machine trusts."""
        return ssl.create_default_context()


class _Http(urllib.request.HTTPHandler):
    def __init__(self, silence_s: float, until: float) -> None:
        super().__init__()
        self._bounds = silence_s, until

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_bounded(http.client.HTTPConnection, *self._bounds), request)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, silence_s: float, until: float, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._bounds, self._tls = (silence_s, until), context

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_bounded(http.client.HTTPSConnection, *self._bounds), request, context=self._tls)


def _bounded(
    kind: Callable[..., http.client.HTTPConnection], silence_s: float, until: float
) -> Callable[..., http.client.HTTPConnection]:
    """Makes connections whose answers end in time."""

    def make(host: str, **options: Any) -> http.client.HTTPConnection:
        connection = kind(host, **options)
        response = partial(_BoundedResponse, silence_s=silence_s, until=until)
        connection.response_class = response  # type: ignore[assignment]
        return connection

    return make


class _BoundedResponse(http.client.HTTPResponse):
    """An answer that is read against the clock: a socket's timeout only bounds the wait for the next byte."""

    def __init__(self, sock: socket.socket, *args: Any, silence_s: float, until: float, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Timed(self.fp.detach(), sock, silence_s, until))


class _Timed(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, sock: socket.socket, silence_s: float, until: float) -> None:
        self._raw, self._sock, self._silence_s, self._until = raw, sock, silence_s, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left_s = self._until - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the answer was not complete in the time a page has")
        self._sock.settimeout(min(self._silence_s, left_s))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
