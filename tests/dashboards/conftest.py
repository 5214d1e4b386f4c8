"""The dashboards of a checkout of its own: a quarter of data at a small scale, Superset, a headless browser."""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from deftunes.services import lifecycle
from deftunes.system import processes
from tests.checkout import PROJECT, Checkout, checkout
from tests.dashboards.screenshots import Screenshots, look

SCALE = "0.1"


@dataclass(frozen=True)
class Shown:
    """Running dashboards and the file they read. people: account -> Superset signed in by its form as that account."""

    place: Checkout
    url: str
    accounts: dict[str, str]
    people: dict[str, httpx.Client] = field(default_factory=dict, compare=False)

    @property
    def serving(self) -> Path:
        return self.place.root / "var/serving/serving.duckdb"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What SQL says of the served file."""
        with duckdb.connect(str(self.serving), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    place = checkout(tmp_path_factory.mktemp("dashboards") / "checkout")
    try:
        ran = place.deftunes("run", "--scale", SCALE, "--json", timeout_s=900)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        with ExitStack() as doors:
            first = started(place)
            people = {
                name: doors.enter_context(signed_in(first.url, name, first.accounts[name])) for name in first.accounts
            }
            yield replace(first, people=people)
    finally:
        lifecycle.down(place.root)
        assert processes.processes_of_checkout(place.root) == {}


def started(place: Checkout) -> Shown:
    done = place.deftunes("dashboards", "--scale", SCALE, "--json", timeout_s=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return Shown(place, **json.loads(done.stdout))


@contextmanager
def signed_in(url: str, name: str, password: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers={"Referer": url}, timeout=60) as person:
        [token] = re.findall(r'id="csrf_token"\s+value="([^"]+)"', person.get("/login/").text)
        account = {"username": name, "password": password, "csrf_token": token}
        assert person.post("/login/", data=account).headers["Location"] == "/"
        person.headers["X-CSRFToken"] = token
        yield person


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    name = os.environ.get("CHROMIUM", "chromium")
    program = shutil.which(name)
    assert program, f"{name} is not on this machine: apt-get install chromium, or CHROMIUM=/path/to/it"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def screenshots(shown: Shown, browser: Browser) -> Callable[[str], Screenshots]:
    """A dashboard as the analyst sees it, looked at once; its pictures go to var/screenshots."""
    looked: dict[str, Screenshots] = {}

    def see(name: str) -> Screenshots:
        if name not in looked:
            pictures = PROJECT / "var/screenshots" / name
            looked[name] = look(browser, shown.url, shown.accounts["analyst"], name, pictures)
        return looked[name]

    return see
