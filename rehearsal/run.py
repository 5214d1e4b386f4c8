"""A window through the aws target on the emulators, and through the embedded target beside it, compared."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pyiceberg.catalog import load_catalog

from deftunes.run.steps import STEPS
from rehearsal import object_store
from rehearsal.dags import Airflow
from rehearsal.environment import Environment
from rehearsal.glue.emulators import administrator, injected_environment
from rehearsal.parity.compare import Comparison
from rehearsal.parity.comparison import compared
from rehearsal.parity.targets import Aws, local
from rehearsal.warehouse import catalog_properties
from spark_jobs.window import Window

Say = Callable[[str], None]
DAGS = tuple(dict.fromkeys(step.dag for step in STEPS))


@dataclass(frozen=True)
class Dataset:
    """Which days of which made-up data."""

    first: str
    last: str
    seed: int
    scale: float

    @property
    def windows(self) -> tuple[Window, ...]:
        """What the DAGs run, and the last day, which the command runs; of a single day the first alone."""
        first, last = date.fromisoformat(self.first), date.fromisoformat(self.last)
        if first == last:
            return (Window(first, last),)
        return Window(first, last - timedelta(days=1)), Window(last, last)


def on_aws(env: Environment, dataset: Dataset, say: Say) -> None:
    """The days by the DAGs, the last one by `deftunes run --target aws`: both start the jobs that Terraform made.

    Raises dags.DagError and CommandError.
    """
    by_dags, *by_command = dataset.windows
    airflow = Airflow(env)
    say("Airflow's database")
    airflow.prepare()
    for dag in DAGS:
        say(f"{dag}, {by_dags}")
        airflow.run(dag, str(by_dags.first), str(by_dags.last))
    for window in by_command:
        say(f"deftunes run --target aws, {window}")
        answer = run_on_aws(env, window)
        if "problem" in answer:
            raise CommandError(f"deftunes run --target aws was stopped: {answer['problem']}")


def embedded(env: Environment, dataset: Dataset) -> None:
    """The same windows by the embedded target, in the same checkout and from the same sources. Raises CommandError."""
    for window in dataset.windows:
        answer = run_embedded(env, dataset, window)
        if "problem" in answer:
            raise CommandError(f"deftunes run was stopped: {answer['problem']}")


def run_embedded(env: Environment, dataset: Dataset, window: Window) -> dict[str, Any]:
    """What `deftunes run` prints of a window, as JSON; with `problem` when one stopped it. Raises CommandError."""
    seeding = ("--seed", str(dataset.seed), "--scale", str(dataset.scale))
    days = ("--from", str(window.first), "--to", str(window.last))
    return dict(_answer(env, {"API_URL": env.api.url}, "run", "--json", *days, *seeding))


def run_on_aws(env: Environment, window: Window) -> dict[str, Any]:
    """What `deftunes run --target aws` prints of a window, as JSON; with `problem` when one stopped it."""
    return dict(command(env, "run", "--from", str(window.first), "--to", str(window.last)))


def command(env: Environment, verb: str, *words: str) -> Any:
    """What a verb of the command line answers of the aws target, as JSON. Raises CommandError."""
    values = "".join(f"{name.upper()}={value}\n" for name, value in env.outputs.items())
    (env.root / "var/aws.env").write_text(values)  # as `make aws-env` does
    emulators = env.emulators
    aws = {name: value for name, value in injected_environment(emulators, administrator(emulators)).items() if value}
    return _answer(env, aws, verb, "--target", "aws", "--json", *words)


def _answer(env: Environment, variables: Mapping[str, str], verb: str, *words: str) -> Any:
    """The JSON that the command line of the checkout prints. Raises CommandError if it prints none."""
    command = [str(env.root / ".venv/lake/bin/python"), "-m", "deftunes", verb, *words]
    home = {"PATH": os.environ["PATH"], "HOME": str(env.emulators.folder), "PYTHONPATH": str(env.root)}
    environment = {**home, **variables}
    done = subprocess.run(command, cwd=env.root, env=environment, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        ended = f"deftunes {verb} ended with {done.returncode}: {(done.stdout + done.stderr)[-3000:]}"
        raise CommandError(ended) from None


class CommandError(Exception):
    """A verb of the command line failed; the message holds what it said."""


def parity(env: Environment) -> list[Comparison]:
    """What both hold now."""
    catalog = load_catalog("rehearsal", **catalog_properties(env.emulators))
    landing = env.outputs["landing_uri"]
    there = Aws(catalog, object_store.administrator(env.emulators), landing, env.warehouse.rows)
    with local(env.root) as here:
        return compared(here, there)
