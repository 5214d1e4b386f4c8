"""Audit: a table's rules, evaluated on the rows a run is about to publish.

The engine evaluates the DQDL text (spark_jobs/dq_engines.py). A rule that can name the rows it fails on
gives them; one that cannot stops the run.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_jobs.dq_engines import Engine
from spark_jobs.problem import Problem
from spark_jobs.rules import RuleSet

PASSED, FAILED, QUARANTINED = "Passed", "Failed", "Quarantined"
SPACES_AND_QUOTES = r"""[\s"']+"""  # what printers of one rule differ in


@dataclass(frozen=True)
class RuleOutcome:
    """The outcome of one rule. `metrics` are the engine's figures, `printed` the rule as the engine prints it."""

    rule: str
    outcome: str
    reason: str
    metrics: dict[str, float]
    printed: str = ""

    def row(self) -> dict[str, str]:
        """The columns of rule_outcomes that the engine fills."""
        return {"rule": self.rule, "outcome": self.outcome, "reason": self.reason, "metrics": json.dumps(self.metrics)}


def evaluate(
    spark: SparkSession, engine: Engine, rows: DataFrame, rules: RuleSet, references: Mapping[str, DataFrame]
) -> list[RuleOutcome]:
    """Evaluates the rules on the rows. Returns one outcome per rule, in the file's order.

    Raises Problem if the engine leaves one out.
    """
    with _without_inferred_filters(spark):
        outcomes = engine.outcomes(spark, rows, rules.text, references).collect()
    if len(outcomes) != len(rules.rules):
        raise Problem(
            "The engine of the rules gave another number of outcomes than there are rules",
            rules.path,
            f"{len(outcomes)} for {len(rules.rules)} rules: {'; '.join(row['Rule'] for row in outcomes)}"[:600],
            "run the same window again; if it stays, compare the file with what docs/quality.md says may stand there",
        )
    at = matching(rules.rules, [row["Rule"] for row in outcomes])
    return [_rule_outcome(rule, outcomes[at[number]]) for number, rule in enumerate(rules.rules)]


def matching(rules: Sequence[str], printed: Sequence[str]) -> list[int]:
    """For each rule, the place of its outcome among as many: by the text, however it is spaced and quoted.

    A printer may write a rule in other words; those that are left are matched in the order of both.
    """
    free = {number: without_spaces_and_quotes(text) for number, text in enumerate(printed)}
    found: dict[int, int] = {}
    for number, rule in enumerate(rules):
        place = next((place for place, text in free.items() if text == without_spaces_and_quotes(rule)), None)
        if place is not None:
            found[number] = place
            del free[place]
    left = iter(free)
    return [found[number] if number in found else next(left) for number in range(len(rules))]


def without_spaces_and_quotes(rule: str) -> str:
    return re.sub(SPACES_AND_QUOTES, "", rule)


def failing_rows(
    spark: SparkSession,
    engine: Engine,
    rows: DataFrame,
    rules: RuleSet,
    references: Mapping[str, DataFrame],
    key: tuple[str, ...],
    failed: list[RuleOutcome],
) -> tuple[DataFrame, set[str]]:
    """One row per key that the failed rules name, those rules in `why`; and the failed rules that name rows at all."""
    failing = failed_rules_by_row(spark, engine, rows, rules, references, key, failed)
    naming = failing.select(F.explode("rules").alias("rule")).distinct().collect()
    why = F.concat_ws("; ", F.transform("rules", lambda rule: F.concat(F.lit("fails "), rule)))
    return failing.groupBy(*key).agg(F.max(why).alias("why")), {row.rule for row in naming}


def failed_rules_by_row(
    spark: SparkSession,
    engine: Engine,
    rows: DataFrame,
    rules: RuleSet,
    references: Mapping[str, DataFrame],
    key: tuple[str, ...],
    failed: list[RuleOutcome],
) -> DataFrame:
    """The keys of the rows that fail, with the array `rules` of those of the failed rules that name them."""
    names = {without_spaces_and_quotes(outcome.printed): outcome.rule for outcome in failed}
    ours = F.create_map(*(F.lit(text) for pair in names.items() for text in pair))
    with _without_inferred_filters(spark):
        outcomes = engine.row_outcomes(spark, rows, rules.text, references)
        printed = F.transform("DataQualityRulesFail", lambda rule: F.regexp_replace(rule, SPACES_AND_QUOTES, ""))
        named = F.array_compact(F.transform(printed, lambda rule: ours[rule]))
        return outcomes.select(*key, named.alias("rules")).where(F.size("rules") > 0).localCheckpoint()


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
    return RuleOutcome(rule, row["Outcome"], reason, dict(row["EvaluatedMetrics"] or {}), row["Rule"])
