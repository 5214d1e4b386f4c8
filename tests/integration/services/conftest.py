"""A checkout of its own for the services: links to the program and its environments, its own var/."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deftunes import target
from deftunes.services import lifecycle
from deftunes.services.lifecycle import Endpoints
from deftunes.system import var

PROJECT = Path(__file__).parents[3]
LINKED = (".venv", "deftunes", "mock_api", "quality", "requirements", "spark_jobs", "targets")
SEED, SCALE = 42, 0.02

Start = Callable[..., Endpoints]


def new_checkout(root: Path) -> Path:
    root.mkdir(parents=True)
    for name in LINKED:
        (root / name).symlink_to(PROJECT / name)
    (root / "var").mkdir()
    (root / "var/jars").symlink_to(PROJECT / "var/jars")
    var.make(root)
    return root


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One checkout for the tests that leave the services as they should be; they share its cold start."""
    root = new_checkout(tmp_path_factory.mktemp("services") / "checkout")
    yield root
    lifecycle.down(root)


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Path]:
    """A checkout of one test's own."""
    root = new_checkout(tmp_path / "another")
    yield root
    lifecycle.down(root)


@pytest.fixture
def start() -> Start:
    """`up` with small data; keyword arguments are variables of the environment."""

    def up(root: Path, seed: int = SEED, songs_csv: Path | None = None, **environ: str) -> Endpoints:
        return lifecycle.up(target.load("embedded", root, environ), seed, SCALE, songs_csv)

    return up
