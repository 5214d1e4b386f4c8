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
class Verdict:
    """What one rule said. `metrics` are the engine's figures by name."""

    rule: str
    outcome: str
    reason: str
    metrics: dict[str, float]

    def row(self) -> dict[str, str]:
        return {**asdict(self), "metrics": json.dumps(self.metrics)}


def verdicts(
    spark: SparkSession, engine: Engine, rows: DataFrame, rules: RuleSet, references: Mapping[str, DataFrame]
) -> list[Verdict]:
    """One verdict per rule, in the file's order."""
    with _without_inferred_filters(spark):
        outcomes = engine.outcomes(spark, rows, rules.text, references).collect()
    said = {row["Rule"]: row for row in outcomes}
    return [_verdict(rule, said[rule]) for rule in rules.rules]


def blamed(
    spark: SparkSession,
    engine: Engine,
    rows: DataFrame,
    rules: RuleSet,
    references: Mapping[str, DataFrame],
    key: tuple[str, ...],
    failed: list[str],
) -> tuple[DataFrame, set[str]]:
    """One row per key the failed rules name (key and `why`), and those of the failed rules that name rows at all."""
    with _without_inferred_filters(spark):
        answers = engine.row_outcomes(spark, rows, rules.text, references)
        named = F.array_intersect("DataQualityRulesFail", F.array(*map(F.lit, failed)))
        judged = answers.select(*key, named.alias("rules"))
        failing = judged.where(F.size("rules") > 0).localCheckpoint()
    naming = failing.select(F.explode("rules").alias("rule")).distinct().collect()
    why = F.concat_ws("; ", F.transform("rules", lambda rule: F.concat(F.lit("fails "), rule)))
    return failing.groupBy(*key).agg(F.max(why).alias("why")), {row.rule for row in naming}


def put_aside(verdicts: list[Verdict], failed: list[Verdict]) -> list[Verdict]:
    """The verdicts after rows were put aside; the rules that named them say so."""
    before = {verdict.rule: verdict for verdict in failed}
    return [
        Verdict(verdict.rule, QUARANTINED, before[verdict.rule].reason, before[verdict.rule].metrics)
        if verdict.rule in before
        else verdict
        for verdict in verdicts
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


def _verdict(rule: str, row: Any) -> Verdict:
    reason = (row["FailureReason"] or "").replace("\n", " ")
    return Verdict(rule, row["Outcome"], reason, dict(row["EvaluatedMetrics"] or {}))
