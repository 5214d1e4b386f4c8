"""A source API that nobody here wrote: a server of the contract of docs/your-own-sources.md, with ways of its own."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

Headers = list[tuple[str, str]]
FIRST_DAY = date(2019, 12, 1)
KEYS = {"sessions": "session_id", "users": "user_id"}


def next_link(url: str) -> Headers:
    return [("Link", f'<{url}>; rel="next"')]


@dataclass
class ForeignApi:
    """Answers with `records_a_day` records for each day it has.

    page: its own page size; does_heed_limit: whether `limit` makes pages shorter. link: headers for the address of the
    next page. count: headers for the number of all records. refusal: what it refuses the headers of a request with.
    """

    records_a_day: dict[date, int]
    page: int = 1_000_000
    does_heed_limit: bool = False
    link: Callable[[str], Headers] = next_link
    count: Callable[[int], Headers] = lambda total: []
    refusal: Callable[[Message], tuple[int, Headers, str] | None] = lambda headers: None
    url: str = ""
    requests: list[str] = field(default_factory=list)

    def records(self, table: str, first: date, last: date) -> list[dict[str, str]]:
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return [{KEYS[table]: f"{day} {number}"} for day in days for number in range(self.records_a_day.get(day, 0))]

    def answer(self, path: str, headers: Message) -> tuple[int, Headers, str]:
        refused = self.refusal(headers)
        if refused:
            return refused
        url, query = urlsplit(path), {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        table = url.path.rpartition("/")[2]
        first, last = date.fromisoformat(query.get("start_date", str(FIRST_DAY))), date.fromisoformat(query["end_date"])
        records, at = self.records(table, first, last), int(query.get("cursor", 0))
        size = min(self.page, int(query.get("limit", self.page))) if self.does_heed_limit else self.page
        following = f"{self.url}{url.path}?start_date={first}&end_date={last}&limit={size}&cursor={at + size}"
        links = self.link(following) if at + size < len(records) else []
        return 200, [*links, *self.count(len(records))], json.dumps(records[at : at + size])


@contextmanager
def served(api: ForeignApi) -> Iterator[ForeignApi]:
    """The API behind a port of its own, at `api.url`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            api.requests.append(self.path)
            status, headers, body = api.answer(self.path, self.headers)
            self.send_response(status)
            for name, value in [*headers, ("Content-Length", str(len(body.encode())))]:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the parameter's name there
            """Silence: pytest shows what matters."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{httpd.server_port}"
    thread = Thread(target=httpd.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield api
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()
