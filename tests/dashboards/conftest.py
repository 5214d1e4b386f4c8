"""The dashboards of a checkout of its own: a quarter of data at a small scale, Superset, a headless browser."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from deftunes import processes, services
from tests.checkout import PROJECT, Checkout, checkout
from tests.dashboards.seen import Seen, look

SCALE = "0.1"


@dataclass(frozen=True)
class Shown:
    """Running dashboards and the file they read."""

    place: Checkout
    url: str
    accounts: dict[str, str]

    @property
    def serving(self) -> Path:
        return self.place.root / "var/serving/serving.duckdb"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What SQL says of the served file."""
        with duckdb.connect(str(self.serving), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def client(self, name: str) -> httpx.Client:
        """Superset's API, as this account."""
        account = {"username": name, "password": self.accounts[name], "provider": "db", "refresh": False}
        said = httpx.post(f"{self.url}/api/v1/security/login", json=account, timeout=60).raise_for_status()
        token = {"Authorization": f"Bearer {said.json()['access_token']}"}
        return httpx.Client(base_url=self.url, headers=token, timeout=60)


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    place = checkout(tmp_path_factory.mktemp("dashboards") / "checkout")
    try:
        ran = place.deftunes("run", "--scale", SCALE, "--json")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        yield started(place)
    finally:
        services.down(place.root)
        assert processes.marked(place.root) == {}


def started(place: Checkout) -> Shown:
    asked = place.deftunes("dashboards", "--scale", SCALE, "--json", timeout_s=600)
    assert asked.returncode == 0, asked.stdout + asked.stderr
    return Shown(place, **json.loads(asked.stdout))


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
def seen(shown: Shown, browser: Browser) -> Callable[[str], Seen]:
    """A dashboard as the analyst sees it, looked at once; its pictures go to var/screenshots."""
    looked: dict[str, Seen] = {}

    def see(name: str) -> Seen:
        if name not in looked:
            pictures = PROJECT / "var/screenshots" / name
            looked[name] = look(browser, shown.url, shown.accounts["analyst"], name, pictures)
        return looked[name]

    return see
