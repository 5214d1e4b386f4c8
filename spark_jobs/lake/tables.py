"""Tables: the Iceberg tables of the lake, and the branches on which they change.

Code names concepts only: the catalog is `lake` on every target; what it is stands in the Spark
settings of the target. Nothing is written to a silver table's main branch but by a fast-forward.
"""

import threading
import time
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from spark_jobs.lake import evolution
from spark_jobs.lake.schemas import Schema, schemas
from spark_jobs.problem import Problem
from spark_jobs.silver.declaration import Table

SILVER = "lake.deftunes_silver"
OPS = "lake.deftunes_ops"

# v2: Redshift and Glue's table optimizers read it; v3 cannot be undone. Retries: three tables' jobs append at once.
# A day's file is small: counted as 4 MB, the default, each task would read but four of them.
PROPERTIES = (
    "'format-version'='2', 'commit.retry.num-retries'='10', 'write.metadata.delete-after-commit.enabled'='true', "
    "'read.split.open-file-cost'='1048576'"
)


_one_at_a_time = threading.Lock()


def ensure_all(spark: SparkSession, table: Table) -> None:
    """Makes the silver table, its quarantine and the tables about runs what is declared: created, or altered.

    Raises Problem, before anything is altered, where a table cannot become what is declared.
    """
    ensure(spark, schemas(table))


def ensure(spark: SparkSession, wanted: Sequence[Schema]) -> None:
    """Makes these tables what they are declared as; all of them are compared before the first is altered."""
    with _one_at_a_time:
        clauses = [_changes(spark, schema) for schema in wanted]
        for schema, altered in zip(wanted, clauses, strict=True):
            if altered is None:
                _create(spark, schema)
            elif altered:
                _alter(spark, schema, altered)


def moved_records(table: Table) -> str:
    """The table with the records that were delivered on more than one day, a row a day: see spark_jobs/moves.py."""
    return f"{OPS}.moved_{table.name}"


def record_of_id(table: Table) -> str:
    """SQL: the record of a record_id. What stands behind it numbers the row within the record."""
    return "regexp_replace(record_id, '#[0-9]+$', '')" if table.item_number else "record_id"


def _changes(spark: SparkSession, schema: Schema) -> list[str] | None:
    """What makes the table as declared; None if there is no such table."""
    table = f"lake.{schema.name}"
    if not spark.catalog.tableExists(table):
        return None
    return evolution.changes(table, dict(spark.table(table).dtypes), schema.ddl, dict(schema.renamed_from))


def _alter(spark: SparkSession, schema: Schema, clauses: list[str]) -> None:
    """Alters a table. A snapshot without rows follows: whoever reads a state by its snapshot reads its columns too."""
    table = f"lake.{schema.name}"
    try:
        for clause in clauses:
            spark.sql(f"alter table {table} {clause}")
        if main_snapshot(spark, table) is not None:
            spark.table(table).limit(0).writeTo(table).append()
    except Exception:  # another process may have done it in the same moment
        time.sleep(1)
        spark.catalog.refreshTable(f"lake.{schema.name}")
        if _changes(spark, schema):
            raise


def _create(spark: SparkSession, schema: Schema) -> None:
    """Creates a table. One that is read though it is empty gets a snapshot without rows: Redshift may want one."""
    table = f"lake.{schema.name}"
    partitioning = f"partitioned by ({schema.partitioned_by})" if schema.partitioned_by else ""
    try:
        spark.sql(f"create namespace if not exists {table.rsplit('.', 1)[0]}")
        spark.sql(
            f"create table if not exists {table} ({schema.ddl}) using iceberg {partitioning} "
            f"tblproperties ({PROPERTIES})"
        )
        if schema.is_read_empty:
            spark.table(table).limit(0).writeTo(table).append()
    except Exception:  # another process may have made it in the same moment
        time.sleep(1)
        if not spark.catalog.tableExists(table):
            raise


class Branch:
    """A branch of a silver table, made from main: where a run writes before anyone may read it.

    `reset` makes it, `replace`, `append` and `merge` commit to it, `publish` lets main be it: the catalog swaps one
    pointer, so readers see all of a run or nothing. A crash before `publish` leaves main and a branch of that run's
    name; `reset` of the next try replaces it, `publish` of any later run drops it.
    test_crash_between_branch_and_publish_leaves_main_and_a_rerun_repairs (tests/integration/spark_jobs).
    """

    def __init__(self, spark: SparkSession, table: str, run_id: str) -> None:
        self._spark = spark
        self.table = f"{SILVER}.{table}"
        self.name = f"audit_{run_id}"
        self.address = f"{self.table}.branch_{self.name}"
        self.reset()

    def reset(self) -> None:
        """The branch is main again; before anything was published, Iceberg has nothing to replace it by."""
        create = f"alter table {self.table} create or replace branch {self.name}"
        try:
            self._spark.sql(create)
        except Exception:
            if not self.is_first():
                raise
            self._spark.sql(f"alter table {self.table} drop branch if exists {self.name}")
            self._spark.sql(create)
        self._base = self.snapshot_id()

    def rows(self) -> DataFrame:
        return self._spark.table(self.address)

    def reading(self) -> str:
        """The command that shows the branch's rows. DuckDB names a state by its snapshot, not by its branch."""
        ref = self._spark.sql(f"select snapshot_id from {self.table}.refs where name = '{self.name}'").first()  # noqa: S608  our names
        version = f" at (version => {ref.snapshot_id})" if ref else ""
        return f'make query SQL="select * from {self.table}{version}"'  # noqa: S608  our names

    def main(self) -> DataFrame:
        return self._spark.table(self.table)

    def replace(self, rows: DataFrame, scope: str, days: str) -> None:
        """Replaces the rows in scope (an SQL condition) by the given ones, in one commit that names its days."""
        rows.writeTo(self.address).option("snapshot-property.deftunes.window", days).overwrite(F.expr(scope))

    def replaced_rows(self) -> tuple[int, int]:
        """How many rows the branch's last commit took away, and how many it put there: as Iceberg wrote it down."""
        summary = load_table(self._spark, self.table).snapshot(self.name).summary()
        return int(summary.get("deleted-records") or 0), int(summary.get("added-records") or 0)

    def append(self, rows: DataFrame) -> None:
        """Adds rows whose keys are not in the table, in one commit."""
        rows.writeTo(self.address).append()

    def merge(self, changes: DataFrame, key: list[str]) -> None:
        """Inserts or overwrites the rows of the changes by key, in one commit."""
        changes.createOrReplaceTempView("changes")
        is_same = " and ".join(f"t.{name} = s.{name}" for name in key)
        self._spark.sql(
            f"merge into {self.address} t using changes s on {is_same} "
            "when matched then update set * when not matched then insert *"
        )

    def publish(self) -> None:
        """Main becomes the branch, and it and branches of earlier runs that did not pass go: one commit of the catalog.

        Raises Problem if main is not what the branch was made from: a rollback to an ancestor would be undone silently.
        """
        if (now := self.snapshot_id()) != self._base:
            raise Problem(
                "Another program changed the table while its window was refined",
                f"{self.table}, main",
                f"snapshot {now}, expected {self._base}",
                "let it end, then run the same window again",
            )
        table = load_table(self._spark, self.table)
        change = table.manageSnapshots().fastForwardBranch("main", self.name)
        for name in [name for name in table.refs() if name.startswith("audit")]:
            change = change.removeBranch(name)
        change.commit()

    def drop(self) -> None:
        load_table(self._spark, self.table).manageSnapshots().removeBranch(self.name).commit()

    def is_first(self) -> bool:
        """True before anything was ever published."""
        return self.snapshot_id() is None

    def snapshot_id(self) -> int | None:
        """The snapshot main stands at."""
        return main_snapshot(self._spark, self.table)


def main_snapshot(spark: SparkSession, table: str) -> int | None:
    """The snapshot the table's main branch stands at; None before anything was published."""
    snapshot = load_table(spark, table).currentSnapshot()
    return int(snapshot.snapshotId()) if snapshot is not None else None


def load_table(spark: SparkSession, table: str) -> Any:
    """Iceberg's own table in Spark's JVM, as the catalog has it now."""
    util = spark._jvm.org.apache.iceberg.spark.Spark3Util  # type: ignore[union-attr]
    found = util.loadIcebergTable(spark._jsparkSession, table)
    found.refresh()
    return found


class Quarantine:
    """The quarantined rows of one table's deliveries of the days `first` to `last`.

    And, of single other days, the quarantined rows of the keys in `moved`: other rows of these days stay.
    """

    def __init__(
        self,
        spark: SparkSession,
        table: Table,
        first: str,
        last: str,
        other_days: tuple[Any, ...],
        moved: DataFrame | None,
    ) -> None:
        self._spark = spark
        self._table = f"{SILVER}.quarantine_{table.name}"
        self._record_key, self._record_of_id = table.record_key, record_of_id(table)
        self._days = f"ingest_on between date'{first}' and date'{last}'"
        self._other_days = " or ".join(f"ingest_on = date'{day}'" for day in other_days)
        self._moved = moved

    def replace(self, rows: DataFrame) -> None:
        """Puts these rows in the place of those that earlier runs quarantined; the same rows again are not written."""
        rows = rows.persist()
        try:
            if not self.count() or fingerprint(rows) != fingerprint(self._rows().select(*rows.columns)):
                days = f"{self._days} or {self._other_days}" if self._other_days else self._days
                staying = [self._others("left_anti").select(rows.columns)] if self._other_days else []
                reduce(DataFrame.unionByName, staying, rows).writeTo(self._table).overwrite(F.expr(days))
        finally:
            rows.unpersist()

    def clear(self) -> None:
        if self.count():
            self._spark.sql(f"delete from {self._table} where {self._days}")  # noqa: S608  our names and dates

    def count(self) -> int:
        return self._rows().count()

    def _rows(self) -> DataFrame:
        rows = self._spark.table(self._table).where(self._days)
        return rows.unionByName(self._others("left_semi").select(rows.columns)) if self._other_days else rows

    def _others(self, how: str) -> DataFrame:
        """Rows of the other days: of the moved keys, or of the rest."""
        assert self._moved is not None  # there are no other days without them
        others = self._spark.table(self._table).where(self._other_days)
        is_moved = F.expr(self._record_of_id) == self._moved[self._record_key]
        return others.join(F.broadcast(self._moved), on=is_moved, how=how)


def fingerprint(frame: DataFrame) -> tuple[int, ...]:
    """Numbers that tell one bag of rows from another, whatever their order; equal rows cancel out in the xor only."""
    row = frame.agg(*_fingerprint(frame)).first()
    assert row is not None  # an aggregate without groups has one row
    return row[0], row[1] or 0, row[2] or 0


def in_types_of(table: DataFrame, rows: DataFrame) -> DataFrame:
    """The rows in the types of the table, in which a number has one hash. Columns of other names stay as they are."""
    types = {field.name: field.dataType for field in table.schema}
    return rows.select([F.col(name).cast(types[name]) if name in types else F.col(name) for name in rows.columns])


def observed_fingerprint(frame: DataFrame) -> tuple[DataFrame, Callable[[], tuple[int, ...]]]:
    """The frame, and how to ask for its fingerprint once the frame was written: without reading it again."""
    seen = Observation()
    observed = frame.observe(seen, *_fingerprint(frame))
    return observed, lambda: (seen.get["rows"], seen.get["xor"] or 0, seen.get["sum"] or 0)


def _fingerprint(frame: DataFrame) -> list[Column]:
    row = hash_of(frame.columns)
    return [
        F.count(F.lit(1)).alias("rows"),
        F.bit_xor(row).alias("xor"),
        F.sum(row.bitwiseAND(0xFFFF_FFFF)).alias("sum"),
    ]


def hash_of(columns: list[str]) -> Column:
    """A number for a row, whatever the order of its columns: a lake that got a column later has it last.

    xxhash64 passes over nulls, so where they stand is hashed too.
    """
    named = sorted(columns)
    return F.xxhash64(*named, *[F.col(name).isNull() for name in named])


def add_moved_records(table: Table, copies: DataFrame) -> None:
    """Adds records and days (`moved_columns`) that are not known yet."""
    copies.writeTo(moved_records(table)).append()


def append(spark: SparkSession, table: str, rows: list[dict[str, Any]]) -> None:
    """Adds rows to a table of deftunes_ops, by the names of its columns; what a row does not say is null.

    Values in one statement: Spark plans that without a Python job.
    """
    if rows:
        names = spark.table(f"{OPS}.{table}").columns
        marks = ", ".join(f"({', '.join('?' * len(names))})" for _ in rows)
        values = [row.get(name) for row in rows for name in names]
        spark.sql(f"insert into {OPS}.{table} ({', '.join(names)}) values {marks}", args=values)  # noqa: S608  our names
