"""refine: landing to silver, behind the table's rules: write, audit, publish.

The order of commits, each in a table of its own, and what a crash after it leaves:

1. The branch audit_<run> is made from main. Nobody reads it; the next run that publishes the table drops it.
2. The window's good rows are written to the branch (spark_jobs/lake/writes.py). Main is as it was.
3. The rules are evaluated on the branch. Rows that a rule names are quarantined up to a stated share: the branch is
   made from main again and written without them. A rule that names none stops the run, and the branch stays to be read.
4. The rejected rows of these days replace what quarantine had of them, once landed = silver + duplicates + quarantined
   holds. After a crash quarantine says more than silver does, until the same window runs again.
5. Main is fast-forwarded to the branch, in one step of the catalog. After a crash the run log lacks the run; the same
   window again finds nothing to change and writes it down.

test_crash_between_branch_and_publish_leaves_main_and_a_rerun_repairs (tests/integration) and tests/faults show it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from spark_jobs import audit
from spark_jobs.audit import FAILED, RuleOutcome
from spark_jobs.dq_engines import Engine
from spark_jobs.lake import tables, writes
from spark_jobs.lake.tables import Branch
from spark_jobs.lake.writes import Scope
from spark_jobs.problem import Problem
from spark_jobs.rules import RuleSet
from spark_jobs.silver.declaration import Table
from spark_jobs.window import Window

UNTOUCHED = "The table's main branch is as it was; what was delivered stays in landing."


@dataclass(frozen=True)
class Delivery:
    """What landing holds for the window.

    `rows`: silver columns, file, position, reasons; `rows_of`: those of the named files; `rejected`: those of these
    with reasons, read once. `raw`: file, position and raw text of the named files' records. `read` observes the
    records that went into `rows`. `is_small`: reading it again costs more than keeping it. Its days are `first` to
    `last`.
    `resolve`: the delivery without records of which another day has a newer one, once its rows are on the branch;
    None for tables whose records have one day.
    """

    rows: DataFrame
    rows_of: Callable[[frozenset[str]], DataFrame]
    rejected: Callable[[frozenset[str]], DataFrame]
    raw: Callable[[frozenset[str]], DataFrame]
    read: tuple[Observation, ...]
    landed_records: int
    first: date
    last: date
    is_small: bool
    resolve: "Resolve | None" = None


Resolve = Callable[[Branch, Delivery, Mapping[str, Any]], tuple[Delivery, Scope] | None]


@dataclass(frozen=True)
class Figures:
    """What one refinement did, in records of landing and rows of silver: of its own days alone."""

    landed_records: int
    duplicate_records: int
    opened_rows: int
    silver_rows: int
    quarantined_rows: int
    is_changed: bool


class Refinement:
    """One table, one window, one branch."""

    def __init__(
        self,
        spark: SparkSession,
        table: Table,
        window: Window,
        rules: RuleSet,
        engine: Engine,
        run_id: str,
        max_share: float,
        references: Callable[[], bool] | None = None,
    ) -> None:
        """`references` waits until the tables that rules compare with are refined; false if they will not be.

        None: they are. Else the rules that compare with nothing are evaluated while the others are waited for.
        """
        self._wait_for_references = references
        self._spark, self._table, self._window, self._rules, self._max_share = spark, table, window, rules, max_share
        self._engine = engine
        self._branch = Branch(spark, table.name, run_id)
        self._scope = Scope(table, window)
        self._failing_rows: DataFrame | None = None
        self._is_small = False
        self.outcomes: list[RuleOutcome] = []

    def snapshot_id(self) -> int | None:
        """The snapshot main stands at."""
        return self._branch.snapshot_id()

    def run(self, delivery: Delivery) -> Figures:
        """Publishes the window's rows, or raises Problem and leaves main as it was."""
        self._is_small = delivery.is_small
        rows, is_changed, counts = self._write(delivery.rows)
        self._reconcile(
            delivery.landed_records, sum(read.get["records"] for read in delivery.read), "records read from landing"
        )
        if delivery.resolve and (resolved := delivery.resolve(self._branch, delivery, counts)):
            delivery, self._scope = resolved
            self._branch.reset()
            rows, is_changed, counts = self._write(delivery.rows)
        self._check_quarantine_share(rows, counts)
        if failed := self._evaluate_rules(rows, counts):
            rows, is_changed, counts = self._quarantine_failing_rows(rows, failed)
        self._quarantine(delivery, counts)
        if is_changed:
            self._branch.publish()
        else:
            self._branch.drop()
        return _figures(delivery, counts, is_changed)

    def _write(self, rows: DataFrame) -> tuple[DataFrame, bool, dict[str, Any]]:
        """Writes the good rows to the branch and counts all of them on the way."""
        counters = Observation()
        observed = rows.observe(counters, *_counters(self._scope))
        is_changed = writes.write(self._branch, observed, self._scope)
        return rows, is_changed, counters.get

    def _evaluate_rules(self, rows: DataFrame, counts: dict[str, Any]) -> list[RuleOutcome]:
        """Evaluates the rules and returns those that failed. A day without rows has nothing to evaluate."""
        landed_rows, waiting = counts["opened"] - counts["rejected"], self._wait_for_references is not None
        alone, comparing = self._rules.apart(self._table.references) if waiting else (None, self._rules)
        evaluated = self._rows_to_evaluate(rows) if landed_rows else None
        outcomes = self._outcomes(evaluated, alone, {"landed": self._expected_rows(landed_rows)}) if alone else []
        self._await_references()
        outcomes += self._outcomes(evaluated, comparing, self._references(landed_rows))
        self.outcomes = sorted(outcomes, key=lambda outcome: self._rules.rules.index(outcome.rule))
        return [each for each in self.outcomes if each.outcome == FAILED]

    def _outcomes(
        self, evaluated: DataFrame | None, rules: RuleSet, references: dict[str, DataFrame]
    ) -> list[RuleOutcome]:
        if evaluated is None or not rules.rules:
            return []
        return audit.evaluate(self._spark, self._engine, evaluated, rules, references)

    def _quarantine_failing_rows(
        self, rows: DataFrame, failed: list[RuleOutcome]
    ) -> tuple[DataFrame, bool, dict[str, Any]]:
        """Quarantines the rows that the failed rules name, and evaluates the rules on the rest once more."""
        evaluated, references = self._rows_to_evaluate(rows), self._references(1)
        self._failing_rows, naming = audit.failing_rows(
            self._spark, self._engine, evaluated, self._rules, references, self._table.key, failed
        )
        if any(each.rule not in naming for each in failed):
            raise self._rules_failed(failed)
        self._branch.reset()
        rows, is_changed, counts = self._write(self._with_failed_rules(rows))
        self._check_quarantine_share(rows, counts)
        if still := self._evaluate_rules(rows, counts):
            raise self._rules_failed(still)
        self.outcomes = audit.with_quarantined(self.outcomes, failed)
        return rows, is_changed, counts

    def _with_failed_rules(self, rows: DataFrame) -> DataFrame:
        """The rows, with what the rules found against them among their reasons."""
        if self._failing_rows is None:
            return rows
        joined = rows.join(self._failing_rows, on=list(self._table.key), how="left")
        return joined.withColumn("reasons", _reasons_with(F.col("why"))).select(rows.columns)

    def _rejected(self, delivery: Delivery, files: frozenset[str]) -> DataFrame:
        """The rows of the files that something was found against, by the rules too."""
        if self._failing_rows is None:
            return delivery.rejected(files)
        return with_reasons(self._with_failed_rules(delivery.rows_of(files)))

    def _rows_to_evaluate(self, rows: DataFrame) -> DataFrame:
        evaluated = writes.rows_to_evaluate(self._branch, rows, self._scope)
        is_joined = self._table.write_mode != "window"
        return evaluated.localCheckpoint() if self._is_small or is_joined else evaluated  # every rule reads them anew

    def _await_references(self) -> None:
        if self._wait_for_references is None:
            return
        if not self._wait_for_references():
            raise Problem(
                f"Not all rules of {self._table.name} were evaluated: what they compare with was not refined",
                f"{self._branch.table}, {self._window}",
                ", ".join(self._table.references),
                "correct what stopped those, then run the same window again",
                UNTOUCHED,
            )
        for name in self._table.references:
            self._spark.catalog.refreshTable(f"{tables.SILVER}.{name}")

    def _references(self, landed_rows: int) -> dict[str, DataFrame]:
        """Frames the rules compare with: `landed` has one row per row that landing says belongs in silver."""
        silver = {name: self._spark.table(f"{tables.SILVER}.{name}") for name in self._table.references}
        return {**silver, "landed": self._expected_rows(landed_rows)}

    def _expected_rows(self, rows: int) -> DataFrame:
        return self._spark.range(rows)

    def _reconcile(self, expected: int, found: int, what: str) -> None:
        if expected != found:
            raise Problem(
                f"landed = silver + duplicates + quarantined does not hold: {what}",
                self._branch.table,
                f"{found}, expected {expected}",
                "run the window again; if it stays, compare landing's _manifest.json with its files",
                UNTOUCHED,
            )

    def _check_quarantine_share(self, rows: DataFrame, counts: dict[str, Any]) -> None:
        """Raises Problem when more rows would be quarantined than MAX_QUARANTINE_SHARE allows."""
        rejected, opened = counts["rejected"], counts["opened"]
        if rejected <= self._max_share * opened:
            return
        common = with_reasons(rows).groupBy(F.regexp_replace(F.col("reasons")[0], ":.*", "").alias("why"))
        reasons = common.count().orderBy(F.desc("count"), "why").limit(3).collect()
        raise Problem(
            f"Too many rows of {self._table.name} would be quarantined: {rejected} of {opened}",
            f"{self._branch.table}, {self._window}",
            "; ".join(f"{row['why']} ({row['count']} rows)" for row in reasons),
            f"look at the landing files; if the source is right, raise MAX_QUARANTINE_SHARE (now {self._max_share})",
            UNTOUCHED,
        )

    def _quarantine(self, delivery: Delivery, counts: dict[str, Any]) -> None:
        """Replaces the quarantined rows of these days, before anything is published: nothing is in neither place."""
        scope, days = self._scope, (str(delivery.first), str(delivery.last))
        quarantine = tables.Quarantine(self._spark, self._table, *days, scope.other_days, scope.moved)
        if counts["rejected"] or scope.other_days:
            files = files_of(counts)
            rejected = self._rejected(delivery, files)
            raw = delivery.raw(files)
            quarantine.replace(
                rejected.join(raw, on=["file", "position"], how="left").select(
                    F.concat_ws("#", *self._table.key).alias("record_id"),
                    "raw",
                    F.concat_ws("; ", "reasons").alias("reasons"),
                    F.lit(self._window.first).alias("window_from"),
                    F.lit(self._window.last).alias("window_to"),
                    # a user who came with the history belongs to an earlier day than the delivery
                    F.when(_is_other(scope), F.col("ingest_on"))
                    .otherwise(F.greatest("ingest_on", F.lit(delivery.first)))
                    .alias("ingest_on"),
                )
            )
            self._reconcile(counts["rejected"], quarantine.count(), "rows in quarantine")
        else:
            quarantine.clear()

    def _rules_failed(self, failed: list[RuleOutcome]) -> Problem:
        first = failed[0]
        return Problem(
            f"{len(failed)} of the rules of {self._table.name} failed",
            f"{self._rules.path}: {first.rule}",
            first.reason or _metrics_text(first.metrics),
            f"see the rows: {self._branch.reading()}",
            UNTOUCHED,
        )


def with_reasons(rows: DataFrame) -> DataFrame:
    """The rows that something was found against."""
    return rows.where(F.size("reasons") > 0)


def files_of(counts: Mapping[str, Any]) -> frozenset[str]:
    """The files that hold a rejected row."""
    return frozenset(counts["files"].split("\n"))


def _metrics_text(metrics: dict[str, float]) -> str:
    return ", ".join(f"{name} = {value:g}" for name, value in sorted(metrics.items()))


def _reasons_with(why: Any) -> Any:
    return F.when(why.isNull(), F.col("reasons")).otherwise(F.array_append("reasons", why))


def _is_other(scope: Scope) -> Column:
    """True for a row of a day outside the window that the refinement changes with it."""
    return F.col("ingest_on").isin(list(scope.other_days))


def _counters(scope: Scope) -> list[Any]:
    """What is counted while rows are written: rows, rejected rows, those of both on other days, the records the
    window's rows came from, files with rejects."""
    is_rejected, is_other = F.size("reasons") > 0, _is_other(scope)
    return [
        F.count(F.lit(1)).alias("opened"),
        F.count_if(is_rejected).alias("rejected"),
        F.count_if(is_other).alias("other_opened"),
        F.count_if(is_other & is_rejected).alias("other_rejected"),
        F.count_if(~is_other & F.expr(scope.table.is_first_of_record)).alias("kept"),
        F.array_join(F.collect_set(F.when(is_rejected, F.col("file"))), "\n").alias("files"),
    ]


def _figures(delivery: Delivery, counts: dict[str, Any], is_changed: bool) -> Figures:
    opened, rejected = counts["opened"] - counts["other_opened"], counts["rejected"] - counts["other_rejected"]
    return Figures(
        landed_records=delivery.landed_records,
        duplicate_records=delivery.landed_records - counts["kept"],
        opened_rows=opened,
        silver_rows=opened - rejected,
        quarantined_rows=rejected,
        is_changed=is_changed,
    )
