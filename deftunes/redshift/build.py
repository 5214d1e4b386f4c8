"""`python -m deftunes.redshift.build RESULT`: one act of the job `build`, with dbt, in an environment of its own.

dbt's packages do not agree with Glue's, so the job (deftunes/redshift/job.py) starts this with another path of modules.
Standard input holds the request, a JSON object with `act` (build or publish), `window` (two days, or null for all of
history), `folder` (where dbt leaves its things), `readers` and `address`, which is the administrator's. RESULT is the
file for the answer: a JSON object, with a key `problem` when the act was stopped by one.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from deftunes.gold.result import GoldError
from deftunes.gold.settings import GoldSettings
from deftunes.redshift.connection import Address
from spark_jobs.problem import Problem

LOG_CHARACTERS = 20_000
PROJECT = Path(__file__).resolve().parents[2] / "dbt"


def main(request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request."""
    from redshift_connector.error import Error, InterfaceError

    try:
        return {"build": build, "publish": publish}[request["act"]](request)
    except Problem as problem:
        return {"problem": problem.as_dict()}
    except (Error, InterfaceError, OSError) as error:
        return {"problem": warehouse_problem(error, str(request["address"]["host"])).as_dict()}


def build(request: Mapping[str, Any]) -> dict[str, Any]:
    """Builds and tests gold and bi beside what readers see. Raises Problem when a model or a test failed."""
    from deftunes.gold.build import build_gold
    from deftunes.gold.problem import gold_problem

    try:
        built = build_gold(settings(request), window(request))
    except GoldError as error:
        print_logs(error)
        error.findings = tuple(replace(each, sql_path=None) for each in error.findings)
        raise gold_problem(error, is_redshift=True, account="in the job's log") from error
    return {
        "days": [str(day) for day in built.window] if built.window else None,
        "tests_passed": built.tests_passed,
        "models": [asdict(model) for model in built.models],
        "warnings": [finding.text() for finding in built.warnings],
    }


def print_logs(error: GoldError) -> None:
    """Writes what dbt wrote down, and the SQL of what failed, to the job's log: its files go with the job's worker."""
    files = [error.log_path, *(each.sql_path for each in error.findings if each.sql_path)]
    for file in files:
        if file.is_file():
            sys.stderr.write(f"{file.name}:\n{file.read_text(errors='replace')[-LOG_CHARACTERS:]}\n")


def publish(request: Mapping[str, Any]) -> dict[str, Any]:
    """Replaces what readers see by what the last act built."""
    from deftunes.redshift.publish import models
    from deftunes.redshift.publish import publish as published
    from deftunes.redshift.user import dbt_user

    listed = models(settings(request).manifest_path)
    address = dbt_user(Address(**request["address"]))
    return {"tables": published(address, listed, window(request), request["readers"])}


def settings(request: Mapping[str, Any]) -> GoldSettings:
    """Where dbt builds: as the user `dbt`, who gets a new password."""
    from deftunes.redshift.user import dbt_user

    folder = Path(request["folder"])
    environment = dbt_user(Address(**request["address"])).environment() if request["act"] == "build" else ()
    return GoldSettings(
        project_dir=PROJECT,
        warehouse_path=folder / "none",
        catalog_uri="",
        state_dir=folder,
        log_dir=folder,
        target="aws",
        environment=environment,
    )


def window(request: Mapping[str, Any]) -> tuple[date, date] | None:
    """The days to build or publish; none for all of history."""
    days = request["window"]
    return (date.fromisoformat(days[0]), date.fromisoformat(days[1])) if days else None


def warehouse_problem(error: Exception, host: str) -> Problem:
    """What Redshift refused, and the way out where it is known."""
    from deftunes.gold.redshift_advice import advice

    fields = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    message = str(fields.get("M") or error)
    return Problem(
        "The warehouse refused a statement, or did not answer",
        host,
        message,
        advice(message) or "see the job's log; correct what it names, then run the same window again",
        "What is published stays as it was: dashboards read the last build that passed.",
    )


if __name__ == "__main__":
    answer = main(json.load(sys.stdin))
    Path(sys.argv[1]).write_text(json.dumps(answer, default=str))
