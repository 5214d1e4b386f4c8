"""JSON for machines: whatever DuckDB, a run or a service gives, as one document of RFC 8259."""

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any


def json_text(value: object) -> str:
    """The value as JSON in ASCII, ended by a line break.

    Decimals are numbers. NaN and the infinities, which JSON does not have, are null. Dates and times are ISO 8601,
    all else that JSON has no form for is its text, keys of objects too.
    """
    return json.dumps(_plain(value), indent=1, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | Decimal):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_key(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date | datetime | time) else str(value)


def _key(key: object) -> str:
    return key if isinstance(key, str) else str(_plain(key))
