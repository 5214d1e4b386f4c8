"""Evolution: how a table that exists becomes the table that is declared.

A column may be added, made wider, or renamed: Iceberg changes the table's metadata for it and no file. Everything else
is refused before anything is written, since it would lose or reinterpret what the table holds.

Types are written as in Spark's DDL. Nothing here needs Spark: a run asks the catalog alone before its first step.
"""

import re
from collections.abc import Mapping
from typing import NoReturn

from spark_jobs.problem import Problem

# Iceberg's names of types that Spark's DDL calls otherwise.
SPARK_NAMES = {"long": "bigint", "timestamptz": "timestamp"}
WIDER = {("int", "bigint"), ("float", "double")}
DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")


def columns_of(ddl: str) -> dict[str, str]:
    """Column -> type of a list of columns as DDL writes it."""
    columns = (column.split(None, 1) for column in re.split(r",\s*(?![^()]*\))", ddl.strip()))
    return {name: spark_type(kind) for name, kind in columns}


def spark_type(kind: str) -> str:
    """The type as Spark's DDL writes it, for one that Spark or Iceberg wrote."""
    text = re.sub(r"\s", "", kind.lower())
    return SPARK_NAMES.get(text, text)


def changes(table: str, present: Mapping[str, str], ddl: str, renamed_from: Mapping[str, str]) -> list[str]:
    """The clauses of `alter table`, in order, that make a table of the columns `present` (name -> type) one of the DDL.

    `renamed_from`: column -> how it was called before. Raises Problem for a column that is not declared any more, for
    a type that is not the declared one nor narrower, and for a column that stands there under both names.
    """
    declared = columns_of(ddl)
    before = {new: old for new, old in renamed_from.items() if old in present}
    for new, old in before.items():
        if new in present:
            _refuse_two_names(table, old, new)
    names = {old: new for new, old in before.items()}
    found = {names.get(name, name): spark_type(kind) for name, kind in present.items()}
    if unknown := [f"{name} {kind}" for name, kind in found.items() if name not in declared]:
        _refuse_unknown(table, unknown)
    for name, kind in found.items():
        if kind != declared[name] and not is_wider(declared[name], kind):
            _refuse_type(table, name, kind, declared[name])
    missing = [f"{name} {kind}" for name, kind in declared.items() if name not in found]
    return [
        *(f"rename column {old} to {new}" for new, old in before.items()),
        *(f"alter column {name} type {declared[name]}" for name, kind in found.items() if kind != declared[name]),
        *([f"add columns ({', '.join(missing)})"] if missing else []),
    ]


def is_wider(kind: str, than: str) -> bool:
    """True if the type holds every value of the other one, and Iceberg reads the files of the other one as it."""
    wide, narrow = DECIMAL.fullmatch(kind), DECIMAL.fullmatch(than)
    if wide and narrow:
        return wide[2] == narrow[2] and int(wide[1]) > int(narrow[1])
    return (than, kind) in WIDER


def _refuse_unknown(table: str, unknown: list[str]) -> NoReturn:
    dropped = ", ".join(column.split()[0] for column in unknown)
    raise Problem(
        f"{table} has columns that this code does not declare: the lake is newer than the code, or they were dropped "
        "from the declaration",
        table,
        ", ".join(unknown),
        "run the code that declares them; or declare them again, or name the column they became (renamed_from); or, "
        f"where their values may go, drop them by hand: alter table {table} drop columns ({dropped})",
        "Nothing was written.",
    )


def _refuse_type(table: str, name: str, present: str, declared: str) -> NoReturn:
    raise Problem(
        f"{table}.{name} cannot become {declared}: not every {present} is one",
        f"{table}.{name}",
        f"the table has {present}, the declaration {declared}",
        f"declare {present} or a wider type, or give the values of the new type a column of another name",
        "Nothing was written.",
    )


def _refuse_two_names(table: str, old: str, new: str) -> NoReturn:
    raise Problem(
        f"{table} has both {old} and {new}, which is declared as its new name",
        f"{table}.{new}",
        f"renamed from {old}",
        f"take renamed_from out of the declaration of {new}; or drop one of the two by hand: "
        f"alter table {table} drop column {old}",
        "Nothing was written.",
    )
