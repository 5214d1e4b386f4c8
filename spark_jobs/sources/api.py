"""The shop's API: the client of GET /users and GET /sessions."""

import http.client
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime

from spark_jobs import pages
from spark_jobs.problem import Problem

RETRIABLE_STATUS = {408, 425, 429, 500, 502, 503, 504}
CHUNK_BYTES = 1 << 20
LONGEST_WAIT_S = 60.0


@dataclass(frozen=True)
class Api:
    """The shop's API and how patient to be with it. Times in seconds, sizes in bytes."""

    url: str
    page_limit: int = 1000
    timeout_s: float = 30.0
    attempts: int = 5
    first_wait_s: float = 0.5
    max_page_bytes: int = 256 << 20
    max_pages: int = 10_000


@dataclass(frozen=True)
class Page:
    """One answer as received, with the number of records in it."""

    url: str
    body: bytes
    count: pages.Count


def api_pages(api: Api, table: str, first: date | None, last: date) -> Iterator[Page]:
    """The pages of `/<table>` from `first` (None: since ever) to `last`, both inclusive.

    Raises Problem if the API stays unreachable, answers with an error, with something that is no
    JSON array, or with a page over the size bound.
    """
    url: str | None = _request_url(api, table, first, last)
    seen: set[str] = set()
    while url is not None:
        if url in seen or len(seen) >= api.max_pages:
            raise Problem(
                "The API's pages do not end", url, f"{len(seen)} pages so far", 'check the Link: rel="next" it sends'
            )
        seen.add(url)
        page, link = _patiently(api, url, table)
        yield page
        url = _next_url(api, url, link)


def _request_url(api: Api, table: str, first: date | None, last: date) -> str:
    if not api.url.startswith(("http://", "https://")):
        raise Problem("API_URL is no http address", "API_URL", repr(api.url), "set it to http://host:port")
    dates = {"start_date": str(first)} if first else {}
    query = urllib.parse.urlencode({**dates, "end_date": str(last), "limit": api.page_limit})
    return f"{api.url.rstrip('/')}/{table}?{query}"


def _patiently(api: Api, url: str, table: str) -> tuple[Page, str]:
    """The page, tried again with growing pauses while the trouble may pass."""
    for attempt in range(1, api.attempts + 1):
        try:
            body, link = _fetch(api, url)
            return Page(url, body, pages.count(body.decode("utf-8"), pages.RECORD_KEYS[table])), link
        except urllib.error.HTTPError as error:
            if error.code not in RETRIABLE_STATUS or attempt == api.attempts:
                raise _refused(url, error, attempt) from error
            wait_s = _retry_after_s(error.headers.get("Retry-After"))
        except (pages.PageError, UnicodeDecodeError) as error:
            if attempt == api.attempts:
                raise Problem(
                    "The API's answer is no JSON array of records", url, str(error), "check what API_URL points to"
                ) from error
            wait_s = None
        except (OSError, http.client.HTTPException) as error:
            if attempt == api.attempts:
                raise Problem(
                    f"The API did not answer in {attempt} tries",
                    url,
                    str(error) or type(error).__name__,
                    "check that API_URL is right and the server is up, then run the same window again",
                ) from error
            wait_s = None
        time.sleep(min(wait_s if wait_s is not None else api.first_wait_s * 2 ** (attempt - 1), LONGEST_WAIT_S))
    raise AssertionError("unreachable: the last attempt returns or raises")


def _fetch(api: Api, url: str) -> tuple[bytes, str]:
    """Body and Link header of one GET; reads no more than the size bound."""
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310  _request_url checks the scheme
    with urllib.request.urlopen(request, timeout=api.timeout_s) as answer:  # noqa: S310
        chunks, size = [], 0
        while chunk := answer.read(CHUNK_BYTES):
            size += len(chunk)
            if size > api.max_page_bytes:
                raise Problem(
                    "A page of the API is larger than allowed",
                    url,
                    f"more than {api.max_page_bytes} bytes",
                    "lower the page limit, or raise --max-page-bytes",
                )
            chunks.append(chunk)
        declared = answer.headers.get("Content-Length")
        if declared and int(declared) != size:
            raise http.client.IncompleteRead(b"", int(declared) - size)
        return b"".join(chunks), answer.headers.get("Link") or ""


def _refused(url: str, error: urllib.error.HTTPError, attempt: int) -> Problem:
    body = error.read(500).decode("utf-8", "replace")
    return Problem(
        f"The API answered {error.code} {error.reason} ({attempt} tries)",
        url,
        body or "no body",
        "wait and run the same window again" if error.code in RETRIABLE_STATUS else "check API_URL and the window",
    )


def _retry_after_s(value: str | None) -> float | None:
    """Seconds to wait by a Retry-After header, which is a number of seconds or an HTTP date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def _next_url(api: Api, url: str, link: str) -> str | None:
    """The `rel="next"` address (RFC 8288), which must lie on the same server."""
    for target, parameters in re.findall(r"<([^>]*)>([^,<]*)", link):
        if re.search(r'rel="?next"?', parameters):
            following: str = urllib.parse.urljoin(url, target)
            if urllib.parse.urlsplit(following)[:2] != urllib.parse.urlsplit(api.url)[:2]:
                raise Problem("The API's next page lies on another server", url, following, "check API_URL")
            return following
    return None
