"""The play: a window through the aws target on the stage, and through the embedded target beside it, compared."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pyiceberg.catalog import load_catalog

from deftunes import target
from deftunes.gold.settings import GoldSettings
from deftunes.run.pipeline import RunRequest, pipeline
from rehearsal.dags import Airflow
from rehearsal.environment import Environment
from rehearsal.object_store import administrator
from rehearsal.parity.compare import Comparison
from rehearsal.parity.comparison import compared
from rehearsal.parity.targets import Aws, Local
from rehearsal.warehouse import catalog_properties
from spark_jobs.window import Window

Say = Callable[[str], None]
DAGS = ("deftunes_songs", "deftunes_api", "deftunes_serving")


@dataclass(frozen=True)
class Dataset:
    """Which days of which made-up world."""

    first: str
    last: str
    seed: int
    scale: float


def on_aws(played: Environment, dataset: Dataset, say: Say) -> None:
    """The window by the DAGs, whose tasks start the jobs that Terraform made, and dbt. Raises dags.DagError."""
    airflow = Airflow(played)
    say("Airflow's database")
    airflow.prepare()
    for dag in DAGS:
        say(f"{dag}, {dataset.first} to {dataset.last}")
        airflow.run(dag, dataset.first, dataset.last)


def embedded(played: Environment, dataset: Dataset) -> None:
    """The same window by the embedded target, in the same checkout and from the same sources."""
    window = Window(date.fromisoformat(dataset.first), date.fromisoformat(dataset.last))
    wanted = target.load("embedded", played.root)
    with pipeline(wanted, RunRequest((window,), dataset.seed, dataset.scale, None), _nobody) as line:
        line.run_window(window, _nobody)


def _nobody(_: object) -> None:
    """Listens to nothing."""


def aws_gold(played: Environment) -> GoldSettings:
    """How gold is built in the warehouse of the stage, by whoever is not Airflow."""
    folder = played.emulators.folder / "dbt-by-hand"
    return GoldSettings(
        project_dir=played.root / "dbt",
        warehouse_path=folder / "none",
        catalog_uri="",
        state_dir=folder,
        log_dir=folder,
        target="aws",
        environment=played.warehouse.environment(),
    )


def parity(played: Environment) -> list[Comparison]:
    """What both hold now."""
    catalog = load_catalog("rehearsal", **catalog_properties(played.emulators))
    landing = played.outputs["landing_uri"]
    there = Aws(catalog, administrator(played.emulators), landing, played.warehouse.rows)
    return compared(Local(played.root), there)
