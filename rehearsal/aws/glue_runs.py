"""Glue's job runs: moto only counts them, here they are run, by the definition that the catalog holds."""

import logging
import threading
from typing import Any, ClassVar

from moto.core.utils import utcnow
from moto.glue import models

from rehearsal.aws.answers import Answer
from rehearsal.aws.gate import Gate
from rehearsal.glue import job_run
from rehearsal.glue.emulators import ACCOUNT, REGION, Emulators

LOG = logging.getLogger(__name__)
ENDED = {"SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED"}


class JobRun(models.FakeJobRun):
    """A run that does something: a process of its own, whose end is the run's."""

    emulators: Emulators
    gate: Gate
    all_of_them: ClassVar[list["JobRun"]] = []

    def __init__(self, **request: Any) -> None:
        super().__init__(**request)
        self.all_of_them.append(self)
        self._state, self._message = "STARTING", ""
        self._process: job_run.Process | None = None
        threading.Thread(target=self._work, daemon=True).start()

    @property
    def status(self) -> str:
        return self._state

    def as_dict(self) -> dict[str, Any]:
        ended = {"CompletedOn": self.completed_on} if self._state in ENDED else {"CompletedOn": None}
        message = {"ErrorMessage": self._message} if self._message else {}
        seconds = int((self.completed_on - self.started_on).total_seconds())
        log_group = (self.arguments or {}).get("--custom-logGroup-prefix", "/aws-glue/jobs")
        own = {"ExecutionTime": seconds, "GlueVersion": "5.1", "LogGroupName": log_group}
        return {**super().as_dict(), **own, **ended, **message}

    def stop(self) -> None:
        if self._state in ENDED:
            return
        self._end("STOPPED", "")
        if self._process:
            self._process.kill()

    def _work(self) -> None:
        try:
            arguments = dict(self.arguments or {})
            self._process = job_run.start(self.emulators, self.gate, self.job_name, self.job_run_id, arguments)
            self._state = "RUNNING"
            self._end(*self._process.outcome(float(self.timeout or 60) * 60))
        except Exception as error:
            LOG.exception("%s of %s", self.job_run_id, self.job_name)
            self._end("FAILED", f"{type(error).__name__}: {error}")

    def _end(self, state: str, message: str) -> None:
        if self._state not in ENDED:
            self.completed_on = self.modified_on = utcnow()
            self._state, self._message = state, message


def extend(emulators: Emulators, gate: Gate) -> None:
    """From now on moto's job runs are these."""
    JobRun.emulators, JobRun.gate = emulators, gate
    models.FakeJobRun = JobRun


def stop_all() -> None:
    """Ends the runs that are at work: no process outlives the server."""
    for run in JobRun.all_of_them:
        run.stop()


def answers() -> dict[str, Answer]:
    return {"AWSGlue.BatchStopJobRun": _stop}


def _stop(request: dict[str, Any]) -> dict[str, Any]:
    for run_id in request["JobRunIds"]:
        models.glue_backends[ACCOUNT][REGION].get_job_run(request["JobName"], run_id).stop()
    return {
        "SuccessfulSubmissions": [{"JobName": request["JobName"], "JobRunId": each} for each in request["JobRunIds"]]
    }
