"""Job runs, as a person with the AWS command line starts them: one call, and questions until it has ended."""

import time
from dataclasses import dataclass
from typing import Any

from rehearsal.glue.emulators import Emulators
from rehearsal.glue.roles import client

ENDED = {"SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED", "ERROR"}


@dataclass(frozen=True)
class Run:
    """`message` is Glue's error message, empty when the run succeeded."""

    job: str
    state: str
    message: str
    seconds: float


def run(emulators: Emulators, job: str, arguments: dict[str, str], **options: Any) -> Run:
    """Starts the job with these arguments over its defaults, and returns when it has ended."""
    glue, started = client("glue", emulators.aws_url), time.monotonic()
    run_id = glue.start_job_run(JobName=job, Arguments=arguments, **options)["JobRunId"]
    while True:
        conditions = glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]
        if conditions["JobRunState"] in ENDED:
            return Run(job, conditions["JobRunState"], conditions.get("ErrorMessage", ""), time.monotonic() - started)
        time.sleep(0.5)
