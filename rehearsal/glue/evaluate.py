"""What runs inside Spark for an evaluation in the catalog: a table evaluated by its ruleset, the outcomes as JSON."""

import json
import sys
from pathlib import Path

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsgluedq.transforms import EvaluateDataQuality
from pyspark.sql import SparkSession


def main() -> None:
    request = json.loads(Path(sys.argv[1]).read_text())
    spark = SparkSession.builder.appName("evaluation").getOrCreate()
    spark.conf.set("spark.sql.constraintPropagation.enabled", "false")  # as in spark_jobs/audit.py
    glue = GlueContext(spark.sparkContext)

    def frame(address: str) -> DynamicFrame:
        return DynamicFrame.fromDF(spark.table(address), glue, address)

    result = EvaluateDataQuality().process_rows(
        frame=frame(request["table"]),
        ruleset=request["ruleset"],
        additional_data_sources={name: frame(address) for name, address in request["additional"].items()},
    )
    rows = result["ruleOutcomes"].toDF().select("Rule", "Outcome", "FailureReason", "EvaluatedMetrics").collect()
    sys.stdout.write(json.dumps([row.asDict() for row in rows]) + "\n")


if __name__ == "__main__":
    main()
