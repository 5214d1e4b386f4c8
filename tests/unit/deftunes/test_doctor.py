"""The doctor, on machines that lack one thing each."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deftunes.services import ports, server_user
from deftunes.setup import doctor, runtimes

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout that set-up has not seen."""
    for name in ("targets", "requirements"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("module", ["deftunes.setup.doctor", "deftunes.setup.environments", "deftunes.__main__"])
def test_what_comes_before_set_up_needs_no_package(module: str) -> None:
    """`-S` leaves out what is installed: the interpreter of a machine that set-up has not seen."""
    command = [sys.executable, "-S", "-c", f"import {module}"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def found(root: Path, what: str) -> doctor.Finding:
    return next(one for one in doctor.check(root) if one.what == what)


def test_new_checkout_lacks_what_set_up_brings_and_nothing_else(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtimes, "java_home", runtimes.wheel_java)  # a machine without a Java of its own
    lacking = {one.what: one.way_out for one in doctor.check(root) if not one.is_in_order}
    expected = [".venv/lake", ".venv/spark", "Java 17", "PostgreSQL 16", "jars"]
    assert [what for what in lacking if what not in ("memory", "disk", "processors")] == expected
    assert all("make setup" in way_out for what, way_out in lacking.items() if what in expected)


@pytest.mark.slow
def test_installed_programs_and_jars_are_found(root: Path) -> None:
    (root / ".venv").symlink_to(PROJECT / ".venv")
    (root / "var").mkdir()
    (root / "var/jars").symlink_to(PROJECT / "var/jars")
    assert [found(root, what).ok for what in ("Java 17", "PostgreSQL 16", "jars")] == [True, True, True]


@pytest.mark.slow
def test_damaged_jar_is_named(root: Path) -> None:
    (root / "var/jars").mkdir(parents=True)
    (root / "var/jars/dqdl-1.0.0.jar").write_bytes(b"half")
    assert "dqdl-1.0.0.jar" in found(root, "jars").detail


def test_old_python_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert found(root, "Python 3.11").way_out == "apt-get install python3.11, or PYTHON=/path/to/python3.11"


@pytest.mark.slow
def test_little_disk_and_memory_are_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "DISK_GB", 1e6)
    monkeypatch.setattr(doctor, "MEMORY_GB", 1e6)
    assert "free 1000000 GB" in found(root, "disk").way_out
    assert "spark.driver.memory" in found(root, "memory").way_out


def test_root_without_setpriv_gets_a_finding(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(root))
    assert found(root, "a user for PostgreSQL").way_out == "apt-get install util-linux, or be another user"


def test_root_without_a_user_for_the_server_gets_a_finding(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(server_user, "may_mount", lambda: False)
    monkeypatch.setattr(server_user, "NOBODY", "nobody-of-that-name")
    assert "nobody-of-that-name" in found(root, "a user for PostgreSQL").detail


def test_fixed_port_that_is_taken_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        monkeypatch.setenv("CATALOG_PORT", str(port))
        assert f"port {port} (CATALOG_PORT) is taken" in found(root, "ports").detail


def test_port_of_a_dead_service_that_a_stranger_took_is_no_problem(root: Path) -> None:
    (root / "var/run").mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        ports.ports_file(root).write_text(json.dumps({"CATALOG_PORT": stranger.getsockname()[1]}))
        assert found(root, "ports").ok


def test_path_with_a_blank_is_named(root: Path) -> None:
    odd = root / "my lake"
    shutil.copytree(root / "targets", odd / "targets")
    shutil.copytree(root / "requirements", odd / "requirements")
    assert "move the checkout" in found(odd, "path of the checkout").way_out


@pytest.mark.parametrize(
    ("release", "path", "is_one"),
    [
        ("5.15.167.4-microsoft-standard-WSL2", "/mnt/c/lake", True),
        ("5.15.167.4-microsoft-standard-WSL2", "/home/dev/lake", False),
        ("6.1.0-30-amd64", "/mnt/disk/lake", False),
    ],
)
def test_checkout_on_a_drive_of_windows_is_known(release: str, path: str, is_one: bool) -> None:
    assert doctor.is_windows_drive(release, Path(path)) is is_one


def test_checkout_on_a_drive_of_windows_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "is_windows_drive", lambda release, path: True)
    assert "home folder of WSL" in found(root, "path of the checkout").way_out


def test_way_out_is_that_of_the_machine(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(sys, "platform", "darwin")
    assert doctor.python().way_out == "brew install python@3.11, or PYTHON=/path/to/python3.11"


@pytest.mark.parametrize("what", ["containers: engine", "containers: compose"])
def test_containers_are_no_need_and_their_lack_has_a_way_out(
    root: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    lacking = found(root, what)
    assert (lacking.ok, lacking.is_in_order) == (False, True)
    assert "only make up needs it" in lacking.detail
    assert "apt-get install" in lacking.way_out


@pytest.mark.parametrize(
    ("running", "answer", "ok", "detail"),
    [
        ("", "", True, "the stack is not up"),
        ("1a2b", "deftunes-landing at http://object-store:9000", True, "deftunes-landing at http://object-store:9000"),
        ("1a2b", "", False, "it does not take the platform's account"),
    ],
)
def test_store_of_a_running_stack_is_queried(
    running: str, answer: str, ok: bool, detail: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\ncase "$*" in *" ps "*) echo "{running}" ;; *" exec "*) echo "{answer}" ;; esac\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    finding = doctor.object_store(tmp_path)
    assert (finding.ok, finding.detail, finding.is_in_order) == (ok, detail, True)
