"""Audit: a table's rules, evaluated on the rows a run is about to publish.

Deequ evaluates the DQDL text locally, Glue's own evaluator on AWS (`--dq-engine`). A rule that can
name the rows it fails on gives them; one that cannot stops the run.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_jobs.rules import RuleSet

PASSED, FAILED, QUARANTINED = "Passed", "Failed", "Quarantined"


@dataclass(frozen=True)
class Verdict:
    """What one rule said. `metrics` are the engine's figures by name."""

    rule: str
    outcome: str
    reason: str
    metrics: dict[str, float]

    def row(self) -> tuple[str, str, str, str]:
        return self.rule, self.outcome, self.reason, json.dumps(self.metrics)


def verdicts(
    spark: SparkSession, rows: DataFrame, rules: RuleSet, references: Mapping[str, DataFrame]
) -> list[Verdict]:
    """One verdict per rule, in the file's order."""
    said = {
        row["Rule"]: row for row in _engine(spark, rows).process(spark, rows, rules.text, dict(references)).collect()
    }
    return [_verdict(rule, said[rule]) for rule in rules.rules]


def blamed(
    spark: SparkSession, rows: DataFrame, rules: RuleSet, references: Mapping[str, DataFrame], key: tuple[str, ...]
) -> tuple[DataFrame, set[str]]:
    """The rows that rules fail on (key and `why`), and the rules that can name rows at all."""
    answers = _engine(spark, rows).processRows(spark, rows, rules.text, dict(references))
    judged = answers["rowLevelOutcomes"].persist()
    why = F.transform("DataQualityRulesFail", lambda rule: F.concat(F.lit("fails "), rule))
    failing = judged.where("DataQualityEvaluationResult = 'Failed'").select(*key, F.concat_ws("; ", why).alias("why"))
    naming = judged.select(F.explode("DataQualityRulesFail").alias("rule")).distinct().collect()
    return failing, {row.rule for row in naming}


def put_aside(verdicts: list[Verdict], failed: list[Verdict]) -> list[Verdict]:
    """The verdicts after rows were put aside; the rules that named them say so."""
    before = {verdict.rule: verdict for verdict in failed}
    return [
        Verdict(verdict.rule, QUARANTINED, before[verdict.rule].reason, before[verdict.rule].metrics)
        if verdict.rule in before
        else verdict
        for verdict in verdicts
    ]


def _engine(spark: SparkSession, rows: DataFrame) -> Any:
    """Deequ's door. CustomSql reads the rows as the view `primary`."""
    import os

    os.environ.setdefault("SPARK_VERSION", ".".join(spark.version.split(".")[:2]))  # pydeequ asks at import
    from pydeequ.dqdl import EvaluateDataQuality

    rows.createOrReplaceTempView("primary")
    return EvaluateDataQuality


def _verdict(rule: str, row: Any) -> Verdict:
    reason = (row["FailureReason"] or "").replace("\n", " ")
    return Verdict(rule, row["Outcome"], reason, dict(row["EvaluatedMetrics"] or {}))
