"""The generator's answers, decoded: one quarter at scale 1 for what must occur, a small dataset for the rest."""

import json
from datetime import date
from typing import Any

import pytest

from mock_api.dataset import Dataset, Rows, dataset, song_table
from mock_api.pages import array

Record = dict[str, Any]
FIRST, LAST = date(2020, 1, 1), date(2020, 3, 31)


def answer(rows: Rows, first: date, last: date) -> list[Record]:
    """The records of a window."""
    records: list[Record] = json.loads(b"".join(array(rows, *rows.calendar.bounds(first, last))))
    return records


@pytest.fixture(scope="session")
def full_dataset() -> Dataset:
    return dataset(42, 1.0, None)


@pytest.fixture(scope="session")
def small_dataset() -> Dataset:
    return dataset(7, 0.05, None)


@pytest.fixture(scope="session")
def quarter(full_dataset: Dataset) -> list[Record]:
    """All sessions of 2020-01-01..2020-03-31 at scale 1."""
    return answer(full_dataset.sessions, FIRST, LAST)


@pytest.fixture(scope="session")
def items(quarter: list[Record]) -> list[Record]:
    """All items of the quarter, each with its session's start under `start`."""
    return [item | {"start": row["session_start_time"]} for row in quarter for item in row["session_items"]]


@pytest.fixture(scope="session")
def registered(full_dataset: Dataset) -> list[Record]:
    """All users who registered up to the quarter's end."""
    return answer(full_dataset.users, date(2019, 1, 1), LAST)


@pytest.fixture(scope="session")
def songs() -> list[Record]:
    """The catalogue that the quarter sells."""
    rows: list[Record] = song_table(42, 1.0, None).to_pylist()
    return rows
