"""A page: one answer of the source API, a bare JSON array of records.

A page can hold a record that is no valid JSON without the rest being lost: `records` cuts such a
page into the pieces that can be read and the pieces that cannot.
"""

import json
import re
from dataclasses import dataclass

# The field that says a JSON object is a record of the table, not something nested in one.
RECORD_KEYS = {"users": "user_id", "sessions": "session_id"}

_decoder = json.JSONDecoder()
_separator = re.compile(r"\s*[,\]]")


class PageError(ValueError):
    """The text is no JSON array, or ends before it is complete."""


@dataclass(frozen=True)
class Count:
    """Records of a page, how many of them cannot be read as JSON objects, and the keys of the others."""

    records: int
    unreadable: int
    keys: tuple[str, ...] = ()


def count(text: str, key: str) -> Count:
    """Counts a page's records. Raises PageError if it is no complete JSON array."""
    try:
        page = json.loads(text)
    except json.JSONDecodeError:
        page = [_value(piece) for piece in records(text, key)]
    if not isinstance(page, list):
        raise PageError(f"a JSON {type(page).__name__}, not an array")
    objects = [record for record in page if isinstance(record, dict)]
    return Count(len(page), len(page) - len(objects), tuple(str(record[key]) for record in objects if key in record))


def records(text: str, key: str) -> list[str]:
    """The records of a page as they stand in it, in order; what cannot be read stays as one piece of text."""
    text = text.strip()
    if not text.startswith("["):
        raise PageError(f"starts with {text[:40]!r}, not with an array")
    if not text.endswith("]"):
        raise PageError(f"ends with {text[-40:]!r}: the array is not closed")
    pieces, at, end = [], _skip(text, 1), len(text) - 1
    while at < end:
        after = _end_of_value(text, at)
        if after is None:
            after = _next_record(text, at + 1, end, key)
        pieces.append(text[at:after].rstrip().removesuffix(",").rstrip())
        at = _skip(text, after)
    return pieces


def _value(piece: str) -> object:
    """The JSON value of a piece, None for one that cannot be read."""
    try:
        return json.loads(piece)
    except json.JSONDecodeError:
        return None


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at


def _end_of_value(text: str, at: int) -> int | None:
    """Where the JSON value at `at` ends, if it is one and a separator follows."""
    try:
        _, after = _decoder.raw_decode(text, at)
    except json.JSONDecodeError:
        return None
    return after if _separator.match(text, after) else None


def _next_record(text: str, at: int, end: int, key: str) -> int:
    """Where the next readable record starts: an object that carries the table's key; else the end."""
    while (at := text.find("{", at, end)) != -1:
        try:
            value, _ = _decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            value = None
        if isinstance(value, dict) and key in value:
            return at
        at += 1
    return end
