"""A run on AWS: the same steps and the same board, each step a run of the Glue job that Terraform made."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from deftunes.launchers.data_api import Warehouse
from deftunes.launchers.glue import GlueJobs
from deftunes.launchers.platform import Platform
from deftunes.run.runner import Progress, run_steps
from deftunes.run.steps import JOBS, Step, new_run_id
from deftunes.run.windows import Show, run_windows
from deftunes.system.lock import run_lock
from deftunes.target import Target
from spark_jobs.problem import Problem
from spark_jobs.window import Window


@dataclass
class AwsPipeline:
    """One run of a platform on AWS."""

    platform: Platform
    jobs: GlueJobs
    accept_sources: bool = False
    run_id: str = field(default_factory=new_run_id)

    def rows(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Column names and rows of a question to the warehouse."""
        return Warehouse(self.platform).rows(sql)

    def run_window(
        self, window: Window, progress: Callable[[list[Progress]], None], steps: tuple[Step, ...] = JOBS
    ) -> list[Progress]:
        """The steps of one window. Raises runner.StepFailedError."""
        return run_steps(lambda step, _: self._act(step, window), progress, steps)

    def run_windows(self, windows: tuple[Window, ...], shown: Show) -> list[list[Progress]]:
        """Every window in turn, then gold once. See windows.run_windows."""
        return run_windows(self.run_window, windows, shown, JOBS)

    def _act(self, step: Step, window: Window) -> Mapping[str, Any]:
        days = str(window.first), str(window.last)
        return self.jobs.run(step, *days, self.run_id, accept_sources=self.accept_sources)


@contextmanager
def aws_pipeline(wanted: Target, accept_sources: bool) -> Iterator[AwsPipeline]:
    """A pipeline on the platform of var/aws.env. What is at work when the context is left early is stopped.

    Raises Problem when it is not known what Terraform made, or AWS does not know who asks, and AnotherRunError.
    """
    with run_lock(wanted.root, "aws"):
        platform = Platform.of(wanted.values)
        platform.check_account()
        jobs = GlueJobs(platform)
        try:
            yield AwsPipeline(platform, jobs, accept_sources)
        except BaseException:
            with suppress(Problem):  # what ended the run is what is said
                jobs.stop()
            raise
