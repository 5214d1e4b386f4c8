"""Malformed records: what a fault makes of the decoded records of an answer. Nothing given is changed."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import cycle, islice
from typing import Any

from mock_api.faults import Fault

Record = dict[str, Any]
_ITEMS = "session_items"
_LONG_FIELDS = ("user_agent", "user_name")  # of a session, of a user


def apply_fault(fault: Fault, records: list[Record], dated_by: str) -> list[Record]:
    """The records as the fault leaves them; unchanged for kinds that do not touch single records."""
    if fault.kind == "empty":
        return [record for record in records if not _is_meant(fault, record, dated_by)]
    effect = _EFFECTS.get(fault.kind)
    meant = [number for number, record in enumerate(records) if _is_meant(fault, record, dated_by)]
    return records if effect is None else effect(fault, records, meant)


def _is_meant(fault: Fault, record: Record, dated_by: str) -> bool:
    return fault.day is None or str(record.get(dated_by)).startswith(fault.day.isoformat())


def _with_huge_session(fault: Fault, records: list[Record], meant: list[int]) -> list[Record]:
    with_items = [number for number in meant if records[number].get(_ITEMS)]
    out = list(records)
    for number in with_items[:1]:
        items = list(islice(cycle(records[number][_ITEMS]), fault.items))
        out[number] = records[number] | {_ITEMS: items}
    return out


def _with_huge_string(fault: Fault, records: list[Record], meant: list[int]) -> list[Record]:
    out = list(records)
    for number in meant[:1]:
        field = next(name for name in _LONG_FIELDS if name in records[number])
        out[number] = records[number] | {field: "x" * fault.size}
    return out


def _with_other_schema(fault: Fault, records: list[Record], meant: list[int]) -> list[Record]:
    out = list(records)
    for number in meant:
        out[number] = _changed_record(fault, records[number])
    return out


def _changed_record(fault: Fault, record: Record) -> Record:
    """`session_items.x` is the items' field x; so is x when the record itself has none of that name."""
    of_items = fault.field.removeprefix(f"{_ITEMS}.")
    if of_items == fault.field and (fault.change == "add" or fault.field in record):
        return _change_field(fault.change, fault.field, record)
    if _ITEMS not in record:
        return record
    return record | {_ITEMS: [_change_field(fault.change, of_items, item) for item in record[_ITEMS]]}


def _change_field(change: str, field: str, fields: Record) -> Record:
    if change == "add":
        return fields | {field: "new"}
    if change == "drop":
        return {name: value for name, value in fields.items() if name != field}
    return {name: _retype(value) if name == field else value for name, value in fields.items()}


def _retype(value: object) -> object:
    return {"value": value} if isinstance(value, str | list | None) else str(value)


def _with_bad_prices(fault: Fault, records: list[Record], meant: list[int]) -> list[Record]:
    return _with_items(fault, records, meant, lambda _, item: item | {"price": fault.price})


def _with_later_likes(fault: Fault, records: list[Record], meant: list[int]) -> list[Record]:
    return _with_items(fault, records, meant, _turned_like)


def _turned_like(record: Record, item: Record) -> Record:
    if item["liked"]:
        return item | {"liked": False, "liked_since": None}
    since = datetime.fromisoformat(record["session_start_time"]) + timedelta(days=1)
    return item | {"liked": True, "liked_since": since.isoformat(timespec="microseconds")}


def _with_items(
    fault: Fault, records: list[Record], meant: list[int], change: Callable[[Record, Record], Record]
) -> list[Record]:
    """The records with `share` of their items changed, the same ones at each call."""
    out = list(records)
    for number in meant:
        record = records[number]
        if _ITEMS in record:
            out[number] = record | {_ITEMS: [_by_lot(fault, record, n, change) for n in range(len(record[_ITEMS]))]}
    return out


def _by_lot(fault: Fault, record: Record, position: int, change: Callable[[Record, Record], Record]) -> Record:
    item: Record = record[_ITEMS][position]
    return change(record, item) if _lot(record["session_id"], position) < fault.share else item


def _lot(session_id: str, position: int) -> float:
    digest = hashlib.blake2b(f"{session_id}/{position}".encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2.0**48


_EFFECTS: dict[str, Callable[[Fault, list[Record], list[int]], list[Record]]] = {
    "huge_session": _with_huge_session,
    "huge_string": _with_huge_string,
    "schema": _with_other_schema,
    "bad_price": _with_bad_prices,
    "likes": _with_later_likes,
}
