"""Text: columns of strings made without touching single rows in Python.

A fixed-width string is a row of a matrix of bytes (uint8); `strings` turns such a matrix into an Arrow
array. JSON is put together from Arrow arrays of ready fragments.
"""

import json
from datetime import date, timedelta
from functools import cache

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from numpy.typing import NDArray

from mock_api.calendar import FIRST_DAY
from mock_api.draws import Counters, Numbers

Bytes = NDArray[np.uint8]

DAY_US = 86_400_000_000
_LAST_YEAR = 2040  # timestamps reach a few years past the calendar: a like can come late
_HEX_PAIRS = np.frombuffer(bytes(range(256)).hex().encode(), dtype=np.uint8).reshape(256, 2)
_LETTERS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", dtype=np.uint8)
_UUID_COLUMNS = [position for position in range(36) if position not in (8, 13, 18, 23)]


def strings(matrix: Bytes) -> pa.Array:
    """An Arrow string array of the matrix's rows."""
    rows, width = matrix.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * np.int32(width)
    data = np.ascontiguousarray(matrix)
    return pa.Array.from_buffers(pa.string(), rows, [None, pa.py_buffer(offsets), pa.py_buffer(data)])


def framed(before: str, matrix: Bytes, after: str) -> Bytes:
    """The matrix with the same text before and after each row."""
    rows, width = matrix.shape
    left, right = (np.frombuffer(part.encode(), dtype=np.uint8) for part in (before, after))
    out = np.empty((rows, len(left) + width + len(right)), dtype=np.uint8)
    out[:, : len(left)] = left
    out[:, len(left) : len(left) + width] = matrix
    out[:, len(left) + width :] = right
    return out


def hex_digits(numbers: Counters, width: int) -> Bytes:
    """The lowest `width` hexadecimal digits, lower case."""
    octets = numbers.astype(">u8").view(np.uint8).reshape(-1, 8)
    return _HEX_PAIRS[octets].reshape(-1, 16)[:, 16 - width :]


def letters(numbers: Numbers, width: int) -> Bytes:
    """The lowest `width` digits in base 26, written A-Z."""
    powers = 26 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    out: Bytes = _LETTERS[(numbers[:, None] // powers) % 26]
    return out


def uuids(high: Counters, low: Counters) -> Bytes:
    """Random (version 4) UUIDs of 36 characters from two 64-bit numbers each."""
    high = (high & np.uint64(0xFFFFFFFFFFFF0FFF)) | np.uint64(0x4000)
    low = (low & np.uint64(0x3FFFFFFFFFFFFFFF)) | np.uint64(0x8000000000000000)
    out = np.full((len(high), 36), ord("-"), dtype=np.uint8)
    out[:, _UUID_COLUMNS] = np.hstack([hex_digits(high, 16), hex_digits(low, 16)])
    return out


def timestamps(micros: Numbers) -> Bytes:
    """`2020-02-07T18:05:25.824461`, 26 characters, of microseconds since the calendar's first midnight."""
    day, of_day = np.divmod(micros, DAY_US)
    second, micro = np.divmod(of_day, 1_000_000)
    out = np.empty((len(micros), 26), dtype=np.uint8)
    out[:, :11] = _date_texts()[day]
    out[:, 11:20] = _second_texts()[second]
    out[:, 20:23] = _thousand_texts()[micro // 1000]
    out[:, 23:] = _thousand_texts()[micro % 1000]
    return out


def json_strings(column: pa.Array) -> pa.Array:
    """Each string as a JSON literal, non-ASCII letters kept."""
    quoted = pc.binary_join_element_wise('"', column, '"', "")
    is_special = pc.match_substring_regex(column, r'[\x00-\x1f"\\]')
    escaped = [json.dumps(text, ensure_ascii=False) for text in column.filter(is_special).to_pylist()]
    return pc.replace_with_mask(quoted, is_special, pa.array(escaped, pa.string()))


def join_texts(*parts: object) -> pa.Array:
    """Row by row, the parts (Arrow string arrays or plain strings) one after the other."""
    return pc.binary_join_element_wise(*parts, "")


def body(rows: pa.Array) -> bytes:
    """All rows of an Arrow string array, one after the other."""
    if len(rows) == 0:
        return b""
    first, *_, last = np.frombuffer(rows.buffers()[1], dtype=np.int32)[rows.offset : rows.offset + len(rows) + 1]
    return bytes(memoryview(rows.buffers()[2])[first:last])


def _table(texts: list[str]) -> Bytes:
    return np.frombuffer("".join(texts).encode(), dtype=np.uint8).reshape(len(texts), -1)


@cache
def _date_texts() -> Bytes:
    days = (date(_LAST_YEAR, 12, 31) - FIRST_DAY).days + 1
    return _table([f"{FIRST_DAY + timedelta(days=number)}T" for number in range(days)])


@cache
def _second_texts() -> Bytes:
    return _table([f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}." for n in range(86_400)])


@cache
def _thousand_texts() -> Bytes:
    return _table([f"{number:03}" for number in range(1000)])
