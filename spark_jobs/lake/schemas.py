"""Schemas of the lake's tables, as Spark's DDL. Standard library only, for those without pyspark."""

from dataclasses import dataclass

from spark_jobs.silver import TABLES
from spark_jobs.silver.declaration import INGEST_ON, Table

SILVER = "deftunes_silver"
OPS = "deftunes_ops"
OPS_TABLES = "ops"  # what stands for the tables about runs where maintenance names a silver table

QUARANTINE_COLUMNS = "record_id string, raw string, reasons string, window_from date, window_to date, ingest_on date"
RULE_OUTCOME_COLUMNS = (
    "run_id string, table_name string, rule string, outcome string, reason string, metrics string, "
    "window_from date, window_to date, evaluated_at timestamp"
)
RUN_COLUMNS = (
    "run_id string, verb string, table_name string, window_from date, window_to date, outcome string, "
    "landed_records bigint, duplicate_records bigint, opened_rows bigint, silver_rows bigint, quarantined_rows bigint, "
    "is_changed boolean, snapshot_id bigint, started_at timestamp, finished_at timestamp, detail string, content string"
)


def moved_columns(table: Table) -> str:
    """Columns of deftunes_ops.moved_<table>: one row per record and day that delivered it."""
    [record_key] = [column for column in table.columns if column.name == table.record_key]
    return f"{record_key.name} {record_key.type}, {INGEST_ON} date"


@dataclass(frozen=True)
class Schema:
    """What a table of the lake is declared as. `renamed_from`: pairs of a column and how it was called before.

    is_read_empty: it may stay empty and is read all the same, which Redshift may refuse of a table without a snapshot.
    """

    name: str
    ddl: str
    partitioned_by: str = ""
    renamed_from: tuple[tuple[str, str], ...] = ()
    is_read_empty: bool = False


def schemas(table: Table) -> tuple[Schema, ...]:
    """The tables that refining a silver table writes: itself, its quarantine, and the tables about runs."""
    renamed_from = tuple((column.name, column.renamed_from) for column in table.columns if column.renamed_from)
    moved = [Schema(f"{OPS}.moved_{table.name}", moved_columns(table))] if table.moves_between_days else []
    return (
        Schema(f"{SILVER}.{table.name}", table.ddl, table.partitioned_by, renamed_from),
        Schema(f"{SILVER}.quarantine_{table.name}", QUARANTINE_COLUMNS, INGEST_ON, is_read_empty=True),
        Schema(f"{OPS}.rule_outcomes", RULE_OUTCOME_COLUMNS, is_read_empty=True),
        Schema(f"{OPS}.runs", RUN_COLUMNS),
        *moved,
    )


def maintained_tables(table: str) -> tuple[str, ...]:
    """The tables that one job of maintenance is about: a silver table and its quarantine, or those about runs."""
    if table in TABLES:
        return f"{SILVER}.{table}", f"{SILVER}.quarantine_{table}"
    names = (schema.name for each in TABLES.values() for schema in schemas(each))
    return tuple(dict.fromkeys(name for name in names if name.startswith(f"{OPS}.")))
