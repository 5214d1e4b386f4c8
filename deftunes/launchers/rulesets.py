"""Rules in Glue's catalog: a whole table evaluated by its ruleset, which Terraform made of quality/<table>.dqdl."""

import time
from typing import Any

from deftunes.launchers.aws_errors import aws_problems
from deftunes.launchers.platform import Platform
from spark_jobs.problem import Problem

DATABASE = "deftunes_silver"
WORKERS = 2  # the fewest Glue takes; it would take five
GOING = {"STARTING", "RUNNING", "STOPPING"}
POLL_S = 5.0
UNTOUCHED = "An evaluation only reads."


class Rulesets:
    """Starts evaluations, and says what they came to."""

    def __init__(self, platform: Platform, poll_s: float = POLL_S) -> None:
        self._platform, self._poll_s = platform, poll_s

    def start(self, table: str) -> str:
        """Starts an evaluation of all of the table; its id. Raises Problem."""
        with aws_problems(f"evaluate the rules of {table}", f"{DATABASE}.{table}"):
            started = self._platform.client("glue").start_data_quality_ruleset_evaluation_run(
                DataSource={"GlueTable": {"DatabaseName": DATABASE, "TableName": table}},
                Role=self._platform.quality_role,
                RulesetNames=[f"{self._platform.name}-{table}"],
                NumberOfWorkers=WORKERS,
            )
        return str(started["RunId"])

    def outcomes(self, table: str, run_id: str) -> list[dict[str, Any]] | None:
        """The rules that were evaluated; none while they are. Raises Problem when one failed, or the evaluation did."""
        glue = self._platform.client("glue")
        with aws_problems(f"say how the rules of {table} are", run_id):
            ended = glue.get_data_quality_ruleset_evaluation_run(RunId=run_id)
            if ended["Status"] in GOING:
                return None
            results = [glue.get_data_quality_result(ResultId=each) for each in ended.get("ResultIds", [])]
        rules = [rule for result in results for rule in result["RuleResults"]]
        where = f"{DATABASE}.{table}, run {run_id}"
        if ended["Status"] != "SUCCEEDED":
            message = ended.get("ErrorString", ended["Status"])
            raise Problem("The rules were not evaluated", where, message, "correct what it names", UNTOUCHED)
        if failed := [rule for rule in rules if rule["Result"] != "PASS"]:
            message = "; ".join(
                f"{rule.get('Description', '')}: {rule.get('EvaluationMessage', '')}" for rule in failed
            )
            way_out = "make rules says what runs found; look at the rows that the rule names"
            raise Problem(f"{len(failed)} rules of {table} failed over all of it", where, message, way_out, UNTOUCHED)
        return rules

    def run(self, table: str) -> list[dict[str, Any]]:
        """The rules of an evaluation that is started and waited for. Raises Problem."""
        run_id = self.start(table)
        while (rules := self.outcomes(table, run_id)) is None:
            time.sleep(self._poll_s)
        return rules
