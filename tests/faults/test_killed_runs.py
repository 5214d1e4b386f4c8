"""Runs that are killed: whatever had been done, the same run started again ends as one that was never disturbed."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deftunes.services import lifecycle
from tests.checkout import Checkout, checkout
from tests.end_to_end.conftest import SCALE, SEED, Api, Lake
from tests.layers import ask, layers

WINDOW = ("--from", "2020-02-27", "--to", "2020-03-02", "--seed", str(SEED), "--scale", str(SCALE))
BUSY = 4

# A file that shows how far a run has come, by the step it is killed in.
SIGNS = {
    "land": "lake/landing/api/sessions/*/_manifest.json",
    "refine": "lake/warehouse/deftunes_silver/sessions/data/*/*.parquet",
    "build": "warehouse/warehouse.duckdb",
}


@pytest.fixture
def place(tmp_path: Path) -> Checkout:
    return checkout(tmp_path / "killed")


def test_run_killed_in_each_step_and_started_again_ends_as_a_clean_one(
    place: Checkout, lakes: Callable[[str], Lake], api: Api
) -> None:
    """Trap 10: SIGKILL while landing, refining and building; nothing is lost, nothing is there twice."""
    try:
        for sign in SIGNS.values():
            run = place.start("run", *WINDOW, API_URL=api.url)
            wait_for(place.root / "var", sign)
            assert place.deftunes("run", *WINDOW, API_URL=api.url).returncode == BUSY
            os.killpg(run.pid, signal.SIGKILL)
            run.wait(timeout=30)
            until_free(place, api)
        again = place.deftunes("run", *WINDOW, API_URL=api.url)
        assert again.returncode == 0, again.stdout + again.stderr
        clean = lakes("clean")
        clean.run("2020-02-27", "2020-03-02")
        assert layers(place.root) == layers(clean.root)
        [(rows,)] = ask(place.root, "select count(*) from gold.fact_session")
        assert rows > 50
    finally:
        lifecycle.down(place.root)


def wait_for(var: Path, sign: str) -> None:
    deadline = time.monotonic() + 180
    while not any(var.glob(sign)):
        assert time.monotonic() < deadline, f"{sign} never appeared"
        time.sleep(0.05)


def until_free(place: Checkout, api: Api) -> None:
    """The worker notices that its run is gone and frees the lock."""
    deadline = time.monotonic() + 60
    while place.deftunes("up", "--seed", str(SEED), "--scale", str(SCALE), API_URL=api.url).returncode == BUSY:
        assert time.monotonic() < deadline, "the lock of a killed run is still held"
        time.sleep(0.5)
