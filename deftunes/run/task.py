"""A task: the steps of one table, against services that others keep running. What Airflow starts.

The same steps, jobs and models as `deftunes run`; only the target's values differ.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from deftunes.gold.settings import gold_settings
from deftunes.lake.catalog import open_catalog, secret_spark_settings
from deftunes.lake.declarations import check_tables
from deftunes.lineage import settings as lineage
from deftunes.run.job_arguments import api_secret, source_password
from deftunes.run.pipeline import Pipeline
from deftunes.run.runner import Progress, StepFailedError
from deftunes.run.steps import Step
from deftunes.run.worker_client import SparkJobs, worker_of_its_own
from deftunes.services.lifecycle import Endpoints
from deftunes.system.lock import run_lock
from deftunes.system.printable import printable
from deftunes.target import Target
from spark_jobs.silver import TABLES
from spark_jobs.window import Window

SPARKS_VERBS = {"land", "refine", "maintain"}


def run_task(
    root: Path,
    values: Target,
    steps: tuple[Step, ...],
    window: Window,
    progress: Callable[[list[Progress]], None],
    *,
    accept_sources: bool = False,
) -> list[Progress]:
    """Runs the steps of one table. Raises StepFailedError, and AnotherRunError while another task has the table."""
    with task_pipeline(root, values, steps, os.environ) as line:
        line.accept_sources = accept_sources
        return line.run_window(window, progress, steps)


@contextmanager
def task_pipeline(
    root: Path, values: Target, steps: tuple[Step, ...], environ: Mapping[str, str]
) -> Iterator[Pipeline]:
    """A pipeline for the steps of one table, against services that run. Raises AnotherRunError."""
    lineage.require(root, environ)
    table = steps[0].table
    password = source_password(values, environ.get("SOURCE_PASSWORD", ""), environ)
    ends = Endpoints(values, values["API_URL"], values["SOURCE_DSN"], password, values["CATALOG_URI"])
    if table in TABLES:
        check_tables(open_catalog(values), (table,))
    with ExitStack() as stack:
        held = stack.enter_context(run_lock(root, table))
        line = Pipeline(root, ends, None, gold_settings(root, values))
        if SPARKS_VERBS & {step.verb for step in steps}:
            log = root / f"var/logs/spark-{table}.log"
            log.write_bytes(b"")
            stack.enter_context(_show_log_on_failure(log))
            # What Spark is told by its settings, Arrow reads from the environment: where s3:// addresses are asked.
            secrets = {"SOURCE_PASSWORD": password, "API_SECRET": api_secret(values, environ)}
            environment = {**secrets, "AWS_ENDPOINT_URL": values["S3_ENDPOINT"]}
            conf = values.spark_conf, secret_spark_settings(values, environ)
            channel = stack.enter_context(worker_of_its_own(root, log))
            line.jobs = stack.enter_context(SparkJobs(channel, *conf, environment, held, log))
        yield line


@contextmanager
def _show_log_on_failure(log: Path) -> Iterator[None]:
    """Spark's own words, for whoever reads the task's log."""
    try:
        yield
    except StepFailedError:
        sys.stderr.write(printable(f"{log.name}:\n{log.read_text(errors='replace')[-20_000:]}\n"))
        raise
