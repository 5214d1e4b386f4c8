"""Trouble with a server: what may pass, how long to wait for it, and what a person is told of what will not."""

import http.client
import os
import socket
import ssl
import time
import urllib.error
from email.utils import parsedate_to_datetime

from spark_jobs.pages import PageError
from spark_jobs.problem import Problem

BAD_REQUEST_STATUS = {400, 404, 416, 422}
RETRIABLE_STATUS = {408, 425, 429, 500, 502, 503, 504}
LONGEST_WAIT_S = 60.0
AGAIN = "run the same window again"
WAYS_OUT = {
    401: "API_AUTH says how credentials are sent (now {auth}), API_SECRET holds the secret: docs/your-own-sources.md",
    403: "the credentials of API_AUTH ({auth}) and API_SECRET may not read this: ask whoever runs the API",
    404: "check the path of API_URL: /users and /sessions are asked for below it",
    407: "the proxy of http_proxy or https_proxy wants credentials: give it one, or name the host in no_proxy",
}


class BadRequestError(Problem):
    """The API answers, and says that this question is wrong: it may know nothing of such days."""


def may_pass(error: Exception, attempt: int) -> bool:
    """True if the same question may be answered the next time. `attempt`: how often it was asked already."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code in RETRIABLE_STATUS
    if isinstance(error, PageError):
        # cut or from something in between; but an object is an answer, and so is a text in another encoding
        return not str(error).startswith(("a JSON ", "is no UTF-8"))
    cause = _cause(error)
    if isinstance(cause, socket.gaierror):
        return cause.errno == socket.EAI_AGAIN and attempt == 1
    if isinstance(cause, ssl.SSLError):
        return isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError)
    if isinstance(cause, http.client.InvalidURL | UnicodeError):
        return False
    return isinstance(cause, OSError | http.client.HTTPException)


def wait_s(error: Exception, attempt: int, first_wait_s: float) -> float:
    """Seconds until the next try: as the server says, else twice as long each time."""
    headers = error.headers if isinstance(error, urllib.error.HTTPError) else None
    retry_after_s = _retry_after_s(headers.get("Retry-After")) if headers else None
    return min(retry_after_s if retry_after_s is not None else first_wait_s * 2 ** (attempt - 1), LONGEST_WAIT_S)


def problem(error: Exception, url: str, attempt: int, auth: str) -> Problem:
    """The problem as a person reads it. `auth`: API_AUTH, which holds no secret."""
    if isinstance(error, urllib.error.HTTPError):
        way_out = WAYS_OUT.get(error.code, "check API_URL and the window").format(auth=auth)
        is_passing = error.code in RETRIABLE_STATUS
        what = f"The API answered {error.code} {error.reason} ({attempt} tries)"
        kind = BadRequestError if error.code in BAD_REQUEST_STATUS else Problem
        return kind(what, url, body_of(error), f"wait and {AGAIN}" if is_passing else way_out)
    if isinstance(error, PageError | UnicodeDecodeError):
        return Problem("The API's answer is no JSON array of records", url, str(error), "check what API_URL points to")
    cause = _cause(error)
    value = str(cause) or type(cause).__name__
    return Problem(f"The API did not answer in {attempt} tries", url, value, _way_out(cause))


def body_of(error: urllib.error.HTTPError) -> str:
    """The beginning of what the server says about its refusal."""
    try:
        return error.read(500).decode("utf-8", "replace") or "no body"
    except (OSError, http.client.HTTPException, AttributeError):
        return "no body"


def _way_out(cause: BaseException) -> str:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return "name the authority's certificate in SSL_CERT_FILE, or correct the host in API_URL"
    if isinstance(cause, ssl.SSLError):
        return "check that what API_URL names speaks https there, and not http"
    if isinstance(cause, socket.gaierror):
        return "check the host's name in API_URL, and that this machine can look names up"
    proxies = [name for name in ("http_proxy", "https_proxy", "HTTPS_PROXY") if os.environ.get(name)]
    through = f" (asked through {' or '.join(proxies)}, unless no_proxy names the host)" if proxies else ""
    return f"check that API_URL is right and the server is up{through}, then {AGAIN}"


def _cause(error: BaseException) -> BaseException:
    reason = error.reason if isinstance(error, urllib.error.URLError) else None
    return reason if isinstance(reason, BaseException) else error


def _retry_after_s(value: str | None) -> float | None:
    """Seconds to wait by a Retry-After header, which is a number of seconds or an HTTP date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None
