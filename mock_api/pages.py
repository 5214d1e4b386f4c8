"""Pages: which rows of a window an answer holds, and where the next answer goes on.

A cursor is the number of the next row in the whole calendar, so pages put together are the unpaged array.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from mock_api.calendar import Calendar
from mock_api.dataset import Rows
from mock_api.text import body

MOST_ROWS = 10_000  # the largest limit
_ROWS_AT_ONCE = 4096


class PageError(Exception):
    """A window or cursor that cannot be answered; the text is the answer's detail."""


@dataclass(frozen=True)
class Page:
    """Rows low..high-1 of the window [window_low, window_high)."""

    low: int
    high: int
    window_low: int
    window_high: int
    limit: int | None

    @property
    def next_cursor(self) -> str | None:
        """The cursor of the next page, None on the last."""
        return str(self.high) if self.high < self.window_high else None


def page(calendar: Calendar, first: date, last: date, limit: int | None, cursor: str | None) -> Page:
    """The rows to answer with. Raises PageError when first > last or the cursor is none of this window's."""
    if first > last:
        raise PageError(f"start_date {first} is after end_date {last}: give them in order (both are inclusive)")
    window_low, window_high = calendar.bounds(first, last)
    low = window_low if cursor is None else _row(cursor, window_low, window_high)
    high = window_high if limit is None else min(low + limit, window_high)
    return Page(low, high, window_low, window_high, limit)


def array(rows: Rows, low: int, high: int) -> Iterator[bytes]:
    """The JSON array of rows low..high-1, in parts that need little memory each."""
    yield b"["
    for first in range(low, high, _ROWS_AT_ONCE):
        text = body(rows.json(first, min(first + _ROWS_AT_ONCE, high)))
        yield text[1:] if first == low else text  # each row brings the comma before it
    yield b"]"


def is_small(page: Page) -> bool:
    """Whether the answer is made in one go, with its length known."""
    return page.high - page.low <= _ROWS_AT_ONCE


def _row(cursor: str, low: int, high: int) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 16 and low <= int(cursor) <= high):
        raise PageError(f"cursor {cursor!r} is not one of this window: take it from the last answer's Link header")
    return int(cursor)
