"""The play: a window through the aws target on the stage, and through the embedded target beside it, compared."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pyiceberg.catalog import load_catalog

from deftunes import target
from deftunes.run.pipeline import RunRequest, pipeline
from deftunes.run.steps import STEPS
from rehearsal import object_store
from rehearsal.dags import Airflow
from rehearsal.environment import Environment
from rehearsal.glue.emulators import administrator, injected_environment
from rehearsal.parity.compare import Comparison
from rehearsal.parity.comparison import compared
from rehearsal.parity.targets import Aws, Local
from rehearsal.warehouse import catalog_properties
from spark_jobs.window import Window

Say = Callable[[str], None]
DAGS = tuple(dict.fromkeys(step.dag for step in STEPS))


@dataclass(frozen=True)
class Dataset:
    """Which days of which made-up world."""

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


def on_aws(played: Environment, dataset: Dataset, say: Say) -> None:
    """The days by the DAGs, the last one by `deftunes run --target aws`: both start the jobs that Terraform made.

    Raises dags.DagError and CommandError.
    """
    by_dags, *by_command = dataset.windows
    airflow = Airflow(played)
    say("Airflow's database")
    airflow.prepare()
    for dag in DAGS:
        say(f"{dag}, {by_dags}")
        airflow.run(dag, str(by_dags.first), str(by_dags.last))
    for window in by_command:
        say(f"deftunes run --target aws, {window}")
        run_on_aws(played, window)


def embedded(played: Environment, dataset: Dataset) -> None:
    """The same windows by the embedded target, in the same checkout and from the same sources."""
    wanted = target.load("embedded", played.root)
    for window in dataset.windows:
        with pipeline(wanted, RunRequest((window,), dataset.seed, dataset.scale, None), _nobody) as line:
            line.run_window(window, _nobody)


def _nobody(_: object) -> None:
    """Listens to nothing."""


def run_on_aws(played: Environment, window: Window) -> dict[str, Any]:
    """What `deftunes run --target aws` prints of a window, as JSON. Raises CommandError."""
    return dict(command(played, "run", "--from", str(window.first), "--to", str(window.last)))


def command(played: Environment, verb: str, *words: str) -> Any:
    """What a verb of the command line answers of the aws target, as JSON. Raises CommandError."""
    values = "".join(f"{name.upper()}={value}\n" for name, value in played.outputs.items())
    (played.root / "var/aws.env").write_text(values)  # as `make aws-env` does
    command = [str(played.root / ".venv/lake/bin/python"), "-m", "deftunes", verb, "--target", "aws", "--json", *words]
    emulators = played.emulators
    aws = {name: value for name, value in injected_environment(emulators, administrator(emulators)).items() if value}
    environment = {"PATH": os.environ["PATH"], "HOME": str(emulators.folder), "PYTHONPATH": str(played.root), **aws}
    done = subprocess.run(command, cwd=played.root, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CommandError(f"deftunes {verb} ended with {done.returncode}: {(done.stdout + done.stderr)[-3000:]}")
    return json.loads(done.stdout)


class CommandError(Exception):
    """A verb of the command line failed; the message holds what it said."""


def parity(played: Environment) -> list[Comparison]:
    """What both hold now."""
    catalog = load_catalog("rehearsal", **catalog_properties(played.emulators))
    landing = played.outputs["landing_uri"]
    there = Aws(catalog, object_store.administrator(played.emulators), landing, played.warehouse.rows)
    return compared(Local(played.root), there)
