"""EvaluateDataQuality, with Deequ behind it.

`apply` gives Rule, Outcome, FailureReason and EvaluatedMetrics; `process_rows` a collection with `ruleOutcomes`,
`rowLevelOutcomes` and `originalData`. As in Glue, the frame is `primary` in CustomSql, and the additional sources go
by their keys. Options about publishing are taken and do nothing: there is no console to publish to.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession

JARS = Path(__file__).parents[3] / "var/jars"
DEEQU, DQDL = "deequ-*.jar", "dqdl-*.jar"
OURS = "com.amazon.deequ.dqdl.EvaluateDataQuality"
PUBLISHING = {
    "dataQualityEvaluationContext", "enableDataQualityCloudWatchMetrics", "enableDataQualityResultsPublishing",
    "resultsS3Prefix",
}  # fmt: skip


class EvaluateDataQuality:
    @staticmethod
    def apply(frame: DynamicFrame, ruleset: str, publishing_options: Mapping[str, Any] | None = None) -> DynamicFrame:
        _check_publishing_options(publishing_options)
        outcomes = _deequ(frame).process(frame.glue_ctx.spark_session, _frame(frame), ruleset)
        return DynamicFrame.fromDF(outcomes, frame.glue_ctx, "ruleOutcomes")

    def process_rows(
        self,
        frame: DynamicFrame,
        ruleset: str,
        publishing_options: Mapping[str, Any] | None = None,
        additional_options: Mapping[str, str] | None = None,  # noqa: ARG002  tuning of Glue's own
        additional_data_sources: Mapping[str, DynamicFrame] | None = None,
    ) -> DynamicFrameCollection:
        _check_publishing_options(publishing_options)
        sources = {name: _frame(each) for name, each in (additional_data_sources or {}).items()}
        result = _deequ(frame).processRows(frame.glue_ctx.spark_session, _frame(frame), ruleset, sources)
        frames = {name: DynamicFrame.fromDF(each, frame.glue_ctx, name) for name, each in result.items()}
        return DynamicFrameCollection(frames, frame.glue_ctx)


def _frame(frame: DynamicFrame) -> DataFrame:
    """What is in a DynamicFrame. Raises TypeError for anything else, as Glue does."""
    if not isinstance(frame, DynamicFrame):
        raise TypeError(f"a DynamicFrame is wanted, not {type(frame).__name__}")
    return frame.toDF()


def _check_publishing_options(publishing_options: Mapping[str, Any] | None) -> None:
    """Raises ValueError for an option that the documentation does not name."""
    if unknown := set(publishing_options or {}) - PUBLISHING:
        raise ValueError(f"unknown publishing options: {sorted(unknown)}")


def _deequ(frame: DynamicFrame) -> Any:
    """Deequ's door, for Glue brings its evaluator itself: a job has none on its class path.

    pydeequ asks for Spark's version when it is imported.
    """
    _frame(frame).createOrReplaceTempView("primary")
    spark = frame.glue_ctx.spark_session
    for jar, is_there in (
        (DQDL, _has(spark, "software.amazon.glue.dqdl.parser.DQDLParser")),
        (DEEQU, _has(spark, OURS)),
    ):
        if not is_there:
            spark.sql(f"add jar '{next(JARS.glob(jar))}'")
    version = spark.version
    os.environ.setdefault("SPARK_VERSION", ".".join(version.split(".")[:2]))
    from pydeequ.dqdl import EvaluateDataQuality as Deequ

    return Deequ


def _has(spark: SparkSession, name: str) -> bool:
    """True if the JVM finds a class of this name."""
    loader = spark._jvm.java.lang.Thread.currentThread().getContextClassLoader()
    try:
        loader.loadClass(name)
    except Py4JJavaError:
        return False
    return True
