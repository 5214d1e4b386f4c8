"""Rule outcomes: each rule gets its own outcome and its own rows, however the engine prints the rule."""

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import regexp_replace, transform

from spark_jobs import audit
from spark_jobs.dq_engines import ENGINES, Frames
from spark_jobs.problem import Problem
from spark_jobs.rules import RuleSet, rule_set

TEXT = 'Rules = [ IsComplete "user_id", ColumnValues "price" <= 2, ColumnValues "plan" in ["a", "b"] ]'


class Printer:
    """Deequ, whose rules are printed by other hands: `pattern` of a rule's text is written as `by`."""

    def __init__(self, pattern: str, by: str) -> None:
        self._pattern, self._by = pattern, by

    def outcomes(self, spark: SparkSession, rows: DataFrame, text: str, references: Frames) -> DataFrame:
        outcomes_of_deequ = ENGINES["deequ"].outcomes(spark, rows, text, references)
        return outcomes_of_deequ.withColumn("Rule", regexp_replace("Rule", self._pattern, self._by))

    def row_outcomes(self, spark: SparkSession, rows: DataFrame, text: str, references: Frames) -> DataFrame:
        outcomes_of_deequ = ENGINES["deequ"].row_outcomes(spark, rows, text, references)
        printed = transform("DataQualityRulesFail", lambda rule: regexp_replace(rule, self._pattern, self._by))
        return outcomes_of_deequ.withColumn("DataQualityRulesFail", printed)


PRINTERS = {
    "spaced": Printer(" ", "  "),
    "unquoted": Printer('"', ""),
    "in other words": Printer("ColumnValues", "Values of"),
}


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    columns = "session_id string, user_id string, price double, plan string"
    return spark.createDataFrame([("s1", "a", 1.0, "a"), ("s2", "b", 2.5, "a"), ("s3", None, 1.5, "b")], columns)


@pytest.fixture(scope="module")
def rules(spark: SparkSession) -> RuleSet:
    return rule_set(spark, "sessions.dqdl", TEXT, {"user_id", "price", "plan"})


@pytest.mark.parametrize("printer", PRINTERS)
def test_rules_are_distinguished_however_they_are_printed(
    spark: SparkSession, rows: DataFrame, rules: RuleSet, printer: str
) -> None:
    outcomes = audit.evaluate(spark, PRINTERS[printer], rows, rules, {})
    assert [(each.rule, each.outcome) for each in outcomes] == list(
        zip(rules.rules, ("Failed", "Failed", "Passed"), strict=True)
    )
    failed = [each for each in outcomes if each.outcome == audit.FAILED]
    failing, naming = audit.failing_rows(spark, PRINTERS[printer], rows, rules, {}, ("session_id",), failed)
    assert {row.session_id: row.why for row in failing.collect()} == {
        "s2": f"fails {rules.rules[1]}",
        "s3": f"fails {rules.rules[0]}",
    }
    assert naming == set(rules.rules[:2])


def test_an_engine_that_leaves_a_rule_out_is_noticed(spark: SparkSession, rows: DataFrame, rules: RuleSet) -> None:
    class Short(Printer):
        def outcomes(self, spark: SparkSession, rows: DataFrame, text: str, references: Frames) -> DataFrame:
            return super().outcomes(spark, rows, text, references).limit(2)

    with pytest.raises(Problem, match="another number of outcomes"):
        audit.evaluate(spark, Short("x", "x"), rows, rules, {})


def test_texts_go_before_places() -> None:
    assert audit.matching(["A 1", "B 2", "C 3"], ["c three", "B  2", '"A" 1']) == [2, 1, 0]
