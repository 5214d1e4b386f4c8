"""The pipeline of one run: services up, one warm Spark session, gold, publish."""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from deftunes.gold.problem import gold_problem
from deftunes.gold.result import GoldError
from deftunes.gold.settings import GoldSettings, gold_settings
from deftunes.lake.catalog import open_catalog, secret_spark_settings
from deftunes.lake.declarations import check_tables
from deftunes.lake.maintenance import due_tables
from deftunes.lineage import settings as lineage
from deftunes.run.job_arguments import api_secret, job_arguments, source_password
from deftunes.run.runner import Progress, StepFailedError, run_steps
from deftunes.run.steps import MAINTENANCE, SERVING, STEPS, Step, new_run_id
from deftunes.run.windows import Show, run_windows
from deftunes.run.worker_client import SparkJobs, connect
from deftunes.services import crashes, lifecycle, supervision
from deftunes.services.lifecycle import Endpoints
from deftunes.services.mock_source import MockSource, source_identities
from deftunes.system.interruption import threads
from deftunes.system.lock import run_lock
from deftunes.target import Target
from spark_jobs.lake.source_identity import SourceIdentity
from spark_jobs.problem import Problem
from spark_jobs.silver import TABLES
from spark_jobs.window import EARLIEST, LATEST, Window


@dataclass(frozen=True)
class RunRequest:
    """What a run was asked for: the windows one after the other, and the dataset of the mock source."""

    windows: tuple[Window, ...]
    seed: int
    scale: float
    songs_csv: Path | None
    accept_sources: bool = False

    @property
    def mock(self) -> MockSource:
        return MockSource(self.seed, self.scale, self.songs_csv)


@dataclass
class Pipeline:
    """One run of an embedded checkout: its services, Spark session and gold."""

    root: Path
    ends: Endpoints
    jobs: SparkJobs | None
    gold_settings: GoldSettings
    mock: MockSource | None = None
    accept_sources: bool = False
    run_id: str = field(default_factory=new_run_id)

    def run_window(
        self, window: Window, progress: Callable[[list[Progress]], None], steps: tuple[Step, ...] = STEPS
    ) -> list[Progress]:
        """The steps of one window. Raises runner.StepFailedError, which names the services that died meanwhile."""
        started = datetime.now(UTC)
        try:
            return run_steps(lambda step, references: self._act(step, window, references), progress, steps)
        except StepFailedError as failed:
            died = [f"{each.name} ({each.how}, see {each.log})" for each in crashes.since(self.root, started)]
            if died:
                failed.problem.where += f"; meanwhile a service ended and was started again: {', '.join(died)}"
            raise

    def run_windows(self, windows: tuple[Window, ...], shown: Show) -> list[list[Progress]]:
        """Every window in turn, then gold once. See windows.run_windows."""
        return run_windows(self.run_window, windows, shown)

    def _act(self, step: Step, window: Window, references: Future[bool] | None) -> Mapping[str, Any]:
        if step.verb == "build":
            return self.build(window)
        if step.verb == "publish":
            return {"tables": self.publish()}
        return self._run_job(step.verb, step.table, window, references)

    def maintain_where_due(self, show: Show) -> tuple[list[Progress], Problem | None]:
        """Maintains the tables that are due, mostly none, and returns what was done; and what stopped it, if anything.

        A run calls it when it has published: nobody waits for it, and what it does not get done is due again.
        """
        today = datetime.now(UTC).date()
        due = due_tables(open_catalog(self.ends.target), [step.table for step in MAINTENANCE])
        steps = tuple(step for step in MAINTENANCE if step.table in due)
        if not steps:
            return [], None
        try:
            return show("maintenance", partial(self.run_window, Window(today, today), steps=steps)), None
        except StepFailedError as failed:
            return [], failed.problem

    def landed_days(self, table: str) -> list[date]:
        """The days that landing holds deliveries of, in order."""
        return [date.fromisoformat(day) for day in self._run_job("landed", table, Window(EARLIEST, LATEST))["days"]]

    def _run_job(
        self, verb: str, table: str, window: Window, references: Future[bool] | None = None
    ) -> Mapping[str, Any]:
        assert self.jobs is not None  # there are none for the steps of gold alone
        job = self.ends.target, verb, table, str(window.first), str(window.last), self.run_id
        return self.jobs.run(job_arguments(*job, self.mock, accept_sources=self.accept_sources), references)

    def rebuild_gold(self, progress: Callable[[list[Progress]], None]) -> list[Progress]:
        """All of gold, built anew of the newest state, tested and published. Raises runner.StepFailedError."""

        def act(step: Step, _: Future[bool] | None) -> Mapping[str, Any]:
            return self.build(None) if step.verb == "build" else {"tables": self.publish()}

        return run_steps(act, progress, SERVING)

    def publish(self) -> Mapping[str, int]:
        from deftunes.gold import publish

        models = publish.published_models(self.gold_settings.manifest_path)
        return publish.publish(self.gold_settings.warehouse_path, Path(self.ends.target["SERVING_PATH"]), models)

    def build(self, window: Window | None) -> Mapping[str, Any]:
        """Gold of the newest state: the window, and whatever changed since gold was built; without one, all of it.

        Every table is read as of the state, whatever is published meanwhile. Raises Problem, also while a rollback is
        half done.
        """
        from deftunes.gold import build as gold
        from deftunes.states.silver import SilverTables

        silver = SilverTables(open_catalog(self.ends.target))
        silver.require_whole()
        state = silver.newest()
        days = silver.days_to_build(state, (window.first, window.last)) if window else None
        try:
            built = gold.build_gold(self.gold_settings, days, silver.readings(state))
        except GoldError as error:
            raise gold_problem(error, is_redshift=not self.gold_settings.is_duckdb) from error
        silver.mark_built(state)
        return {
            "lake_state": state.name or None,
            "days": [str(day) for day in built.window] if built.window else None,
            "tests_passed": built.tests_passed,
            "models": [asdict(model) for model in built.models],
            "warnings": [finding.text() for finding in built.warnings],
        }


def _check_sources(wanted: Target, mock: MockSource) -> None:
    """Raises Problem if the lake holds deliveries of other sources. One in an object store is checked by its jobs."""
    if wanted["LANDING_URI"].startswith("file://"):
        for kind, identity in source_identities(wanted, mock).items():
            SourceIdentity(wanted["LANDING_URI"], kind, identity).check()


def _prepare_gold(settings: GoldSettings) -> None:
    from deftunes.gold import build as gold  # dbt takes seconds to load

    gold.prepare(settings)


@contextmanager
def pipeline(wanted: Target, request: RunRequest, say: Callable[[str], None]) -> Iterator[Pipeline]:
    """A pipeline ready to run in the checkout's warm session. Raises AnotherRunError, and what lifecycle.up raises."""
    root, secret = wanted.root, api_secret(wanted, os.environ)
    lineage.require(root, os.environ)
    with run_lock(root) as held, threads(1) as beside:
        say("starting PostgreSQL, the mock API and the Iceberg catalog")
        with ExitStack() as at_work:
            jobs: list[SparkJobs] = []

            def begin(ends: Endpoints) -> None:
                """Spark and dbt start while the services do: they need their addresses only."""
                password = source_password(ends.target, ends.source_password, os.environ)
                conf = ends.target.spark_conf, secret_spark_settings(ends.target)
                log = supervision.log_file(root, "spark")
                environment = {"SOURCE_PASSWORD": password, "API_SECRET": secret}
                jobs.append(at_work.enter_context(SparkJobs(connect(root), *conf, environment, held, log)))
                beside.submit(_prepare_gold, gold_settings(root, ends.target))

            if not request.accept_sources:
                _check_sources(wanted, request.mock)  # before the mock API and its database become other ones
            ends = lifecycle.up(wanted, request.seed, request.scale, request.songs_csv, begin)
            if ignored := request.mock.ignored_columns():
                say(f"{request.songs_csv}: columns {', '.join(map(repr, ignored))} are not declared and are left out")
            check_tables(open_catalog(ends.target), TABLES)  # before anything is landed
            settings = gold_settings(root, ends.target)
            yield Pipeline(root, ends, jobs[0], settings, request.mock, request.accept_sources)
