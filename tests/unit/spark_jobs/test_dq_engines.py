"""Both engines are asked the same and say the same; of awsgluedq, a double with its documented interface is asked."""

from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from spark_jobs.dq_engines import ENGINES, Engine

DOUBLES = Path(__file__).parents[3] / "rehearsal/glue_doubles"
RULES = """Rules = [
    IsComplete "user_id",
    ColumnValues "price" <= 2,
    CustomSql "select count(*) from primary where price < 0" = 0,
    ReferentialIntegrity "user_id" "users.user_id" >= 0.9,
    RowCountMatch "landed" = 1.0
]"""


@pytest.fixture(autouse=True)
def doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOUBLES))


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param]


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([("a", 1.0), ("b", 2.5), (None, 1.5)], "user_id string, price double")


def test_outcomes_are_one_row_a_rule_in_both_engines(spark: SparkSession, rows: DataFrame, engine: Engine) -> None:
    references = {"users": spark.createDataFrame([("a",)], "user_id string"), "landed": spark.range(3)}
    found = engine.outcomes(spark, rows, RULES, references).collect()
    assert {row["Rule"].split()[0]: row["Outcome"] for row in found} == {
        "IsComplete": "Failed",
        "ColumnValues": "Failed",
        "CustomSql": "Passed",
        "ReferentialIntegrity": "Failed",
        "RowCountMatch": "Passed",
    }
    assert all(row["FailureReason"] for row in found if row["Outcome"] == "Failed")


def test_row_outcomes_name_the_rules_a_row_fails(spark: SparkSession, rows: DataFrame, engine: Engine) -> None:
    rules = 'Rules = [ IsComplete "user_id", ColumnValues "price" <= 2 ]'
    outcomes = engine.row_outcomes(spark, rows, rules, {}).collect()
    assert {row.price: row.DataQualityRulesFail for row in outcomes} == {
        1.0: [],
        2.5: ['ColumnValues "price" <= 2'],
        1.5: ['IsComplete "user_id"'],
    }


def test_glue_gets_no_option_to_publish_what_it_does_not_know(spark: SparkSession, rows: DataFrame) -> None:
    from awsglue.context import GlueContext  # type: ignore[import-not-found]
    from awsglue.dynamicframe import DynamicFrame  # type: ignore[import-not-found]
    from awsgluedq.transforms import EvaluateDataQuality  # type: ignore[import-not-found]

    frame = DynamicFrame.fromDF(rows, GlueContext(spark.sparkContext), "rows")
    with pytest.raises(ValueError, match="resultsPrefix"):
        EvaluateDataQuality().process_rows(frame, RULES, {"resultsPrefix": "s3://somewhere"})
    with pytest.raises(TypeError, match="DynamicFrame"):
        EvaluateDataQuality().process_rows(rows, RULES)
