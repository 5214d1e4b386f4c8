"""The tag `gold` on silver.sessions: which snapshot gold was last built of, for a build that has Spark at hand."""

from pyspark.sql import SparkSession

from spark_jobs.lake import states
from spark_jobs.lake.tables import SILVER
from spark_jobs.silver import TABLES

TABLE = f"{SILVER}.sessions"
DAYS = "deftunes.window"


class GoldTag:
    """The snapshots and references of silver.sessions as the catalog has them now."""

    def __init__(self, spark: SparkSession) -> None:
        self._spark = spark

    def references(self) -> dict[str, int]:
        """Name of each branch and tag, with its snapshot. Reads the catalog anew.

        Raises Problem while main of the silver tables is at no state: Redshift would read half of a run.
        """
        states.require_state(self._spark, TABLES)
        self._spark.sql(f"refresh table {TABLE}")
        rows = self._spark.sql(f"select name, snapshot_id from {TABLE}.refs").collect()  # noqa: S608
        return {row["name"]: row["snapshot_id"] for row in rows}

    def snapshots(self) -> list[tuple[int, int | None, str, str | None]]:
        """(snapshot, its parent, operation, days it says it replaced) of each commit."""
        columns = f"snapshot_id, parent_id, operation, summary['{DAYS}']"
        rows = self._spark.sql(f"select {columns} from {TABLE}.snapshots")  # noqa: S608
        return [tuple(row) for row in rows.collect()]

    def mark(self, snapshot_id: int) -> None:
        """Gold is built of this snapshot."""
        self._spark.sql(f"alter table {TABLE} create or replace tag gold as of version {int(snapshot_id)}")
