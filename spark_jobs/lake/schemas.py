"""Schemas of the tables beside the silver tables, as Spark's DDL. Standard library only, for those without pyspark."""

from spark_jobs.silver.declaration import INGEST_ON, Table

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
