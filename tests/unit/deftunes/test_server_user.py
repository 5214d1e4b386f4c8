"""Who PostgreSQL runs as: under root a number of its own without any right, which sees its own folders only."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from deftunes.services import server_user
from deftunes.services.server_user import ServerUserError
from tests.checkout import PROJECT

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="changing to another user takes root (2026-11)")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory that only root can walk to."""
    folder = tmp_path / "var/postgres"
    folder.mkdir(parents=True)
    (tmp_path / "var").chmod(0o700)
    (tmp_path / ".venv").symlink_to(PROJECT / ".venv")
    (folder / "PG_VERSION").write_text("16\n")
    server_user.give(tmp_path, folder)
    return folder


def run_in_view(data: Path, script: str) -> "subprocess.CompletedProcess[str]":
    """What a shell says in the place of a program of PostgreSQL."""
    program = server_user.command(PROJECT, data, "postgres")
    return subprocess.run([*program[:-1], "sh", "-c", script], capture_output=True, text=True, check=False)


@as_root
@pytest.mark.skipif(not server_user.may_mount(), reason="this container may not mount (2026-11)")
def test_server_has_no_right_and_reads_no_file_of_roots(tmp_path: Path, data: Path) -> None:
    secret = tmp_path / "var/secrets.env"
    secret.write_text("A=b\n")
    secret.chmod(0o600)
    server_user.give(PROJECT, data)
    program = server_user.command(PROJECT, data, "postgres")
    seen = run_in_view(
        data, "id -u; id -G; grep -c '^Cap.*:.*[1-9a-f]' /proc/self/status; grep NoNewPrivs /proc/self/status"
    )
    uid = str(server_user.user_id(PROJECT))
    assert seen.stdout.split() == [uid, uid, "0", "NoNewPrivs:", "1"], seen.stderr
    attacks = (f"cat {secret}", "cat /etc/shadow", f"ls {tmp_path}/var", f"cat /proc/{os.getpid()}/environ")
    for attack in (*attacks, "mount -t tmpfs tmpfs /mnt", f"kill -0 {os.getpid()}"):
        assert run_in_view(data, attack).returncode != 0, attack
    assert run_in_view(data, "cat /mnt/data/PG_VERSION").stdout == "16\n"
    assert Path(program[-1]).is_relative_to(server_user.VIEW)
    assert not (server_user.VIEW / "data/PG_VERSION").exists()  # the view is the server's alone


@as_root
def test_data_that_an_older_version_gave_to_nobody_change_hands(tmp_path: Path, data: Path) -> None:
    nobody = 65_534
    os.chown(data, nobody, nobody)
    os.chown(data / "PG_VERSION", nobody, nobody)
    server_user.give(tmp_path, data)
    assert {path.stat().st_uid for path in (data, data / "PG_VERSION")} == {server_user.user_id(tmp_path)}


def test_programs_that_were_installed_under_a_strict_umask_can_be_started(tmp_path: Path) -> None:
    package = tmp_path / "wheel"
    for folder in (package / "bin", tmp_path / "wheel.libs"):
        folder.mkdir(parents=True)
    for path, mode in ((package / "bin/initdb", 0o700), (package / "share", 0o600)):
        path.touch()
        path.chmod(mode)
    for folder in (package, package / "bin", tmp_path / "wheel.libs"):
        folder.chmod(0o700)
    server_user.open_programs(package)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {"wheel": 0o755, "wheel.libs": 0o755, "bin": 0o755, "initdb": 0o755, "share": 0o644}


@as_root
def test_root_who_may_not_mount_opens_var_to_nobody_alone(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_user, "may_mount", lambda: False)
    with pytest.raises(ServerUserError, match=r"nobody cannot reach .*postgres: .*move the checkout, open its parent"):
        server_user.give(tmp_path, data)  # a test's folder is root's alone
    mode = (tmp_path / "var").stat()
    assert (stat.S_IMODE(mode.st_mode), mode.st_uid) == (0o710, 0)


def test_who_is_not_root_runs_it_as_himself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert server_user.command(PROJECT, tmp_path, "initdb", "-D", "x")[1:] == ["-D", "x"]
    assert server_user.data_of_server(tmp_path) == tmp_path
    assert [user for user in (0, 1000, 65_534) if server_user.may_be(user)] == [1000]
