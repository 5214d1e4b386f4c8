"""A trial of silver's code: what it makes of a landed window, and what the rules say. Nothing is written or published.

The rows are those that a refinement of the window would write to its branch, with one difference: a session that was
delivered on several days is not resolved to the newest of them (spark_jobs/moves.py), because that looks at main.
"""

from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_jobs import deliveries, rule_trial
from spark_jobs.dq_engines import Engine
from spark_jobs.lake import states
from spark_jobs.lake.landing import Landing
from spark_jobs.lake.writes import LANDING_COLUMNS, accepted
from spark_jobs.problem import Problem
from spark_jobs.refine import with_reasons
from spark_jobs.rules import RuleSet
from spark_jobs.silver.declaration import Table
from spark_jobs.window import Window

SHOWN_ROWS = 3


def try_silver(
    spark: SparkSession, engine: Engine, table: Table, rules: RuleSet, landing: Landing, window: Window | None = None
) -> dict[str, Any]:
    """What the table's function makes of the window, or of the days that were landed last.

    `landed_records`, `duplicate_records`, `silver_rows`, `quarantined_rows`: counts. `reasons`: of quarantined rows,
    each with `rows` and `example`, most rows first. `rules`: see spark_jobs/rule_trial.py. `columns` and `first_rows`:
    the first rows by key, values as text. Raises Problem when nothing was landed, and when the function returns other
    columns than are declared.
    """
    window = window or newest_window(table, landing)
    manifests = deliveries.manifests_of(table, landing, window)
    deliveries.tune_session(spark, manifests)
    delivery = deliveries.delivery(spark, table, landing, window, manifests)
    _require_declared_columns(table, delivery.rows)
    rows = delivery.rows.localCheckpoint()
    kept = rows.where(table.is_first_of_record).count()
    silver = _typed(table, accepted(rows)).localCheckpoint()
    count, rejected = silver.count(), with_reasons(rows)
    state = states.newest(spark)
    return {
        "from": str(window.first),
        "to": str(window.last),
        "landed_records": delivery.landed_records,
        "duplicate_records": delivery.landed_records - kept,
        "silver_rows": count,
        "quarantined_rows": rejected.count(),
        "reasons": _reasons(rejected),
        "rules": rule_trial.evaluate(spark, engine, table, rules, silver, state) if count else [],
        "columns": silver.columns,
        "first_rows": _first_rows(silver, table.key),
    }


def newest_window(table: Table, landing: Landing) -> Window:
    """The days that were landed last. Raises Problem if none was."""
    if (window := landing.newest_window()) is not None:
        return window
    raise Problem(
        f"Nothing of {table.name} was landed yet",
        landing.uri,
        "no manifest",
        "run the pipeline first: make run",
        "Nothing was changed.",
    )


def _require_declared_columns(table: Table, rows: DataFrame) -> None:
    returned, declared = set(rows.columns) - set(LANDING_COLUMNS), set(table.column_names)
    differing = [
        f"{what} {', '.join(sorted(names))}"
        for what, names in (("not declared:", returned - declared), ("not returned:", declared - returned))
        if names
    ]
    if differing:
        raise Problem(
            f"The function {table.name} returns other columns than are declared",
            f"spark_jobs/silver/transforms/{table.name}.py and spark_jobs/silver/{table.name}.py",
            "; ".join(differing),
            "let both name the same columns",
            "Nothing was changed.",
        )


def _typed(table: Table, rows: DataFrame) -> DataFrame:
    """The rows in the declared types, as the table would hold them."""
    return rows.select(*(F.col(each.name).cast(each.type).alias(each.name) for each in table.columns))


def _reasons(rejected: DataFrame) -> list[dict[str, Any]]:
    """One entry per reason, without the value that it was given for."""
    reason = F.explode("reasons").alias("reason")
    named = rejected.select(reason).withColumn("name", F.regexp_replace("reason", ":.*", ""))
    counts = named.groupBy("name").agg(F.count("*").alias("rows"), F.min("reason").alias("example"))
    return [
        {"reason": row["name"], "rows": row["rows"], "example": row["example"]}
        for row in counts.orderBy(F.desc("rows"), "name").collect()
    ]


def _first_rows(rows: DataFrame, key: tuple[str, ...]) -> list[list[str | None]]:
    texts = rows.orderBy(*key).limit(SHOWN_ROWS).select([F.col(name).cast("string") for name in rows.columns])
    return [list(row) for row in texts.collect()]
