"""A trial of rules: a file of rules, evaluated on what silver holds. Nothing is written, nothing is published.

Rows are those of the newest state, and so are the tables that rules compare with. Rules about `landed` compare a
delivery with what a run made of it: without a run there is nothing to evaluate.
"""

import re
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_jobs import audit
from spark_jobs.dq_engines import Engine
from spark_jobs.lake import states
from spark_jobs.lake.tables import SILVER
from spark_jobs.problem import Problem
from spark_jobs.rules import RuleSet
from spark_jobs.silver.declaration import Table
from spark_jobs.window import Window

NOT_EVALUATED = "Not evaluated"
OF_A_DELIVERY = "it compares with `landed`, which only a run has"
SHOWN_KEYS = 5


def try_rules(
    spark: SparkSession, engine: Engine, table: Table, rules: RuleSet, window: Window | None = None
) -> dict[str, Any]:
    """What each rule says of the newest state's rows, of all days or of those that were delivered in the window.

    `rules`: by rule, in the file's order: its outcome, the reason it failed, how many rows it fails on (None: it can
    name none) and the first of their keys. Raises Problem when there is nothing to evaluate.
    """
    state = states.newest(spark)
    rows = states.rows(spark, table.name, state)
    if window is not None:
        rows = rows.where(F.col("ingest_on").between(F.lit(window.first), F.lit(window.last)))
    count = rows.count()
    if not count:
        raise Problem(
            f"There are no rows of {table.name} to try the rules on",
            f"{SILVER}.{table.name}, {state or 'main'}",
            str(window) if window else "no rows at all",
            "give other days, or run the pipeline first: make run",
            "Nothing was changed.",
        )
    outcomes = evaluate(spark, engine, table, rules, rows, state)
    return {
        "state": state,
        "evaluated_rows": count,
        "rules": outcomes,
        "is_passed": audit.FAILED not in {each["outcome"] for each in outcomes},
    }


def evaluate(
    spark: SparkSession, engine: Engine, table: Table, rules: RuleSet, rows: DataFrame, state: str | None
) -> list[dict[str, Any]]:
    """What each rule says of the rows: `rules` of try_rules. Tables that rules compare with are those of the state.

    A rule is not evaluated if it compares with `landed`, or with a table that is not there yet.
    """
    there = [name for name in table.references if spark.catalog.tableExists(f"{SILVER}.{name}")]
    missing = [name for name in table.references if name not in there]
    references = {name: states.rows(spark, name, state) for name in there}
    here, _ = rules.apart(("landed", *missing))
    outcomes = audit.evaluate(spark, engine, rows, here, references) if here.rules else []
    failed = [outcome for outcome in outcomes if outcome.outcome == audit.FAILED]
    failing = _failing(spark, engine, rows, here, references, table.key, failed) if failed else {}
    by_rule = {
        outcome.rule: {
            "outcome": outcome.outcome,
            "reason": outcome.reason,
            "failing_rows": None if outcome in failed else 0,
            "first_keys": [],
            **failing.get(outcome.rule, {}),
        }
        for outcome in outcomes
    }
    return [{"rule": rule, **by_rule.get(rule, _not_evaluated(rule, missing))} for rule in rules.rules]


def _not_evaluated(rule: str, missing: list[str]) -> dict[str, Any]:
    lacking = next((name for name in missing if re.search(rf"\b{name}\b", rule)), None)
    reason = f"there is no table {lacking} yet" if lacking else OF_A_DELIVERY
    return {"outcome": NOT_EVALUATED, "reason": reason, "failing_rows": None, "first_keys": []}


def require_table(spark: SparkSession, name: str) -> None:
    """Raises Problem if there is no such table yet."""
    if not spark.catalog.tableExists(f"{SILVER}.{name}"):
        raise Problem(
            f"There is no table {name} to try the rules on",
            f"{SILVER}.{name}",
            "no such table",
            "run the pipeline first: make run",
            "Nothing was changed.",
        )


def _failing(
    spark: SparkSession,
    engine: Engine,
    rows: DataFrame,
    rules: RuleSet,
    references: dict[str, DataFrame],
    key: tuple[str, ...],
    failed: list[audit.RuleOutcome],
) -> dict[str, dict[str, Any]]:
    """By failed rule that can name rows: how many it fails on, and the first keys."""
    failing = audit.failed_rules_by_row(spark, engine, rows, rules, references, key, failed)
    counts = failing.select(F.explode("rules").alias("rule")).groupBy("rule").count().collect()
    found = {}
    for row in counts:
        of_rule = failing.where(F.array_contains("rules", row["rule"])).select(F.concat_ws("#", *key).alias("key"))
        first = [each.key for each in of_rule.orderBy("key").limit(SHOWN_KEYS).collect()]
        found[row["rule"]] = {"failing_rows": row["count"], "first_keys": first}
    return found
