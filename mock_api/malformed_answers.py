"""Malformed answers: the page that was requested, as the faults that strike it leave it."""

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import Response
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from mock_api.dataset import Rows
from mock_api.faults import Fault
from mock_api.malformed_records import Record, apply_fault
from mock_api.pages import Page, array

_JSON = "application/json"
_SLOW_PARTS = 4
_HTML = "<!doctype html><title>Maintenance</title><h1>We are back soon</h1>"


def malformed_answer(faults: list[Fault], rows: Rows, wanted: Page, headers: dict[str, str]) -> Response:
    """What goes out instead of the page; `headers` are those of the good answer."""
    for fault in faults:
        if fault.kind == "html":
            return HTMLResponse(_HTML)
        if fault.kind == "status":
            return _refusal(fault)
    headers = _headers({fault.kind for fault in faults}, headers)
    body = _body(faults, _records(faults, rows, wanted))
    for fault in faults:
        if fault.kind == "cut":
            return _CutResponse(body, fault.share, headers)
        if fault.kind == "slow":
            return StreamingResponse(_slowly(body, fault.seconds), media_type=_JSON, headers=headers)
    return Response(body, media_type=_JSON, headers=headers)


class _CutResponse(Response):
    """Declares its whole length, sends a share of it; the server then closes the connection."""

    def __init__(self, body: bytes, share: float, headers: dict[str, str]) -> None:
        super().__init__(body, media_type=_JSON, headers=headers)
        self._sent = body[: min(int(len(body) * share), len(body) - 1)]

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self._sent, "more_body": True})


def _headers(kinds: set[str], headers: dict[str, str]) -> dict[str, str]:
    """What the answer says about its place among the pages, as these faults leave it."""
    count = int(headers["X-Total-Count"])
    counted = {**headers, "X-Total-Count": str(count + ("miscount" in kinds))}
    left_out = {"Link": {"no_link"}, "X-Total-Count": {"no_count", "empty"}}
    return {name: value for name, value in counted.items() if not kinds & left_out.get(name, set())}


def _refusal(fault: Fault) -> Response:
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return JSONResponse({"detail": f"status {fault.status}, as asked for"}, fault.status, headers)


def _records(faults: list[Fault], rows: Rows, wanted: Page) -> list[Record]:
    kinds = {fault.kind for fault in faults}
    records = _backwards(rows, wanted) if "reorder" in kinds else _read(rows, wanted.low, wanted.high)
    if "duplicate_page" in kinds:
        records = _before(rows, wanted, records) + records
    for fault in faults:
        records = apply_fault(fault, records, rows.dated_by)
    return records


def _read(rows: Rows, low: int, high: int) -> list[Record]:
    records: list[Record] = json.loads(b"".join(array(rows, low, high)))
    return records


def _backwards(rows: Rows, wanted: Page) -> list[Record]:
    """The page at the same place of the window read backwards, so that all pages are still the same set."""
    end = wanted.window_low + wanted.window_high
    return _read(rows, end - wanted.high, end - wanted.low)[::-1]


def _before(rows: Rows, wanted: Page, records: list[Record]) -> list[Record]:
    """The rows of the page before; without one, those of this answer when no page follows that could repeat them."""
    if wanted.low > wanted.window_low:
        first = wanted.window_low if wanted.limit is None else max(wanted.window_low, wanted.low - wanted.limit)
        return _read(rows, first, wanted.low)
    return records if wanted.next_cursor is None else []


def _body(faults: list[Fault], records: list[Record]) -> bytes:
    texts = [json.dumps(record, ensure_ascii=False, separators=(",", ":")) for record in records]
    if texts and any(fault.kind == "broken_record" for fault in faults):
        middle = len(texts) // 2
        texts[middle] = texts[middle][: len(texts[middle]) // 2]
    return f"[{','.join(texts)}]".encode()


async def _slowly(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    size = len(body) // _SLOW_PARTS + 1
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds)
        yield body[start : start + size]
