"""Two never hold one lock, also when `make clean` removes its file meanwhile; nobody else can hold it."""

import fcntl
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from deftunes.services import lifecycle
from deftunes.system import lock, var
from deftunes.system.lock import AnotherRunError, run_lock, services_lock


def test_second_run_is_refused_by_the_process_of_the_first(tmp_path: Path) -> None:
    with run_lock(tmp_path), pytest.raises(AnotherRunError) as refused, run_lock(tmp_path):
        pass
    assert refused.value.value == f"process {os.getpid()}"
    with run_lock(tmp_path):
        pass


def test_lock_is_its_owners_whatever_the_umask_and_whoever_made_it(tmp_path: Path) -> None:
    (tmp_path / "var/run").mkdir(parents=True)
    (tmp_path / "var/run/services.lock").touch(mode=0o644)
    before = os.umask(0)
    try:
        with run_lock(tmp_path), services_lock(tmp_path):
            for name in ("run.lock", "services.lock"):
                assert stat.S_IMODE((tmp_path / "var/run" / name).stat().st_mode) == 0o600
    finally:
        os.umask(before)


def test_lock_file_that_was_removed_while_it_was_waited_for_is_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening and locking, clean has removed the file, and another run holds the new one of its name."""
    path, held = tmp_path / "var/run/run.lock", list[int]()
    flock = fcntl.flock

    def late(descriptor: int, how: int) -> None:
        if not held:
            path.unlink()
            held.append(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            flock(held[0], fcntl.LOCK_EX)
        flock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with pytest.raises(AnotherRunError), run_lock(tmp_path):
        pass
    os.close(held[0])
    with run_lock(tmp_path):
        pass


def test_clean_removes_all_but_the_jars_and_its_lock_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    var.make(tmp_path)
    (tmp_path / "var/secrets.env").write_text("A=b\n")
    (tmp_path / "var/jars/a.jar").touch()
    (tmp_path / "var/lake/link").symlink_to(tmp_path)
    remove, held = var.remove, list[Any]()

    def watched(root: Path) -> None:
        with pytest.raises(AnotherRunError), run_lock(root):
            pass
        remove(root)
        held.extend((root / "var").rglob("*"))

    monkeypatch.setattr(var, "remove", watched)
    lifecycle.clean(tmp_path)
    assert held == [tmp_path / "var/jars", tmp_path / "var/jars/a.jar"]
    assert tmp_path.is_dir()


def test_clean_leaves_the_lock_of_a_run_that_began_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as clean has removed its lock file, a run takes a new one: clean touches nothing any more."""
    var.make(tmp_path)
    unlink, began = Path.unlink, threading.Event()

    def then_a_run(self: Path, missing_ok: bool = False) -> None:
        unlink(self, missing_ok)
        if self.name == "services.lock":
            (tmp_path / "var/run/run.lock").write_text("new")
            (tmp_path / "var/run/ports.json").write_text("{}")
            began.set()

    with run_lock(tmp_path), services_lock(tmp_path):
        monkeypatch.setattr(Path, "unlink", then_a_run)
        var.remove(tmp_path)
    assert began.is_set()
    assert (tmp_path / "var/run/run.lock").read_text() == "new"
    assert (tmp_path / "var/run/ports.json").exists()


def test_start_of_the_services_waits_and_says_who_holds_it_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "SERVICES_PATIENCE_S", 0.2)
    refused = pytest.raises(AnotherRunError, match="being started or stopped")
    with services_lock(tmp_path), refused, services_lock(tmp_path):
        pass


def test_var_is_closed_at_each_start(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        var.make(tmp_path)
        (tmp_path / "var").chmod(0o777)
        (tmp_path / "var/logs").chmod(0o755)
        var.make(tmp_path)
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "var").iterdir()}
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700
    assert {name: mode for name, mode in modes.items() if mode != 0o700 and name != "jars"} == {}
