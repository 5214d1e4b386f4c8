"""Redshift can read every table of the lake and hold every model: types, lengths, names, format version."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from spark_jobs.lake import schemas
from spark_jobs.silver import TABLES
from tests import redshift_reading as reading
from tests.redshift_reading import Column

ROOT = Path(__file__).parents[2]
JOBS = ROOT / "spark_jobs"
STAGING = {path.stem: path.read_text() for path in (ROOT / "dbt/models/staging").glob("*.sql")}
MODELS = sorted((ROOT / "dbt/models").glob("[gb]*/*.yml"))

# Longer texts than Redshift reads may stand here, and why that harms nothing. A cut text is cut in Redshift only.
MAY_BE_CUT = {
    ("quarantine", "record_id"): "the id as the source wrote it; no model reads it",
    ("quarantine", "raw"): "the record as delivered; no model reads it, and engineers read it in the lake",
    ("quarantine", "reasons"): "models read the first reason, which stands in front",
    ("moved_sessions", "session_id"): "the id as the source wrote it; no model reads it",
    ("runs", "verb"): "a word of our own: land or refine",
    ("runs", "detail"): "a problem's sentence, which may quote a record; no model reads it",
    ("runs", "content"): "a list of files; no model reads it",
    ("rule_outcomes", "metrics"): "figures as JSON; no model reads it",
    ("songs", "source_from"): "a word of our own: postgres",
}
# Names that Redshift wants in quotes, and why they may stay.
QUOTED = {("quarantine", "raw"): 'no model reads it; by hand it is "raw"'}


DECLARED = {
    **{table.name: table.ddl for table in TABLES.values()},
    **{f"moved_{table.name}": schemas.moved_columns(table) for table in TABLES.values() if table.moves_between_days},
    "quarantine": schemas.QUARANTINE_COLUMNS,
    "rule_outcomes": schemas.RULE_OUTCOME_COLUMNS,
    "runs": schemas.RUN_COLUMNS,
}
LAKE = [column for table, ddl in DECLARED.items() for column in reading.iceberg_columns(table, ddl)]


def model_columns() -> list[Column]:
    models: list[dict[str, Any]] = [model for path in MODELS for model in yaml.safe_load(path.read_text())["models"]]
    return [
        Column(model["name"], column["name"], column["data_type"].lower())
        for model in models
        for column in model["columns"]
    ]


def column_id(column: Column) -> str:
    return f"{column.table}.{column.name}"


def bound(column: Column) -> int | None:
    """The greatest length that a rule of quality/ allows the column, or that staging casts it to."""
    rules = ROOT / f"quality/{column.table}.dqdl"
    text = rules.read_text() if rules.is_file() else ""
    found = re.findall(rf'^ *ColumnLength "{column.name}" <?= (\d+)', text, re.MULTILINE)
    for model, sql in STAGING.items():
        if column.table in model:
            found += re.findall(rf"cast\((?:\w+\()?{column.name}(?:, '')?\)? as varchar\((\d+)\)", sql)
    return max(map(int, found)) if found else None


def test_every_table_that_jobs_make_is_looked_at() -> None:
    """One place makes tables, and it makes these."""
    makers = [path for path in JOBS.rglob("*.py") if re.search(r"create table|createOrReplace\(\)", path.read_text())]
    assert [str(path.relative_to(JOBS)) for path in makers] == ["lake/tables.py"]
    made = {schema.name.split(".")[1]: schema.ddl for table in TABLES.values() for schema in schemas.schemas(table)}
    assert {re.sub("^quarantine_.*", "quarantine", name): ddl for name, ddl in made.items()} == DECLARED
    for table, ddl in DECLARED.items():
        assert len(reading.iceberg_columns(table, ddl)) == len(re.split(r",(?!\d+\))", ddl)), table


@pytest.mark.parametrize("column", LAKE, ids=column_id)
def test_redshift_reads_the_column_of_the_lake(column: Column) -> None:
    names = () if (column.table, column.name) in QUOTED else reading.NAMES
    assert reading.broken(column, (*reading.ICEBERG, *names)) == []


@pytest.mark.parametrize("column", [each for each in LAKE if each.type == "string"], ids=column_id)
def test_text_of_the_lake_is_not_cut_unawares(column: Column) -> None:
    longest = bound(column)
    if (column.table, column.name) in MAY_BE_CUT:
        assert longest is None, "a bound was found: take it out of MAY_BE_CUT"
    else:
        assert longest is not None, f"bound it by ColumnLength in quality/{column.table}.dqdl or by a cast in staging"
        assert longest <= reading.LONGEST_STRING


@pytest.mark.parametrize("column", model_columns(), ids=column_id)
def test_redshift_holds_the_column_of_the_model(column: Column) -> None:
    assert reading.broken(column, (*reading.MODELS, *reading.NAMES)) == []


def test_tables_have_names_and_columns_that_redshift_takes() -> None:
    columns = [*LAKE, *model_columns()]
    tables = {column.table for column in columns}
    assert len(tables) == 7 + len(MODELS)
    assert [reason for table in sorted(tables) for reason in reading.broken(Column("", table, ""), reading.NAMES)] == []
    assert max(sum(column.table == table for column in columns) for table in tables) <= reading.MOST_COLUMNS


def test_tables_have_a_format_version_that_redshift_reads() -> None:
    assert "'format-version'='2'" in (JOBS / "lake/tables.py").read_text()


def test_exceptions_are_of_columns_that_are_there() -> None:
    there = {(column.table, column.name) for column in LAKE}
    assert (set(MAY_BE_CUT) | set(QUOTED)) - there == set()


@pytest.mark.parametrize(
    ("ddl", "type_"),
    [
        ("a timestamp", "timestamptz"),
        ("a timestamp_ntz", "timestamp"),
        ("a decimal(10,2)", "decimal(10,2)"),
        ("a decimal(10, 2)", "decimal(10, 2)"),
        ("a varchar(9)", "string"),
        ("a array<int>", "list"),
        ("a struct<b: int, c: string>", "struct"),
        ("a map<string, int>", "map"),
    ],
)
def test_spark_types_are_read_as_iceberg_has_them(ddl: str, type_: str) -> None:
    assert [column.type for column in reading.iceberg_columns("t", f"{ddl}, z int")] == [type_, "int"]


@pytest.mark.parametrize(
    ("rules", "name", "type_", "reason"),
    [
        *[(reading.ICEBERG, "a", each, "are not read") for each in ("time", "uuid", "fixed(16)", "timestamp_ns")],
        *[(reading.ICEBERG, "a", each, "SUPER") for each in ("list", "map", "struct")],
        (reading.ICEBERG, "a", "binary", "varbyte"),
        (reading.ICEBERG, "a", "decimal(39,2)", "38 digits"),
        *[(reading.MODELS, "a", each, "has not") for each in ("text", "hugeint", "uuid", "json", "timestamp(9)")],
        (reading.MODELS, "a", "varchar", "has not"),
        (reading.MODELS, "a", "decimal(39,2)", "38 digits"),
        (reading.MODELS, "a", "decimal(38,38)", "37 behind"),
        (reading.MODELS, "a", "varchar(65536)", "65535 bytes"),
        (reading.MODELS, "a", "char(4097)", "4096"),
        (reading.NAMES, "a" * 128, "int", "127 bytes"),
        (reading.NAMES, "userId", "int", "upper-case"),
        (reading.NAMES, "user-id", "int", "plain identifier"),
        (reading.NAMES, "tag", "int", "reserved"),
        (reading.NAMES, "xmin", "int", "system"),
    ],
)
def test_each_rule_refuses(rules: tuple[reading.Rule, ...], name: str, type_: str, reason: str) -> None:
    [found] = reading.broken(Column("t", name, type_), rules)
    assert reason in found


def test_each_rule_names_a_page() -> None:
    rules = (*reading.NAMES, *reading.ICEBERG, *reading.MODELS)
    assert [rule for rule in rules if not re.fullmatch(r"[\w-]{7,}", rule.page)] == []
