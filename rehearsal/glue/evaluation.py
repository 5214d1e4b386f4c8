"""An evaluation in the catalog: the table as Glue's catalog holds it, read as the given role, evaluated by Deequ."""

import json
import subprocess
from typing import Any

from rehearsal.glue import job_run, roles
from rehearsal.glue.emulators import Emulators
from rehearsal.glue.reach import EVERYWHERE
from rehearsal.processes import why

TIMEOUT_S = 600


class EvaluationError(Exception):
    """The table could not be read, or the rules not be evaluated; the message is the last the process said."""


def outcomes(
    emulators: Emulators,
    gate: job_run.Gate,
    run_id: str,
    role: str,
    table: dict[str, Any],
    additional: dict[str, dict[str, Any]],
    ruleset: str,
) -> list[dict[str, Any]]:
    """Rule, Outcome, FailureReason and EvaluatedMetrics of each rule. Raises EvaluationError."""
    folder = emulators.folder / "runs" / run_id
    folder.mkdir(parents=True, exist_ok=True)
    request = {
        "table": _address(table),
        "additional": {name: _address(each) for name, each in additional.items()},
        "ruleset": ruleset,
    }
    (folder / "request.json").write_text(json.dumps(request))
    settings = job_run.conf({"--conf": catalog_conf(emulators)})
    root = emulators.root
    files = job_run.Files(root / "rehearsal/glue/evaluate.py", [], [])
    command = job_run.command_line(root, files, [str(folder / "request.json")], settings)
    inside = gate.enter(role.rsplit("/", 1)[-1], EVERYWHERE, [], folder)
    try:
        done = subprocess.run(
            inside.command(command),
            cwd=folder,
            env=job_run.environment(root, emulators.folder),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    finally:
        inside.close()
    (folder / "stderr").write_text(done.stderr)
    if done.returncode != 0:
        raise EvaluationError(why(done.stderr + done.stdout))
    return list(json.loads(done.stdout.splitlines()[-1]))


def catalog_conf(emulators: Emulators) -> str:
    """The catalog `lake`, as the refine job of the platform has it."""
    glue = roles.client("glue", emulators.aws_url)
    jobs = [job for job in glue.get_jobs()["Jobs"] if job["DefaultArguments"].get("--verb") == "refine"]
    return str(jobs[0]["DefaultArguments"]["--conf"])


def _address(table: dict[str, Any]) -> str:
    return f"lake.{table['DatabaseName']}.{table['TableName']}"
