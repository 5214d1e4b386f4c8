"""The declaration of a silver table: everything that is particular to it, said once.

Steps, jobs, DAG tasks, status, quarantine, parity and tests derive from it (spark_jobs/silver/__init__.py lists the
tables). Standard library only: Airflow and the command line read declarations without pyspark.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

# Columns that mean the same in every table that has them.
INGEST_ON = "ingest_on"  # the day whose delivery brought the row
LANDED_AT = "landed_at"  # when that delivery was first landed
VANISHED_ON = "vanished_on"  # the day of the first snapshot without the row

WriteMode = Literal["window", "merge", "snapshot"]
# What each way of writing needs beside the key.
NEEDED: dict[WriteMode, tuple[str, ...]] = {
    "window": (INGEST_ON,),
    "merge": (INGEST_ON, LANDED_AT),
    "snapshot": (INGEST_ON, VANISHED_ON),
}
PERSONAL = ("", "identifier", "name", "location")


class DeclarationError(ValueError):
    """A declaration contradicts itself; the message names the table, the value and the way out."""


@dataclass(frozen=True)
class Column:
    """A column of a silver table. `type` is Spark's name of its type.

    personal: what of a person it says ("identifier", "name" or "location"), "" for nothing. renamed_from: the name it
    had in an earlier release, whose values it takes over.
    """

    name: str
    type: str
    personal: str = ""
    renamed_from: str = ""


@dataclass(frozen=True)
class Endpoint:
    """A source: a path of the API, asked for day by day.

    record: Spark's schema of one record, every leaf a string, so that nothing is lost before silver reads it. key: the
    field that identifies a record. has_history: records of before the window are asked for too, because rows of other
    tables refer to them.
    """

    path: str
    record: str
    key: str
    has_history: bool = False

    kind: ClassVar[str] = "api"


@dataclass(frozen=True)
class DatabaseTable:
    """A source: a table or view `schema.name` of the database, read whole, its columns as text, the key first.

    optional: columns that it may lack; they are null then. Any other that it lacks was dropped by mistake.
    """

    name: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()

    kind: ClassVar[str] = "postgres"

    @property
    def schema_and_table(self) -> tuple[str, str]:
        schema, table = self.name.split(".")
        return schema, table


@dataclass(frozen=True)
class Table:
    """A silver table. Raises DeclarationError if the parts do not go together.

    write_mode: how a run changes it. "window" replaces the rows whose `time_column` (UTC) lies in it, "merge" keeps
    the newest delivery of each key, "snapshot" compares with all there is and marks what vanished.
    item_number: the column that numbers the rows a record is opened into, from 1 and null for a record without any; ""
    where a record is one row. moves_between_days: a record can be delivered on several days, of which one counts.
    references: tables that its rules compare with.
    """

    name: str
    source: Endpoint | DatabaseTable
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    write_mode: WriteMode
    time_column: str = ""
    partitioned_by: str = ""
    item_number: str = ""
    moves_between_days: bool = False
    references: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for is_wrong, found, way_out in self._checks():
            if is_wrong:
                raise DeclarationError(f"spark_jobs/silver/{self.name}.py: {found}: {way_out}")

    def _checks(self) -> Iterator[tuple[bool, str, str]]:
        """Whether something is wrong, what it is, and the way out."""
        is_window, names = self.write_mode == "window", self.column_names
        yield self.write_mode not in NEEDED, f"write_mode={self.write_mode!r}", f"say one of {tuple(NEEDED)}"
        for name in (*self.key, *NEEDED[self.write_mode], *filter(None, (self.time_column, self.item_number))):
            yield name not in names, f"no column {name}", f"add Column({name!r}, …)"
        for name in names:
            yield names.count(name) > 1, f"column {name} stands twice", "name each column once"
        for column in self.columns:
            kind = column.personal
            yield kind not in PERSONAL, f"personal={kind!r} of {column.name}", f"say one of {PERSONAL}"
        is_whole = isinstance(self.source, DatabaseTable)
        yield (
            (self.write_mode == "snapshot") != is_whole,
            f"write_mode={self.write_mode!r} of a source of kind {self.source.kind}",
            "tables of the database are snapshots, those of the API windows or merged",
        )
        stray = set(self.source.optional) - set(self.source.columns) if isinstance(self.source, DatabaseTable) else ()
        yield bool(stray), f"optional={sorted(stray)} of no column of the source", "name columns of the source"
        dated = "name the column that says which day a row belongs to"
        yield is_window and not self.time_column, "a window without time_column", dated
        has_history = isinstance(self.source, Endpoint) and self.source.has_history
        yield (
            has_history and self.write_mode != "merge",
            f"has_history with write_mode={self.write_mode!r}",
            "merge such a table",
        )
        yield has_history and not self.time_column, "has_history without time_column", dated
        is_opened = bool(self.item_number) or self.moves_between_days
        yield is_opened and not is_window, "item_number or moves_between_days without a window", "windows have them"
        key = (self.record_key, *filter(None, (self.item_number,)))
        yield is_window and self.key != key, f"key={self.key}", f"a window's key is the record's column: {key}"

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def ddl(self) -> str:
        """The columns as Spark's DDL writes them."""
        return ", ".join(f"{column.name} {column.type}" for column in self.columns)

    @property
    def record_key(self) -> str:
        """The column that says which record of the source a row came from."""
        return self.key[0]

    @property
    def is_first_of_record(self) -> str:
        """SQL condition: the row is the first that its record was opened into."""
        return f"{self.item_number} is null or {self.item_number} = 1" if self.item_number else "true"

    @property
    def amount(self) -> str:
        """The column with money, "" if there is none: money is decimal, and nothing else is."""
        return next((column.name for column in self.columns if re.match("decimal", column.type)), "")
