"""A table that a fork adds: the files below tests/playlists, each at its place in a checkout of its own."""

import shutil
import subprocess
from pathlib import Path

from tests.checkout import PROJECT, Checkout, checkout

RECIPE = PROJECT / "tests/playlists"
REST = ("airflow", "rehearsal", "terraform")  # what a run does not need, and the platform is made of


def recipe_files() -> list[Path]:
    """Paths below the checkout of all files of the recipe."""
    return sorted(path.relative_to(RECIPE) for path in RECIPE.rglob("*") if path.is_file() and path.suffix != ".pyc")


# What is written of the steps, and so edited by a program: python -m deftunes.launchers.state_machine.
WRITTEN = Path("terraform/modules/schedule/state_machine.json.tftpl")


def checkout_with_playlists(root: Path) -> Checkout:
    """A copy of the project with the table `playlists`."""
    copied = checkout(root)
    for name in REST:
        shutil.copytree(
            PROJECT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", ".terraform*", "logs")
        )
    for path in recipe_files():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(RECIPE / path, root / path)
    done = subprocess.run([copied.python, "-m", "deftunes.launchers.state_machine"], cwd=root, check=False)
    assert done.returncode == 0
    return copied
