"""Engines: who evaluates a table's DQDL text. Deequ everywhere but on Glue, whose own evaluator is `awsgluedq`.

Both take rows, the text, and further frames by the name the rules call them; CustomSql reads the rows as `primary`.
`outcomes` has a row a rule: Rule, Outcome, FailureReason, EvaluatedMetrics (name -> number). `row_outcomes` are the
rows, with the rules each of them fails in DataQualityRulesFail.

This is the one place where jobs differ between targets (`--dq-engine`, DQ_ENGINE in targets/). Both engines are held
to the same outcomes by tests/unit/spark_jobs/test_dq_engines.py; `awsgluedq` cannot be installed outside of Glue, so a
double with its interface stands in for it there and in the rehearsal (rehearsal/glue_doubles).
"""

import os
from collections.abc import Mapping
from typing import Any, Protocol

from pyspark.sql import DataFrame, SparkSession

Frames = Mapping[str, DataFrame]


class Engine(Protocol):
    """What audit asks."""

    def outcomes(self, spark: SparkSession, rows: DataFrame, text: str, references: Frames) -> DataFrame: ...

    def row_outcomes(self, spark: SparkSession, rows: DataFrame, text: str, references: Frames) -> DataFrame: ...


class Deequ:
    """pydeequ, which asks less of Spark when only the rules' outcomes are wanted."""

    def outcomes(self, spark: SparkSession, rows: DataFrame, text: str, references: Frames) -> DataFrame:
        outcomes: DataFrame = self._evaluator(spark, rows).process(spark, rows, text, dict(references))
        return outcomes

    def row_outcomes(self, spark: SparkSession, rows: DataFrame, text: str, references: Frames) -> DataFrame:
        outcomes: DataFrame = self._evaluator(spark, rows).processRows(spark, rows, text, dict(references))[
            "rowLevelOutcomes"
        ]
        return outcomes

    def _evaluator(self, spark: SparkSession, rows: DataFrame) -> Any:
        os.environ.setdefault("SPARK_VERSION", ".".join(spark.version.split(".")[:2]))  # pydeequ asks at import
        from pydeequ.dqdl import EvaluateDataQuality  # type: ignore[import-untyped]

        rows.createOrReplaceTempView("primary")
        return EvaluateDataQuality


class GlueDataQuality:
    """awsgluedq. `process_rows` is the call that takes further frames; audit keeps the outcomes, not Glue."""

    PUBLISHING: Mapping[str, Any] = {
        "dataQualityEvaluationContext": "deftunes",
        "enableDataQualityCloudWatchMetrics": False,
        "enableDataQualityResultsPublishing": False,
    }

    def outcomes(self, spark: SparkSession, rows: DataFrame, text: str, references: Frames) -> DataFrame:
        return self._evaluated(spark, rows, text, references, "ruleOutcomes")

    def row_outcomes(self, spark: SparkSession, rows: DataFrame, text: str, references: Frames) -> DataFrame:
        return self._evaluated(spark, rows, text, references, "rowLevelOutcomes")

    def _evaluated(self, spark: SparkSession, rows: DataFrame, text: str, references: Frames, key: str) -> DataFrame:
        from awsglue.context import GlueContext  # type: ignore[import-not-found]
        from awsglue.dynamicframe import DynamicFrame  # type: ignore[import-not-found]
        from awsgluedq.transforms import EvaluateDataQuality  # type: ignore[import-not-found]

        glue = GlueContext(spark.sparkContext)
        sources = {name: DynamicFrame.fromDF(frame, glue, name) for name, frame in references.items()}
        collection = EvaluateDataQuality().process_rows(
            frame=DynamicFrame.fromDF(rows, glue, "primary"),
            ruleset=text,
            publishing_options=dict(self.PUBLISHING),
            additional_data_sources=sources,
        )
        outcomes: DataFrame = collection[key].toDF()
        return outcomes


ENGINES: Mapping[str, Engine] = {"deequ": Deequ(), "awsgluedq": GlueDataQuality()}
