"""GlueContext: the session, under Glue's name."""

from pyspark import SparkContext
from pyspark.sql import SparkSession


class GlueContext:
    def __init__(self, sparkContext: SparkContext) -> None:  # noqa: N803  Amazon's name
        self.spark_session = SparkSession(sparkContext)
