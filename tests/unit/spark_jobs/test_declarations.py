"""Declarations: what contradicts itself is refused with the table, the value and the way out."""

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from spark_jobs.silver import CLOSING, TABLES, _in_order
from spark_jobs.silver.declaration import Column, DeclarationError, Table
from tests.spark_session import ROOT

SESSIONS, USERS, SONGS = TABLES["sessions"], TABLES["users"], TABLES["songs"]


def without(name: str, table: Table) -> tuple[Column, ...]:
    return tuple(column for column in table.columns if column.name != name)


DAY_OF_A_ROW = "name the column that says which day a row belongs to"
SOURCES = "tables of the database are snapshots, those of the API windows or merged"
# What is found: the table, what is changed in it, and the way out.
CONTRADICTIONS: dict[str, tuple[Table, dict[str, Any], str]] = {
    "no column track_id": (SONGS, {"columns": without("track_id", SONGS)}, "add Column('track_id', …)"),
    "no column landed_at": (USERS, {"columns": without("landed_at", USERS)}, "add Column('landed_at', …)"),
    "no column vanished_on": (SONGS, {"columns": without("vanished_on", SONGS)}, "add Column('vanished_on', …)"),
    "no column sold_at": (SESSIONS, {"time_column": "sold_at"}, "add Column('sold_at', …)"),
    "no column part": (SESSIONS, {"item_number": "part"}, "add Column('part', …)"),
    "column user_id stands twice": (
        USERS,
        {"columns": (*USERS.columns, Column("user_id", "string"))},
        "name each column once",
    ),
    "personal='secret' of x": (
        USERS,
        {"columns": (*USERS.columns, Column("x", "string", personal="secret"))},
        "say one of ('', 'identifier', 'name', 'location')",
    ),
    "write_mode='append'": (USERS, {"write_mode": "append"}, "say one of ('window', 'merge', 'snapshot')"),
    "write_mode='snapshot' of a source of kind api": (SONGS, {"source": USERS.source}, SOURCES),
    "write_mode='merge' of a source of kind postgres": (USERS, {"source": SONGS.source, "time_column": ""}, SOURCES),
    "optional=['mood'] of no column of the source": (
        SONGS,
        {"source": replace(SONGS.source, optional=("mood",))},
        "name columns of the source",
    ),
    "a window without time_column": (SESSIONS, {"time_column": ""}, DAY_OF_A_ROW),
    "has_history with write_mode='window'": (SESSIONS, {"source": USERS.source}, "merge such a table"),
    "has_history without time_column": (USERS, {"time_column": ""}, DAY_OF_A_ROW),
    "item_number or moves_between_days without a window": (USERS, {"moves_between_days": True}, "windows have them"),
    "key=('session_id',)": (
        SESSIONS,
        {"key": ("session_id",)},
        "a window's key is the record's column: ('session_id', 'item_number')",
    ),
}


@pytest.mark.parametrize("message", CONTRADICTIONS)
def test_declaration_that_contradicts_itself_is_refused(message: str) -> None:
    table, changes, way_out = CONTRADICTIONS[message]

    with pytest.raises(DeclarationError) as refused:
        replace(table, **changes)

    assert str(refused.value) == f"spark_jobs/silver/{table.name}.py: {message}: {way_out}"


def test_tables_that_refer_to_each_other_in_a_circle_are_refused() -> None:
    with pytest.raises(DeclarationError, match=r"^spark_jobs/silver: tables refer to each other in a circle: \['"):
        _in_order({"a": ("b",), "b": ("a",)})


def test_tables_that_refer_to_as_many_others_are_ordered_by_name() -> None:
    assert _in_order({"c": ("b",), "z": (), "b": ("a",), "a": ()}) == ["a", "z", "b", "c"]


def test_every_table_stands_after_those_it_refers_to_and_one_closes_the_run() -> None:
    order = list(TABLES)

    assert all(order.index(name) < order.index(table.name) for table in TABLES.values() for name in table.references)
    assert TABLES[CLOSING].references
    assert not any(TABLES[name].references for name in order[order.index(CLOSING) + 1 :])


def imported_by(statement: str) -> Iterable[str]:
    """Names of all modules that a new Python has loaded after the statement."""
    code = f"import sys; {statement}; print(*sys.modules)"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()


def test_declarations_need_no_pyspark() -> None:
    """This Python has it; the ones of Airflow and of the command line have not."""
    assert "pyspark" in imported_by("import pyspark")
    assert {name.split(".")[0] for name in imported_by("import spark_jobs.silver")}.isdisjoint({"pyspark", "pyarrow"})


def test_first_row_of_a_record_is_known_where_it_is_opened_into_several() -> None:
    assert SESSIONS.is_first_of_record == "item_number is null or item_number = 1"
    assert USERS.is_first_of_record == "true"
    assert (SESSIONS.amount, USERS.amount) == ("price", "")
