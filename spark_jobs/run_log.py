"""The run log: figures and rule outcomes of every job, in deftunes_ops."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from spark_jobs.audit import RuleOutcome
from spark_jobs.lake import tables
from spark_jobs.problem import Problem
from spark_jobs.refine import Figures
from spark_jobs.window import Window


class RunLog:
    """What deftunes_ops keeps of one refinement."""

    def __init__(self, spark: SparkSession, run_id: str, table: str, window: Window, started_at: datetime) -> None:
        self._spark, self._started_at = spark, started_at
        self._table = table
        self._job = {"run_id": run_id, "table_name": table, "window_from": window.first, "window_to": window.last}

    def passed(
        self, figures: Figures, outcomes: list[RuleOutcome], snapshot_id: int | None, content: str | None = None
    ) -> None:
        """`content` names what was refined, of tables that are delivered whole: see `as_before`."""
        self._write(outcomes, outcome="passed", **asdict(figures), snapshot_id=snapshot_id, content=content)

    def failed(self, problem: Problem, outcomes: list[RuleOutcome]) -> None:
        self._write(outcomes, outcome="failed", detail=str(problem))

    def as_before(self, content: str, snapshot_id: int | None) -> Figures | None:
        """The figures of the table's last run, if that published this very content and main still stands there.

        None too if it quarantined rows: quarantine names the day of the delivery they came with.
        """
        runs = self._spark.table(f"{tables.OPS}.runs").where(F.col("table_name") == self._table)
        last = runs.where("outcome = 'passed'").orderBy(F.desc("finished_at")).first()
        if last is None or last.content != content or last.snapshot_id != snapshot_id or last.quarantined_rows:
            return None
        counts = {each.name: last[each.name] for each in fields(Figures)}
        return Figures(**{**counts, "is_changed": False})

    def _write(self, outcomes: list[RuleOutcome], **run: Any) -> None:
        now = datetime.now(UTC)
        rows = [{**self._job, **each.row(), "evaluated_at": now} for each in outcomes]
        row = {**self._job, "verb": "refine", "started_at": self._started_at, "finished_at": now, **run}
        with ThreadPoolExecutor(1) as beside:  # two tables, and a commit is mostly waiting
            writing = beside.submit(tables.append, self._spark, "rule_outcomes", rows)
            tables.append(self._spark, "runs", [row])
            writing.result()
