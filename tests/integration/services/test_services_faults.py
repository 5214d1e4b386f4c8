"""The embedded services after harm: kill -9, lost passwords, a stale lock, a service that cannot start."""

import os
import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deftunes.lake import catalog
from deftunes.services import crashes, lifecycle, passwords, ports, postgres, server_user, supervision
from deftunes.services.mock_source import SourceError
from deftunes.system import processes


def pid_of(root: Path, name: str) -> int:
    [number] = [service.pid for service in lifecycle.status(root) if service.name == name and service.pid]
    return number


def supervisor_pid(root: Path) -> int:
    return int((root / "var/run/supervisord.pid").read_text())


def wait_for_crash(root: Path, since: datetime) -> crashes.Crash:
    deadline = time.monotonic() + 10
    while not (found := crashes.since(root, since)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found[-1]


def wait_for_another(root: Path, name: str, victim: int) -> None:
    """Until the supervisor, not `up`, has started the service anew."""
    deadline = time.monotonic() + 10
    while {service.pid for service in lifecycle.status(root) if service.name == name} & {victim, None}:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("name", lifecycle.SERVICES)
def test_killed_service_is_named_and_runs_again(checkout: Path, start: Any, name: str) -> None:
    start(checkout)
    victim, before = pid_of(checkout, name), datetime.now(UTC)
    os.kill(victim, signal.SIGKILL)
    crash = wait_for_crash(checkout, before)
    assert (crash.name, crash.how) == (name, "terminated by SIGKILL")
    wait_for_another(checkout, name, victim)
    start(checkout)


def test_killed_supervisor_leaves_orphans_that_up_replaces(checkout: Path, start: Any) -> None:
    start(checkout)
    orphans, places = {pid_of(checkout, name) for name in lifecycle.SERVICES}, ports.last_ports(checkout)
    os.kill(supervisor_pid(checkout), signal.SIGKILL)
    at = start(checkout)
    assert not orphans & set(processes.processes_of_checkout(checkout))
    assert len(processes.processes_of_checkout(checkout)) == len(lifecycle.SERVICES) + 1
    assert ports.last_ports(checkout) == places
    catalog.open_catalog(at.target).list_namespaces()  # it answers


def test_down_ends_orphans_too(checkout: Path, start: Any) -> None:
    start(checkout)
    os.kill(supervisor_pid(checkout), signal.SIGKILL)
    assert lifecycle.down(checkout)
    assert processes.processes_of_checkout(checkout) == {}


def test_stopped_supervisor_is_replaced(checkout: Path, start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lives but does not answer."""
    start(checkout)
    hung = supervisor_pid(checkout)
    monkeypatch.setattr(supervision, "TIMEOUT_S", 0.5)
    monkeypatch.setattr(processes, "PATIENCE_S", 0.5)
    os.kill(hung, signal.SIGSTOP)
    start(checkout)
    assert hung not in processes.processes_of_checkout(checkout)


def test_lock_of_a_dead_server_with_a_living_pid_is_no_hindrance(checkout: Path, start: Any) -> None:
    start(checkout)
    lifecycle.down(checkout)
    lock = postgres.data_folder(checkout) / "postmaster.pid"
    with subprocess.Popen(["sleep", "60"], user=server_user.user_id(checkout)) as stranger:
        lock.write_text(f"{stranger.pid}\n{postgres.data_folder(checkout)}\n1\n1\n\n127.0.0.1\n0 0\n")
        try:
            start(checkout)
        finally:
            stranger.kill()
    assert int(lock.read_text().splitlines()[0]) == pid_of(checkout, "postgres")


def test_lost_passwords_are_made_anew(checkout: Path, start: Any) -> None:
    before = start(checkout)
    passwords.secrets_file(checkout).unlink()
    after = start(checkout)
    assert after.source_password != before.source_password
    assert pid_of(checkout, "catalog")


def test_interrupted_first_start_is_done_again(another: Path, start: Any) -> None:
    (another / "var/postgres.new").mkdir()
    (another / "var/postgres.new/PG_VERSION").write_text("16\n")
    start(another)
    assert postgres.is_initialised(another)
    assert not (another / "var/postgres.new").exists()


def test_service_that_cannot_start_is_named_with_its_last_words(another: Path, start: Any) -> None:
    (another / "mock_api").unlink()
    (another / "mock_api").mkdir()
    (another / "mock_api/__init__.py").touch()
    (another / "mock_api/__main__.py").write_text("raise SystemExit('the songs are gone')\n")
    (another / "mock_api/load.py").touch()
    message = r"(?s)mock_api does not run: it ended: exit status 1\. Last lines of .*mock_api\.log:.*the songs are gone"
    began = time.monotonic()
    with pytest.raises(lifecycle.ServiceError, match=message):
        start(another)
    assert time.monotonic() - began < lifecycle.START_PATIENCE_S  # it is not waited for until the end


def test_loader_that_fails_is_quoted(another: Path, start: Any) -> None:
    (another / "mock_api").unlink()
    (another / "mock_api").mkdir()
    real = Path(__file__).parents[3] / "mock_api"
    for part in (*real.glob("*.py"), real / "endpoints"):
        (another / "mock_api" / part.name).symlink_to(part)
    (another / "mock_api/load.py").unlink()
    (another / "mock_api/load.py").write_text("raise SystemExit('no room for songs')\n")
    with pytest.raises(SourceError, match=r"no room for songs \(whole log: .*load\.log\)"):
        start(another)
