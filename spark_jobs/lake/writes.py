"""Writes: how each silver table changes on its branch, as its declaration says (spark_jobs/silver/declaration.py).

This is the first half of write-audit-publish: all that is written here is on the branch, in one commit a write, and a
crash leaves main as it was. The rules are evaluated after it (spark_jobs/refine.py), and until then the branch can be
made from main again and written anew. What a write replaces hangs on the table's keys and days alone, never on what an
earlier try left: tests/faults/test_killed_runs.py.

A window is replaced, the newest deliveries are merged by key, a snapshot is compared with all there is. Each says
whether main would change, so that the same delivery again publishes nothing. `rows` carry their reasons; the first
action of each write reads all of them once, which is when refine's figures are observed.
"""

from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from spark_jobs.lake.tables import Branch, fingerprint, hash_of, in_types_of, observed_fingerprint
from spark_jobs.silver.declaration import INGEST_ON, VANISHED_ON, Table
from spark_jobs.window import Window

LANDING_COLUMNS = ("file", "position", "reasons")


@dataclass(frozen=True)
class Scope:
    """What of a table a refinement replaces: the window, and on `other_days` the records named in `moved`."""

    table: Table
    window: Window
    other_days: tuple[date, ...] = ()
    moved: DataFrame | None = None

    @property
    def is_in_window(self) -> str:
        """SQL condition: the row belongs to the window."""
        return self.window.holds(self.table.time_column)

    @property
    def is_on_other_days(self) -> str:
        """SQL condition: the row belongs to one of the other days."""
        return " or ".join(f"({Window(day, day).holds(self.table.time_column)})" for day in self.other_days) or "false"

    def others(self, rows: DataFrame, how: str) -> DataFrame:
        """Silver's rows of the other days: of the moved records ("left_semi"), or of the rest ("left_anti")."""
        assert self.moved is not None  # there are no other days without them
        others = rows.where(self.is_on_other_days)
        return others.join(F.broadcast(self.moved), on=self.table.record_key, how=how)


def accepted(rows: DataFrame) -> DataFrame:
    """The rows that nothing was found against, in silver's columns."""
    return rows.where(F.size("reasons") == 0).drop(*LANDING_COLUMNS)


def write(branch: Branch, rows: DataFrame, scope: Scope) -> bool:
    """Writes the rows as the table's declaration says. Returns whether main would change."""
    writers = {"window": replace_window, "merge": merge_newest, "snapshot": merge_snapshot}
    return writers[scope.table.write_mode](branch, rows, scope)


def rows_to_evaluate(branch: Branch, rows: DataFrame, scope: Scope) -> DataFrame:
    """The branch's rows that the table's rules are evaluated on: those of the window, or those delivered."""
    if scope.table.write_mode != "window":
        key = list(scope.table.key)
        return branch.rows().join(accepted(rows).select(key), on=key, how="left_semi")
    window = branch.rows().where(scope.is_in_window)
    return window.unionByName(scope.others(branch.rows(), "left_semi")) if scope.other_days else window


def replace_window(branch: Branch, rows: DataFrame, scope: Scope) -> bool:
    """The scope's rows are these and no others. Cost does not grow with history.

    Iceberg replaces whole files: what else the other days hold is written anew with them.
    """
    replaced = f"({scope.is_in_window}) or {scope.is_on_other_days}"
    main = branch.main()
    rows = in_types_of(main, accepted(rows))
    if scope.other_days:
        rows = rows.unionByName(scope.others(main, "left_anti").select(rows.columns))
    written, seen = observed_fingerprint(rows)
    spans = [(scope.window.first, scope.window.last), *((day, day) for day in scope.other_days)]
    branch.replace(written, replaced, ",".join(f"{first}/{last}" for first, last in spans))
    before, after = branch.replaced_rows()
    if before != after or branch.is_first():  # as on every day that is new: main needs no reading
        return True
    return fingerprint(main.where(replaced).select(written.columns)) != seen()


def merge_newest(branch: Branch, rows: DataFrame, scope: Scope) -> bool:
    """A newer delivery replaces an older one, in whatever order they are refined.

    Newer is what was landed later, then what was asked for a later day. Before landing kept its times, of the same day
    the one refined last: but who came with others' days, under another day's folder, does not replace what the day
    itself delivered.
    """
    key = list(scope.table.key)
    is_of_the_day = F.substring_index("file", "/", 1) == F.col("ingest_on").cast("string")
    delivered = in_types_of(branch.main(), accepted(rows.withColumn("is_of_the_day", is_of_the_day)))
    columns = [name for name in delivered.columns if name != "is_of_the_day"]
    known = branch.main().select(*key, F.struct(*columns).alias("known"))
    age, known_age = F.struct("landed_at", "ingest_on"), F.struct("known.landed_at", "known.ingest_on")
    is_news = F.col("known").isNull() | (age > known_age)
    is_same = (age == known_age) & (F.col("landed_at").isNotNull() | F.col("is_of_the_day"))
    is_corrected = is_same & (_content(columns) != _content_of("known", columns))
    changes = delivered.join(known, on=key, how="left").where(is_news | is_corrected)
    return _merge(branch, changes.select(*columns, F.col("known").isNotNull().alias("is_known")), key)


def merge_snapshot(branch: Branch, rows: DataFrame, scope: Scope) -> bool:
    """New and changed rows are written; rows no longer delivered get `vanished_on`."""
    rows.count()
    current = branch.main()
    key, delivered = list(scope.table.key), in_types_of(current, accepted(rows))
    content = [name for name in delivered.columns if name != INGEST_ON]
    known = current.select(*key, hash_of(content).alias("known_hash"))
    is_new = F.col("known_hash").isNull() | (hash_of(content) != F.col("known_hash"))
    is_known = F.col("known_hash").isNotNull().alias("is_known")
    written = delivered.join(known, on=key, how="left").where(is_new).select(*delivered.columns, is_known)
    vanished = (
        current.where(f"{VANISHED_ON} is null")
        .join(rows.select(*key), on=key, how="left_anti")
        .withColumn(VANISHED_ON, F.lit(scope.window.last))
        .select(*delivered.columns, F.lit(True).alias("is_known"))
    )
    return _merge(branch, written.unionByName(vanished), key)


def _content(columns: list[str]) -> Column:
    """All columns in one text, nulls kept apart from empty texts."""
    return F.to_json(F.struct(*columns))


def _content_of(struct: str, columns: list[str]) -> Column:
    return F.to_json(F.struct(*[F.col(f"{struct}.{name}").alias(name) for name in columns]))


def _merge(branch: Branch, changes: DataFrame, key: list[str]) -> bool:
    """Writes the changes; `is_known` says whether the key is in the table. Rows that are all new need no MERGE."""
    changes = changes.localCheckpoint()  # a short plan: MERGE reads its source twice
    counts = changes.agg(F.count("*").alias("all"), F.count_if("is_known").alias("known")).first()
    if counts is None or not counts["all"]:
        return False
    rows = changes.drop("is_known")
    branch.merge(rows, key) if counts["known"] else branch.append(rows)
    return True
