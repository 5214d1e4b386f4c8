"""Comparing two sides of a table: keyed checksums a column, and where they differ, the first rows that do."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from rehearsal.parity.tables import Content, Table
from rehearsal.parity.types import common

SHOWN = 3
KeyedRow = tuple[tuple[str, ...], tuple[Any, ...]]  # the key as texts, and the row


@dataclass(frozen=True)
class Column:
    """A column on both sides: types and checksums as hex; empty where a side lacks the column."""

    name: str
    left_type: str
    right_type: str
    left_sum: str
    right_sum: str
    excuse: str

    @property
    def has_equal_type(self) -> bool:
        return bool(self.left_type) and common(self.left_type) == common(self.right_type)

    @property
    def is_equal(self) -> bool:
        return self.has_equal_type and (bool(self.excuse) or self.left_sum == self.right_sum)


@dataclass(frozen=True)
class Comparison:
    """One table on both sides. `differences`: a sentence for each of the first rows that differ."""

    table: Table
    left_rows: int
    right_rows: int
    columns: tuple[Column, ...]
    differences: tuple[str, ...]

    @property
    def is_equal(self) -> bool:
        return (
            self.left_rows == self.right_rows and not self.differences and all(each.is_equal for each in self.columns)
        )


def compare(table: Table, left: Content, right: Content) -> Comparison:
    """The two contents of one table. A key that two rows of a side share is a difference too."""
    left, right = _comparable(table, left), _comparable(table, right)
    names = list(dict.fromkeys([*left.types, *right.types]))
    rows = [list(keyed(table, content)) for content in (left, right)]
    columns = tuple(
        Column(
            name,
            left.types.get(name, ""),
            right.types.get(name, ""),
            checksum(rows[0], left, name),
            checksum(rows[1], right, name),
            table.excused.get(name, ""),
        )
        for name in names
    )
    compared = [name for name in names if name not in table.excused and name in left.types and name in right.types]
    found = tuple(differences(table, (left, right), rows, compared))
    return Comparison(table, len(left.rows), len(right.rows), columns, found)


def _comparable(table: Table, content: Content) -> Content:
    """The content without those parts of its texts that may differ."""
    patterns = [table.may_differ.get(name) for name in content.types]
    if not any(patterns):
        return content
    rows = [
        tuple(
            re.sub(pattern, "", value) if pattern and isinstance(value, str) else value
            for pattern, value in zip(patterns, row, strict=True)
        )
        for row in content.rows
    ]
    return replace(content, rows=rows)


def checksum(rows: Iterable[KeyedRow], content: Content, name: str) -> str:
    """A number that any (key, value) of the column changes, in whatever order; empty without the column."""
    if name not in content.types:
        return ""
    at, total = list(content.types).index(name), 0
    for key, row in rows:
        line = "\x1f".join((*key, canonical(row[at])))
        total += int.from_bytes(hashlib.sha256(line.encode()).digest()[:16])
    return f"{total % 2**128:032x}"


def differences(
    table: Table, contents: tuple[Content, Content], rows: list[list[KeyedRow]], names: list[str]
) -> Iterable[str]:
    """Keys on one side only, keys twice on a side, and cells that differ: the first few."""
    left, right = contents
    targets = [dict(each) for each in rows]
    found = []
    for side, content, name in zip(targets, (left, right), ("left", "right"), strict=True):
        if table.key and len(side) < len(content.rows):
            found.append(f"{len(content.rows) - len(side)} rows share their key {table.key} with another, {name}")
    found += [f"{' '.join(key)}: on the left only" for key in sorted(targets[0].keys() - targets[1].keys())]
    found += [f"{' '.join(key)}: on the right only" for key in sorted(targets[1].keys() - targets[0].keys())]
    places = [(name, list(left.types).index(name), list(right.types).index(name)) for name in names]
    for key in sorted(targets[0].keys() & targets[1].keys()):
        for name, here, there in places:
            one, other = canonical(targets[0][key][here]), canonical(targets[1][key][there])
            if one != other:
                found.append(f"{' '.join(key)}: {name} is {one[:80]!r} and {other[:80]!r}")
        if len(found) > SHOWN:
            break
    return found[:SHOWN]


def keyed(table: Table, content: Content) -> Iterable[KeyedRow]:
    """Each row with its key as texts. A table without a key is keyed by all that is not a measure: its whole row."""
    names = list(content.types)
    places = [names.index(name) for name in table.key if name in names] or [
        at for at, name in enumerate(names) if name not in table.excused
    ]
    if table.numbered_by not in names:
        yield from ((tuple(canonical(row[at]) for at in places), row) for row in content.rows)
        return
    met: Counter[tuple[str, ...]] = Counter()
    for row in sorted(content.rows, key=lambda row: canonical(row[names.index(table.numbered_by)])):
        key = tuple(canonical(row[at]) for at in places)
        met[key] += 1
        yield (*key, str(met[key])), row


def canonical(value: Any) -> str:
    """A value as one text, the same for equal values of either side: times in UTC, numbers in their shortest form."""
    if value is None:
        return "∅"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        zoned = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return zoned.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value)
    return str(value)
