"""Rules: what a .dqdl file may say, and where it is wrong when it says something else."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from spark_jobs.problem import Problem
from spark_jobs.rules import RuleSet, rule_set
from spark_jobs.silver import TABLES
from tests.spark_session import ROOT

COLUMNS = {"user_id", "price", "currency"}


def checked(spark: SparkSession, text: str) -> RuleSet:
    return rule_set(spark, "quality/t.dqdl", text, COLUMNS)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_file_of_a_table_passes_against_its_columns(table: str, spark: SparkSession) -> None:
    path = ROOT / f"quality/{table}.dqdl"
    columns = set(TABLES[table].column_names)

    rules = rule_set(spark, str(path), path.read_text(), columns).rules

    assert 'RowCountMatch "landed" = 1.0' in rules
    assert sum(rule.startswith("IsPrimaryKey ") for rule in rules) == 1


def test_every_table_has_a_file_and_every_file_a_table() -> None:
    assert {path.stem for path in Path(ROOT / "quality").glob("*.dqdl")} == set(TABLES)


def test_rules_come_in_the_order_of_the_file_without_comments(spark: SparkSession) -> None:
    text = 'Rules = [\n  # why\n  ColumnValues "price" <= 2,\n  (IsComplete "user_id") and (IsComplete "price")\n]'

    assert checked(spark, text).rules == (
        'ColumnValues "price" <= 2',
        '(IsComplete "user_id") AND (IsComplete "price")',
    )


@pytest.mark.parametrize("table", sorted(TABLES))
def test_parts_of_a_file_read_alone_are_the_rules_of_the_file(table: str, spark: SparkSession) -> None:
    path, references = ROOT / f"quality/{table}.dqdl", TABLES[table].references
    columns = set(TABLES[table].column_names)
    whole = rule_set(spark, str(path), path.read_text(), columns)

    parts = whole.apart(references)

    compared = {rule for rule in whole.rules if rule.startswith("ReferentialIntegrity")}
    assert set(parts[1].rules) == compared
    assert set(parts[0].rules) == set(whole.rules) - compared
    for part in filter(lambda part: part.rules, parts):
        assert rule_set(spark, "part", part.text, columns).rules == part.rules


WRONG = {
    "DetectAnomalies": "Only one of Glue and Deequ knows this rule",
    "last(": "Deequ keeps no history of earlier values",
    "prize": "The rule names a column the table has not",
}


@pytest.mark.parametrize(
    ("rules", "line", "value"),
    [
        ('IsComplete "user_id",\n  IsGood "price"', 3, "IsGood"),
        ('IsComplete "user_id"  # why\n\n  IsComplete "price"', 4, "a comma is missing"),
        ('IsComplete "user_id",\n  ColumnValues "price" <=', 4, ""),
        ('IsComplete "user_id",\n\n  IsComplete "prize"', 4, 'IsComplete "prize"'),
        ('IsPrimaryKey "user_id" "prize"', 2, '"prize"'),
        ('IsComplete "user_id",\n  ReferentialIntegrity "prize" "users.user_id" >= 0.9', 3, "ReferentialIntegrity"),
        ('IsComplete "user_id",\n  (IsComplete "price") or (IsComplete "prize")', 3, 'IsComplete "prize"'),
        ('IsComplete "user_id",\n  RowCount > avg(last(3))', 3, "RowCount > avg(last(3))"),
        ('IsComplete "user_id",\n  DetectAnomalies "RowCount"', 3, "DetectAnomalies"),
    ],
    ids=[
        "unknown rule", "missing comma", "no value", "unknown column", "second key column", "reference", "in an or",
        "history", "rule of one engine",
    ],
)  # fmt: skip
def test_wrong_rule_is_named_with_file_and_line(rules: str, line: int, value: str, spark: SparkSession) -> None:
    with pytest.raises(Problem) as named:
        checked(spark, f"Rules = [\n  {rules}\n]")

    assert named.value.what == next((what for sign, what in WRONG.items() if sign in rules), "The rules cannot be read")
    assert named.value.where == f"quality/t.dqdl, line {line}"
    assert value in named.value.value
    assert named.value.way_out == "correct that line; docs/quality.md lists what may stand there"


@pytest.mark.parametrize("text", ["", "hello", "Rules = []", 'Rules = [ IsComplete "user_id"'])
def test_text_without_rules_is_a_problem_in_line_1_or_where_it_breaks(text: str, spark: SparkSession) -> None:
    with pytest.raises(Problem, match="The rules cannot be read"):
        checked(spark, text)
