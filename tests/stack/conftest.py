"""A stack of containers of the tests' own: its own project, ports and volumes, and a small made-up dataset."""

from collections.abc import Iterator

import pytest

from deftunes.services import lifecycle
from tests.checkout import Checkout, checkout
from tests.containers import PLAIN, Stack, free_ports

SEED, SCALE = "7", "0.05"


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole stack, healthy, with nothing in it; removed in the end, volumes too."""
    own = {"COMPOSE_PROJECT_NAME": "deftunes-test", "SEED": SEED, "SCALE": SCALE, "SCHEDULE_FROM": "2100-01-01"}
    started = Stack({**PLAIN, **own, **free_ports()})
    started.compose("down", "--volumes", "--remove-orphans")
    try:
        started.compose("up", "--detach", "--wait", "--no-build", timeout_s=600)
        started.sign_in()
        yield started
    finally:
        started.compose("down", "--volumes", "--remove-orphans")


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout of the embedded target, of the same dataset."""
    made = checkout(tmp_path_factory.mktemp("embedded") / "checkout")
    yield made
    lifecycle.down(made.root)
