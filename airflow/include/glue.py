"""Glue and dbt as a launcher: the jobs that Terraform made, with the arguments that the command line gives its own.

A step is a job: `land` the one of its source, `refine` the one for all tables. Gold is one `dbt build` beside Airflow;
it needs no publishing, because dashboards read Redshift. Glue does the maintenance (terraform/modules/maintenance),
so the task of maintenance evaluates the table's ruleset of the catalog over the whole table instead.
"""

import logging
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from airflow.exceptions import AirflowException
from airflow.providers.amazon.aws.hooks.glue import GlueDataQualityHook, GlueJobHook
from airflow.providers.standard.hooks.subprocess import SubprocessHook

from deftunes.gold.warehouse_password import warehouse_password
from deftunes.run.steps import Step, steps_of

LOG = logging.getLogger(__name__)
SOURCES = {"songs": "postgres", "users": "api", "sessions": "api"}
DATABASE = "deftunes_silver"
POLL_S = 10
EVALUATION_WORKERS = 2  # the fewest Glue takes; it would take five


@dataclass
class Glue:
    """`name` begins the names of all that Terraform made; `quality_role` may read silver; `dbt` is its program."""

    name: str
    quality_role: str
    dbt: str
    environ: Mapping[str, str]
    poll_s: float = POLL_S
    _stop: Callable[[], object] = field(default=lambda: None, repr=False)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Glue":
        """By what the startup script of MWAA sets (terraform/modules/orchestration). Raises AirflowException."""
        if missing := [key for key in ("PLATFORM_NAME", "QUALITY_ROLE_ARN", "DBT") if not environ.get(key)]:
            raise AirflowException(f"{missing[0]} is not set: `terraform apply` writes it into MWAA's startup script")
        return cls(environ["PLATFORM_NAME"], environ["QUALITY_ROLE_ARN"], environ["DBT"], environ)

    def run(self, table: str, first: str, last: str, maintain: bool) -> None:
        if maintain:
            self._judge(table)
            return
        run_id = f"{datetime.now(UTC):%Y%m%dt%H%M%S}_{secrets.token_hex(2)}"
        for step in steps_of(table):
            if step.verb == "build":
                self._build(first, last)
            elif step.verb != "publish":
                self._job(self.job(step), {"--table": table, "--from": first, "--to": last, "--run-id": run_id})

    def stop(self) -> None:
        self._stop()

    def job(self, step: Step) -> str:
        """The name of a step's job."""
        return f"{self.name}-land-{SOURCES[step.table]}" if step.verb == "land" else f"{self.name}-{step.verb}"

    def _job(self, name: str, arguments: dict[str, str]) -> None:
        hook = GlueJobHook(job_name=name, job_poll_interval=self.poll_s)
        run_id = hook.initialize_job(arguments)["JobRunId"]
        LOG.info("%s %s: run %s", name, arguments, run_id)
        self._stop = lambda: hook.conn.batch_stop_job_run(JobName=name, JobRunIds=[run_id])
        try:
            hook.job_completion(name, run_id)
        except AirflowException as error:
            said = hook.conn.get_job_run(JobName=name, RunId=run_id)["JobRun"]
            raise AirflowException(
                f"{name} {arguments['--table']}, {arguments['--from']} to {arguments['--to']}: {said['JobRunState']}. "
                f"{said.get('ErrorMessage', 'no message')} (run {run_id}, log group {said.get('LogGroupName')})"
            ) from error

    def _judge(self, table: str) -> None:
        """Evaluates the table's ruleset over all of it. Raises AirflowException when a rule failed."""
        hook = GlueDataQualityHook()
        run_id = hook.conn.start_data_quality_ruleset_evaluation_run(
            DataSource={"GlueTable": _table(table)},
            Role=self.quality_role,
            RulesetNames=[f"{self.name}-{table}"],
            NumberOfWorkers=EVALUATION_WORKERS,
        )["RunId"]
        waiting = {"Delay": int(self.poll_s) or 1, "MaxAttempts": 360}
        hook.get_waiter("data_quality_ruleset_evaluation_run_complete").wait(RunId=run_id, WaiterConfig=waiting)
        ended = hook.conn.get_data_quality_ruleset_evaluation_run(RunId=run_id)
        results = [hook.conn.get_data_quality_result(ResultId=each) for each in ended["ResultIds"]]
        rules = [rule for result in results for rule in result["RuleResults"]]
        LOG.info("%s: %d rules, run %s", table, len(rules), run_id)
        if failed := [rule for rule in rules if rule["Result"] != "PASS"]:
            said = "; ".join(f"{rule['Description']}: {rule.get('EvaluationMessage', '')}" for rule in failed)
            raise AirflowException(f"{len(failed)} rules of {DATABASE}.{table} failed over all of it: {said}")

    def _build(self, first: str, last: str) -> None:
        """One `dbt build` of the window. dbt finds project and profile by DBT_PROJECT_DIR and DBT_PROFILES_DIR."""
        process = SubprocessHook()
        self._stop = process.send_sigterm
        password = warehouse_password(self.environ.get("REDSHIFT_SECRET_ARN", ""), self.environ)
        env = {**self.environ, "REDSHIFT_PASSWORD": password}
        done = process.run_command(dbt_command(self.dbt, first, last), env=env, cwd=os.path.expanduser("~"))
        if done.exit_code != 0:
            raise AirflowException(f"gold of {first} to {last} was not built (exit code {done.exit_code}): see above")


def dbt_command(program: str, first: str, last: str) -> list[str]:
    """The command line of a build; dates that are none never reach it."""
    for day in (first, last):
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
            raise AirflowException(f"{day!r} is no day: write it as YYYY-MM-DD")
    variables = f"{{window_from: '{first}', window_to: '{last}'}}"
    return [program, "build", "--target", "aws", "--exclude-resource-type", "unit_test", "--vars", variables]


def _table(name: str) -> dict[str, str]:
    return {"DatabaseName": DATABASE, "TableName": name}
