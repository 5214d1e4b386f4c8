"""A trial of rules: a file of rules evaluated on what silver holds, by a job that writes nothing."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from deftunes.lake.catalog import secret_spark_settings
from deftunes.run.job_arguments import job_arguments
from deftunes.run.worker_client import SparkJobs, connect, worker_of_its_own
from deftunes.services import lifecycle, passwords, supervision
from deftunes.system.lock import run_lock
from deftunes.target import Target
from spark_jobs.window import Window


def run_rule_trial(root: Path, values: Target, file: Path, table: str, window: Window | None) -> dict[str, Any]:
    """What every rule of the file says of the table's rows in the newest state: see spark_jobs/rule_trial.py.

    In the checkout's warm Spark session, or where others run the services in one of its own. Raises Problem, and
    AnotherRunError while a run is going in this checkout.
    """
    days = (str(window.first), str(window.last)) if window else ("", "")
    with _jobs(root, values) as jobs:
        return jobs.run([*job_arguments(values, "try-rules", table, *days, "trial"), "--rules-file", str(file)])


@contextmanager
def _jobs(root: Path, values: Target) -> Iterator[SparkJobs]:
    conf = values.spark_conf, secret_spark_settings(values)
    with ExitStack() as stack:
        held = stack.enter_context(run_lock(root))
        if values.name == "embedded":
            lifecycle.start(lifecycle.supervisor_of(root, passwords.load(root)), ["spark"])
            log, environment = supervision.log_file(root, "spark"), dict[str, str]()
            channel = connect(root)
        else:
            log, environment = root / "var/logs/spark-rules.log", {"AWS_ENDPOINT_URL": values["S3_ENDPOINT"]}
            channel = stack.enter_context(worker_of_its_own(root, log))
        yield stack.enter_context(SparkJobs(channel, *conf, environment, held, log))
