"""The play: a window through the aws target on the stage, and through the embedded target beside it, compared."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pyiceberg.catalog import load_catalog

from deftunes import target
from deftunes.gold.settings import GoldSettings
from deftunes.run.pipeline import Asked, pipeline
from rehearsal.dags import Airflow
from rehearsal.object_store import administrator
from rehearsal.parity.compare import Comparison
from rehearsal.parity.comparison import compared
from rehearsal.parity.sides import Aws, Local
from rehearsal.stage import Stage
from rehearsal.warehouse import catalog_properties
from spark_jobs.window import Window

Say = Callable[[str], None]
DAGS = ("deftunes_songs", "deftunes_api", "deftunes_serving")


@dataclass(frozen=True)
class World:
    """Which days of which made-up world."""

    first: str
    last: str
    seed: int
    scale: float


def on_aws(played: Stage, world: World, say: Say) -> None:
    """The window by the DAGs, whose tasks start the jobs that Terraform made, and dbt. Raises dags.DagError."""
    airflow = Airflow(played)
    say("Airflow's database")
    airflow.prepare()
    for dag in DAGS:
        say(f"{dag}, {world.first} to {world.last}")
        airflow.run(dag, world.first, world.last)


def embedded(played: Stage, world: World) -> None:
    """The same window by the embedded target, in the same checkout and from the same sources."""
    window = Window(date.fromisoformat(world.first), date.fromisoformat(world.last))
    wanted = target.load("embedded", played.root)
    with pipeline(wanted, Asked((window,), world.seed, world.scale, None), _nobody) as line:
        line.run_window(window, _nobody)


def _nobody(_: object) -> None:
    """Listens to nothing."""


def aws_gold(played: Stage) -> GoldSettings:
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


def parity(played: Stage) -> list[Comparison]:
    """What both hold now."""
    catalog = load_catalog("rehearsal", **catalog_properties(played.emulators))
    landing = played.outputs["landing_uri"]
    there = Aws(catalog, administrator(played.emulators), landing, played.warehouse.rows)
    return compared(Local(played.root), there)
