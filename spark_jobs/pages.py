"""A page: one answer of the source API, a JSON array of records, each of them a JSON object.

A page is valid if it is strict JSON (RFC 8259, in UTF-8) of objects within the limits below. They lie
inside those of Spark's reader, which is then handed the page as it is. Every other page is malformed:
`records` cuts it, and what is no record within the limits is one rejected record with its reason.

The same function reads a record both ways, so that landing's count and Spark's rows agree. It is
stricter than both parsers where they differ: NaN, Infinity and numbers no double can hold, a key that
stands twice in an object, and half of a surrogate pair are refused (tests/unit/spark_jobs/test_records.py).
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from spark_jobs import page_cutter
from spark_jobs.page_cutter import PageError

# Jackson, Spark's reader, refuses a nesting of 1000, numbers of 1000 characters and texts of 20 million.
MAX_DEPTH = 100
MAX_NUMBER = 400
MAX_RECORD = 16 << 20  # characters, as are those of a number
MAX_RECORDS = 2_000_000  # of a valid page: there is no room for more of the contract's
MAX_REJECTED = 1 << 20  # characters of a rejected record that quarantine shows; landing has them all

_surrogate = re.compile(r"\\u[dD][89a-fA-F]")
_opening = re.compile(r"[ \t\r\n]*\[[ \t\r\n]*(\][ \t\r\n]*\Z)?")
_between = re.compile(r"[ \t\r\n]*(?:(,)[ \t\r\n]*|\][ \t\r\n]*\Z)")


@dataclass(frozen=True)
class Count:
    """Records of a page, how many of them are rejected, the keys of the others, and whether it is malformed."""

    records: int
    unreadable: int
    keys: tuple[str, ...] = ()
    is_malformed: bool = False


@dataclass(frozen=True)
class Record:
    """The text of a record as delivered, and why it is rejected, or None. Bytes that are no UTF-8 stand as \\xNN."""

    text: str
    error: str | None


def count(body: bytes, key: str) -> Count:
    """Counts a page's records. Raises PageError if it is no complete JSON array."""
    try:
        keys = [_key_of(record, key) for record in _valid_records(body.decode())]
        return Count(len(keys), 0, tuple(each for each in keys if each is not None))
    except ValueError:
        pieces = [_read(piece) for piece in page_cutter.pieces(body, key)]
    values = [value for value, _ in pieces if value is not None]
    keys = [_key_of(value, key) for value in values]
    return Count(len(pieces), len(pieces) - len(values), tuple(each for each in keys if each is not None), True)


def _key_of(record: dict[str, Any], name: str) -> str | None:
    """Null is no key, else two records that have it would pass for one delivered twice."""
    return None if (found := record.get(name)) is None else str(found)


def records(body: bytes, key: str) -> list[Record]:
    """The records of a page as they stand in it, in order. Raises PageError as `count` does."""
    found = []
    for piece in page_cutter.pieces(body, key):
        _, error = _read(piece)
        text = piece.text.decode("utf-8", "backslashreplace")
        found.append(Record(_shortened(text) if error else text, error))
    return found


def _valid_records(text: str) -> Iterator[dict[str, Any]]:
    """The records of a valid page. Raises ValueError where it is malformed.

    Of a large page one stretch after the other is looked at, so that no value is read that is far beyond the limit.
    """
    opening = _opening.match(text)
    if not opening:
        raise ValueError("no array")
    if opening[1]:
        return
    at, start, stretch = opening.end(), 0, text[: 3 * MAX_RECORD]
    for _ in range(MAX_RECORDS):
        if at - start > MAX_RECORD:
            start, stretch = at, text[at : at + 3 * MAX_RECORD]
        record, end = _record(stretch, at - start)
        yield record
        after = _between.match(text, start + end)
        if not after:
            raise ValueError("no separator")
        if not after[1]:
            return
        at = after.end()
    raise ValueError("too many records")


def _read(piece: page_cutter.Piece) -> tuple[dict[str, Any] | None, str | None]:
    """The record of a piece, or None and why it is none."""
    if piece.error:
        return None, piece.error
    try:
        text = piece.text.decode()
        record, end = _record(text, 0)
        if end != len(text):
            raise ValueError(f"more text after the record: {text[end : end + 20]!r}")
        return record, None
    except UnicodeDecodeError as error:
        return None, f"byte {error.start + 1} is no UTF-8: 0x{piece.text[error.start]:02x}"
    except json.JSONDecodeError as error:
        return (
            None,
            f"{error.msg.removesuffix(' at')} at character {error.pos + 1}: {error.doc[error.pos : error.pos + 20]!r}",
        )
    except ValueError as error:
        return None, str(error)


def _record(text: str, at: int) -> tuple[dict[str, Any], int]:
    """The record that starts at `at`, and where it ends. Raises ValueError that says what is wrong with it."""
    try:
        value, end = _decoder.raw_decode(text, at)
    except RecursionError:
        raise ValueError(f"nested deeper than {MAX_DEPTH}") from None
    if not isinstance(value, dict):
        raise ValueError(f"a JSON value that is no object: {text[at : at + 20]!r}")
    if end - at > MAX_RECORD:
        raise ValueError(f"longer than {MAX_RECORD} characters: {end - at}")
    if text.count("{", at, end) + text.count("[", at, end) > MAX_DEPTH and _is_too_deep(value):
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    if _surrogate.search(text, at, end) and not _is_text(value):
        raise ValueError("half of a surrogate pair, which no text can hold")
    return value, end


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"a key stands twice in an object: {twice[:80]!r}")
    return value


def _number(text: str) -> float:
    if len(text) > MAX_NUMBER:
        raise ValueError(f"a number longer than {MAX_NUMBER} characters: {text[:20]}…")
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"a number beyond what a double can hold: {text[:20]}")
    return value


def _integer(text: str) -> int:
    if len(text) > MAX_NUMBER:
        raise ValueError(f"a number longer than {MAX_NUMBER} characters: {text[:20]}…")
    return int(text)


def _constant(name: str) -> None:
    raise ValueError(f"no JSON number: {name}")


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_number, parse_int=_integer, parse_constant=_constant
)


def _is_too_deep(value: object) -> bool:
    """Level by level, so that no nesting is too deep for looking at it."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        lists = [each for each in level if type(each) is list]
        objects = [each.values() for each in level if type(each) is dict]
        if not lists and not objects:
            return False
        level = [*chain.from_iterable(lists), *chain.from_iterable(objects)]
    return True


def _is_text(value: object) -> bool:
    """False if a text in it cannot be written in UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _shortened(text: str) -> str:
    left_off = len(text) - MAX_REJECTED
    return text if left_off <= 0 else f"{text[:MAX_REJECTED]}… and {left_off} characters more, which landing has"


__all__ = ["Count", "PageError", "Record", "count", "records"]
