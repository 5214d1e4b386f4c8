"""The shop's API: the client of its endpoints (docs/your-own-sources.md is its contract)."""

import http.client
import time
import urllib.error
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from spark_jobs import pages
from spark_jobs.problem import Problem
from spark_jobs.silver.declaration import Endpoint
from spark_jobs.sources import address, paging, trouble
from spark_jobs.sources.credentials import Credentials
from spark_jobs.sources.exchange import Answer, Exchange


@dataclass(frozen=True)
class Api:
    """The shop's API and how patient to be with it. Times in seconds, sizes in bytes.

    `page_limit`: most records a page, 0 to ask for no such thing. `timeout_s`: longest silence; `page_s`: longest time
    for a page, with all its tries.
    """

    url: str
    page_limit: int = 1000
    timeout_s: float = 30.0
    page_s: float = 300.0
    attempts: int = 5
    first_wait_s: float = 0.5
    max_page_bytes: int = 256 << 20
    max_pages: int = 10_000
    credentials: Credentials = field(default_factory=Credentials)

    @cached_property
    def exchange(self) -> Exchange:
        return Exchange(self.timeout_s, self.max_page_bytes)


@dataclass(frozen=True)
class Page:
    """One answer as received, with the number of records in it and what it says about the pages after it."""

    url: str
    body: bytes
    count: pages.Count
    place: paging.Place


def api_pages(api: Api, endpoint: Endpoint, first: date | None, last: date) -> Iterator[Page]:
    """The pages of the endpoint from `first` (None: since ever) to `last`, both inclusive.

    Raises Problem if the API stays unreachable, answers with an error, with something that is no
    JSON array, or with a page over the size bound; and if its pages come round again.
    """
    url: str | None = request_url(api, endpoint, first, last)
    seen: set[str] = set()
    bodies: set[int] = set()
    while url is not None:
        page = None if url in seen or len(seen) >= api.max_pages else _patiently(api, url, endpoint)
        if page is None or (page.place.next_url and page.count.records and hash(page.body) in bodies):
            raise Problem(
                "The API's pages do not end", url, f"{len(seen)} pages so far", 'check the Link: rel="next" it sends'
            )
        seen.add(url)
        bodies.add(hash(page.body))
        yield page
        url = page.place.next_url


def request_url(api: Api, endpoint: Endpoint, first: date | None, last: date) -> str:
    """The address of the first page. Raises Problem for an API_URL that cannot be one."""
    dates = {"start_date": str(first)} if first else {}
    limit = {"limit": api.page_limit} if api.page_limit else {}
    query = urllib.parse.urlencode({**dates, "end_date": str(last), **limit})
    return f"{address.base_url(api.url)}{endpoint.path}?{query}"


def _patiently(api: Api, url: str, endpoint: Endpoint) -> Page:
    """The page, asked for again with growing pauses while the trouble may pass and its time is not over."""
    until = time.monotonic() + api.page_s
    for attempt in range(1, api.attempts + 1):
        try:
            return _page(_authorised(api, url, until), url, endpoint)
        except (OSError, http.client.HTTPException, pages.PageError, UnicodeError) as error:
            wait_s = trouble.wait_s(error, attempt, api.first_wait_s)
            is_last = attempt == api.attempts or time.monotonic() + wait_s > until
            if is_last or not trouble.may_pass(error, attempt):
                raise _without_secrets(api, trouble.problem(error, url, attempt, api.credentials.auth)) from None
            if isinstance(error, urllib.error.HTTPError):
                error.close()
        time.sleep(wait_s)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _authorised(api: Api, url: str, until: float) -> Answer:
    """The answer to a request with credentials; a token that was refused is renewed once."""
    sent = api.credentials.headers()
    try:
        return api.exchange.get(url, {"Accept": "application/json", **sent}, until)
    except urllib.error.HTTPError as error:
        if error.code != 401 or not api.credentials.renew(sent):
            raise
    return api.exchange.get(url, {"Accept": "application/json", **api.credentials.headers()}, until)


def _page(answer: Answer, url: str, endpoint: Endpoint) -> Page:
    counted = pages.count(answer.body, endpoint.key)
    return Page(url, answer.body, counted, paging.place(answer.url, answer.status, answer.headers))


def _without_secrets(api: Api, problem: Problem) -> Problem:
    hide = api.credentials.hidden
    return type(problem)(problem.what, hide(problem.where), hide(problem.value), problem.way_out, problem.untouched)
