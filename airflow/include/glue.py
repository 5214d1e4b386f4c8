"""Glue as a launcher: the jobs that Terraform made, started as the command line starts them (deftunes/launchers).

Glue does the maintenance (terraform/modules/maintenance), so the task of maintenance evaluates the whole table by its
ruleset in the catalog instead. A task waits in its worker's slot, and stops its job when it is killed: a deferred
one would need a triggerer with credentials beside every scheduler, and could not stop it.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from airflow.exceptions import AirflowException

from deftunes.launchers.glue import GlueJobs
from deftunes.launchers.platform import Platform
from deftunes.launchers.rulesets import Rulesets
from deftunes.run.steps import JOBS, new_run_id, steps_of
from spark_jobs.problem import Problem

LOG = logging.getLogger(__name__)


class Glue:
    """Starts the steps of a table, one after the other."""

    def __init__(self, jobs: GlueJobs, rulesets: Rulesets) -> None:
        self._jobs, self._rulesets = jobs, rulesets

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Glue":
        """By the target's keys, which MWAA's startup script sets, or var/aws.env. Raises AirflowException."""
        with _as_airflow_has_it():
            platform = Platform.of(environ)
        return cls(GlueJobs(platform), Rulesets(platform))

    def run(self, table: str, first: str, last: str, maintain: bool) -> None:
        run_id = new_run_id()
        with _as_airflow_has_it():
            if maintain:
                if steps_of(table, JOBS):  # the tables about runs have no ruleset
                    LOG.info("%s: %d rules hold", table, len(self._rulesets.run(table)))
                return
            for step in steps_of(table, JOBS):
                LOG.info("%s, %s to %s: %s", step.name, first, last, self._jobs.run(step, first, last, run_id))

    def stop(self) -> None:
        self._jobs.stop()


@contextmanager
def _as_airflow_has_it() -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        raise AirflowException(str(problem)) from problem
