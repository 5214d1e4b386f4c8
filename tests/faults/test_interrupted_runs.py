"""Runs that are asked to end by a signal: each ends by itself, with its code and its words, and can be run again."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deftunes.services import lifecycle
from tests.checkout import Checkout, checkout, default_signals
from tests.end_to_end.conftest import SCALE, SEED, Api, Lake
from tests.faults.test_killed_runs import SIGNS, WINDOW, wait_for
from tests.layers import layers

PATIENCE_S = 60  # for a machine that is busy; what a person waits is three seconds


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Checkout]:
    with default_signals():
        yield checkout(tmp_path / "interrupted")


def test_run_interrupted_in_each_step_says_so_and_ends_as_a_clean_one_when_run_again(
    place: Checkout, lakes: Callable[[str], Lake], api: Api
) -> None:
    """No step is waited for, the lock is free again, and the next run needs nothing but to be started."""
    signals = dict(zip(SIGNS, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP), strict=True))
    try:
        for step, number in signals.items():
            run = place.start("run", *WINDOW, API_URL=api.url)
            wait_for(place.root / "var", SIGNS[step])
            run.send_signal(number)
            try:
                assert run.wait(timeout=PATIENCE_S) == 128 + number
            except subprocess.TimeoutExpired:
                run.kill()
                raise
            assert "Interrupted." in (place.root / "started.log").read_text()
        again = place.deftunes("run", *WINDOW, API_URL=api.url)
        assert again.returncode == 0, again.stdout + again.stderr
        clean = lakes("clean")
        clean.run("2020-02-27", "2020-03-02")
        assert layers(place.root) == layers(clean.root)
    finally:
        lifecycle.down(place.root)


def test_run_interrupted_while_services_start_ends_and_leaves_them_to_the_next(place: Checkout) -> None:
    days = ("--from", "2020-01-01", "--seed", str(SEED), "--scale", str(SCALE))
    try:
        run = place.start("run", *days)
        wait_for(place.root / "var", "postgres.new")
        run.send_signal(signal.SIGINT)
        assert run.wait(timeout=PATIENCE_S) == 130
        again = place.deftunes("run", *days)
        assert again.returncode == 0, again.stdout + again.stderr
    finally:
        lifecycle.down(place.root)
