"""Trials of silver's code, one at each save: in a Spark session of its own, which stays warm between them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deftunes.lake.catalog import secret_spark_settings
from deftunes.run.job_arguments import job_arguments
from deftunes.run.worker_client import SparkJobs, worker_of_its_own
from deftunes.target import Target
from spark_jobs.window import Window

WATCHED = ("spark_jobs/silver", "quality")
RULES_SUFFIX = ".dqdl"
POLL_MS = 500  # how soon a signal is heeded; saves are seen at once

Trial = Callable[[], dict[str, Any]]


@contextmanager
def silver_trials(root: Path, values: Target, table: str, window: Window | None) -> Iterator[Trial]:
    """A trial of the table's code and rules as they are in their files at each call: see spark_jobs/silver_trial.py.

    It holds no lock, for it only reads; runs go on beside it. The trial raises Problem, also for code that cannot be
    loaded.
    """
    days = (str(window.first), str(window.last)) if window else ("", "")
    # A worker process of Python would keep the functions of before.
    conf, log = {**values.spark_conf, "spark.python.worker.reuse": "false"}, root / "var/logs/spark-watch.log"
    with (
        worker_of_its_own(root, log, "--load-code-anew") as channel,
        SparkJobs(channel, conf, secret_spark_settings(values), {}, None, log) as jobs,
    ):
        yield lambda: jobs.run(job_arguments(values, "try-silver", table, *days, "trial"))


def saves(root: Path) -> Iterator[list[str]]:
    """Files of WATCHED, as paths of the checkout: none at first, then those that were saved, each time that some were.

    What is saved while the caller is at work comes next. It never ends by itself.
    """
    from watchfiles import PythonFilter, watch

    is_watched, is_begun = PythonFilter(extra_extensions=(RULES_SUFFIX,)), False
    folders = [root / folder for folder in WATCHED]
    for changes in watch(*folders, watch_filter=is_watched, yield_on_timeout=True, rust_timeout=POLL_MS):
        if changes or not is_begun:
            is_begun = True
            yield sorted({str(Path(path).relative_to(root)) for _, path in changes})
