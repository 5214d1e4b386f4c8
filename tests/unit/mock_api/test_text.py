"""Text made in bulk equals text made one by one."""

import json
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pytest

from mock_api.text import body, hex_digits, json_strings, letters, strings, timestamps, uuids


@pytest.mark.parametrize(
    "stamp",
    [
        "2019-01-01T00:00:00.000000",
        "2020-02-29T23:59:59.999999",
        "2020-03-01T00:00:00.000001",
        "2034-12-31T09:08:07.060504",
    ],
)
def test_timestamp_is_written_as_isoformat_would(stamp: str) -> None:
    micros = (datetime.fromisoformat(stamp) - datetime(2019, 1, 1)) // timedelta(microseconds=1)
    assert strings(timestamps(np.array([micros, 0]))).to_pylist() == [stamp, "2019-01-01T00:00:00.000000"]


def test_text_is_escaped_as_json_would() -> None:
    plain = ["", "plain", "é夜\U0001f3b5", " blank ", "\x7f\u2028"]
    special = ['a "b"', "back\\slash", "tab\tline\nnull\x00", 'é "夜"']
    texts = [*plain, *special]
    assert json_strings(pa.array(texts)).to_pylist() == [json.dumps(text, ensure_ascii=False) for text in texts]


def test_uuid_is_version_4_when_made_of_two_numbers() -> None:
    high, low = np.array([2**64 - 1, 0], dtype=np.uint64), np.array([2**64 - 1, 0], dtype=np.uint64)
    made = strings(uuids(high, low)).to_pylist()
    assert made == ["ffffffff-ffff-4fff-bfff-ffffffffffff", "00000000-0000-4000-8000-000000000000"]
    assert [UUID(text).version for text in made] == [4, 4]


def test_hex_digits_are_the_lowest_ones() -> None:
    number = 0x0123456789ABCDEF
    for width in (5, 7, 8, 16):
        made = strings(hex_digits(np.array([number, 2**64 - 1], dtype=np.uint64), width)).to_pylist()
        assert made == [f"{number:016x}"[-width:], "f" * width]


def test_letters_count_in_base_26() -> None:
    assert strings(letters(np.array([0, 25, 26, 26**2 - 1]), 2)).to_pylist() == ["AA", "AZ", "BA", "ZZ"]


def test_body_is_the_rows_one_after_the_other() -> None:
    rows = pa.array(["a", "é", "", "cd"])
    assert body(rows) == "aécd".encode()
    assert body(rows.slice(1, 2)) == "é".encode()
    assert body(rows.slice(0, 0)) == b""
