"""Steps as runs of the Glue jobs that Terraform made, with the arguments that every launcher gives its jobs.

A step is a job: `land` the one of its source, `refine` the one for all tables, `build` gold with its publishing. What a
run came to is the summary that it leaves in the lake's bucket, as jobs elsewhere hand theirs over.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deftunes.launchers.aws_errors import aws_problems
from deftunes.launchers.platform import Platform
from deftunes.run.steps import Step
from spark_jobs.problem import Problem
from spark_jobs.silver import TABLES

GOING = {"STARTING", "RUNNING", "STOPPING", "WAITING"}
POLL_S = 5.0
UNTOUCHED = "Every table's main branch is whole, and what is published is the last build that passed."


@dataclass(frozen=True)
class JobRun:
    """A run of a job: its id in Glue, the step and days it is about, and where it leaves its summary."""

    job: str
    id: str
    what: str
    summary_uri: str


class GlueJobs:
    """Starts steps, says when they are done, and stops those that are at work."""

    def __init__(self, platform: Platform, poll_s: float = POLL_S) -> None:
        self._platform, self._poll_s = platform, poll_s
        self._going: dict[str, JobRun] = {}
        self._is_stopped = threading.Event()

    def job(self, step: Step) -> str:
        """The name of a step's job."""
        name = self._platform.name
        return f"{name}-land-{TABLES[step.table].source.kind}" if step.verb == "land" else f"{name}-{step.verb}"

    def start(self, step: Step, first: str, last: str, run_id: str, *, accept_sources: bool = False) -> JobRun:
        """Starts the step for these days. Raises Problem."""
        job, what = self.job(step), f"{step.name}, {first} to {last}"
        arguments = {"--table": step.table, "--from": first, "--to": last, "--run-id": run_id}
        if accept_sources:
            arguments["--accept-sources"] = "true"  # Glue knows pairs only; the job passes over the value
        with aws_problems(f"start {what}", job):
            started = self._platform.client("glue").start_job_run(JobName=job, Arguments=arguments)["JobRunId"]
        run = JobRun(job, started, what, f"{self._platform.runs_uri}/{run_id}/{step.verb}-{step.table}.json")
        self._going[started] = run
        return run

    def is_done(self, run: JobRun) -> bool:
        """True if it has succeeded. Raises Problem when it ended otherwise: the job's own, if it left one."""
        with aws_problems(f"say how {run.what} is", run.job):
            now = self._platform.client("glue").get_job_run(JobName=run.job, RunId=run.id)["JobRun"]
        if now["JobRunState"] in GOING:
            return False
        self._going.pop(run.id, None)
        if now["JobRunState"] == "SUCCEEDED":
            return True
        raise self._problem(run, now)

    def summary(self, run: JobRun) -> dict[str, Any]:
        """What a run that is done came to. Raises Problem."""
        bucket, _, key = run.summary_uri.removeprefix("s3://").partition("/")
        with aws_problems(f"read what came of {run.what}", run.summary_uri):
            answer = self._platform.client("s3").get_object(Bucket=bucket, Key=key)
            return dict(json.loads(answer["Body"].read()))

    def run(self, step: Step, first: str, last: str, run_id: str, *, accept_sources: bool = False) -> dict[str, Any]:
        """The summary of a step that is started and waited for. Raises Problem."""
        run = self.start(step, first, last, run_id, accept_sources=accept_sources)
        while not self.is_done(run):
            if self._is_stopped.wait(self._poll_s):
                raise Problem(f"{run.what} was stopped", run.job, run.id, "run the same window again", UNTOUCHED)
        return self.summary(run)

    def stop(self, *runs: JobRun) -> None:
        """Stops these runs, or all that are at work. Raises Problem."""
        self._is_stopped.set()
        for run in runs or tuple(self._going.values()):
            with aws_problems(f"stop {run.what}", run.job):
                self._platform.client("glue").batch_stop_job_run(JobName=run.job, JobRunIds=[run.id])
            self._going.pop(run.id, None)

    def _problem(self, run: JobRun, now: Mapping[str, Any]) -> Problem:
        try:
            summary = self.summary(run)
        except Problem:  # a run that was ended from outside leaves none
            summary = {}
        if "problem" in summary:
            return Problem(**summary["problem"])
        state, message = now["JobRunState"], now.get("ErrorMessage", "no message")
        return Problem(
            f"{run.what} ended as {state}",
            f"{run.job}, run {run.id}",
            message,
            f"see the log group {now.get('LogGroupName', '/aws-glue/jobs')}, then run the same window again",
            UNTOUCHED,
        )
