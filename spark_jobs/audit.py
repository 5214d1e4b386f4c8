"""Audit: a table's rules, evaluated on the rows a run is about to publish.

The engine evaluates the DQDL text (spark_jobs/dq_engines.py). A rule that can name the rows it fails on
gives them; one that cannot stops the run.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_jobs.dq_engines import Engine
from spark_jobs.rules import RuleSet

PASSED, FAILED, QUARANTINED = "Passed", "Failed", "Quarantined"


@dataclass(frozen=True)
class RuleOutcome:
    """The outcome of one rule. `metrics` are the engine's figures by name."""

    rule: str
    outcome: str
    reason: str
    metrics: dict[str, float]

    def row(self) -> dict[str, str]:
        return {**asdict(self), "metrics": json.dumps(self.metrics)}


def evaluate(
    spark: SparkSession, engine: Engine, rows: DataFrame, rules: RuleSet, references: Mapping[str, DataFrame]
) -> list[RuleOutcome]:
    """Evaluates the rules on the rows. Returns one outcome per rule, in the file's order."""
    with _without_inferred_filters(spark):
        outcomes = engine.outcomes(spark, rows, rules.text, references).collect()
    by_rule = {row["Rule"]: row for row in outcomes}
    return [_rule_outcome(rule, by_rule[rule]) for rule in rules.rules]


def failing_rows(
    spark: SparkSession,
    engine: Engine,
    rows: DataFrame,
    rules: RuleSet,
    references: Mapping[str, DataFrame],
    key: tuple[str, ...],
    failed: list[str],
) -> tuple[DataFrame, set[str]]:
    """One row per key that the failed rules name, those rules in `why`; and the failed rules that name rows at all."""
    with _without_inferred_filters(spark):
        outcomes = engine.row_outcomes(spark, rows, rules.text, references)
        named = F.array_intersect("DataQualityRulesFail", F.array(*map(F.lit, failed)))
        failed_of_row = outcomes.select(*key, named.alias("rules"))
        failing = failed_of_row.where(F.size("rules") > 0).localCheckpoint()
    naming = failing.select(F.explode("rules").alias("rule")).distinct().collect()
    why = F.concat_ws("; ", F.transform("rules", lambda rule: F.concat(F.lit("fails "), rule)))
    return failing.groupBy(*key).agg(F.max(why).alias("why")), {row.rule for row in naming}


def with_quarantined(outcomes: list[RuleOutcome], failed: list[RuleOutcome]) -> list[RuleOutcome]:
    """The outcomes after the failing rows were quarantined: the rules that named them are marked so."""
    before = {outcome.rule: outcome for outcome in failed}
    return [
        RuleOutcome(outcome.rule, QUARANTINED, before[outcome.rule].reason, before[outcome.rule].metrics)
        if outcome.rule in before
        else outcome
        for outcome in outcomes
    ]


@contextmanager
def _without_inferred_filters(spark: SparkSession) -> Iterator[None]:
    """Rows known to be non-null, as after a join, make Deequ's length check uncompilable for Spark 3.5.

    Spark then logs the whole generated program as an error and interprets the query, which is slow.
    """
    setting = "spark.sql.constraintPropagation.enabled"
    before = spark.conf.get(setting)
    spark.conf.set(setting, "false")
    try:
        yield
    finally:
        spark.conf.set(setting, str(before))


def _rule_outcome(rule: str, row: Any) -> RuleOutcome:
    reason = (row["FailureReason"] or "").replace("\n", " ")
    return RuleOutcome(rule, row["Outcome"], reason, dict(row["EvaluatedMetrics"] or {}))
