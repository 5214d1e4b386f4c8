"""The parts of the services that need none running: what is rendered, parsed, kept secret."""

import os
import shlex
import signal
import socket
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from supervisor.options import ServerOptions  # type: ignore[import-untyped]

from deftunes.services import crashes, passwords, ports, supervision
from deftunes.services.mock_source import MockSource, SourceError
from deftunes.services.programs import Program, mark
from deftunes.system import processes


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("var/run", "var/logs"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def test_passwords_are_made_once_and_for_the_owner_only(root: Path) -> None:
    first, new = passwords.ensure(root)
    again, new_again = passwords.ensure(root)
    assert (new, new_again, first) == (True, False, again)
    assert sorted(first) == sorted(passwords.NAMES)
    assert len(set(first.values())) == len(passwords.NAMES)
    assert stat.S_IMODE(passwords.secrets_file(root).stat().st_mode) == 0o600


def test_password_file_open_to_others_is_closed_again(root: Path) -> None:
    passwords.ensure(root)
    passwords.secrets_file(root).chmod(0o644)
    passwords.ensure(root)
    assert stat.S_IMODE(passwords.secrets_file(root).stat().st_mode) == 0o600


def test_emptied_password_is_made_anew_and_the_others_stay(root: Path) -> None:
    first, _ = passwords.ensure(root)
    passwords.write(root, first | {"SOURCE_PASSWORD": ""})
    again, new = passwords.ensure(root)
    assert new
    assert again == first | {"SOURCE_PASSWORD": again["SOURCE_PASSWORD"]}
    assert again["SOURCE_PASSWORD"] not in ("", first["SOURCE_PASSWORD"])


def test_configuration_says_what_supervisord_reads(root: Path) -> None:
    """supervisord's own parser is the judge: blanks, quotes, percent signs and backslashes arrive as they were."""
    words = ("/bin/echo", "a b", 'say "x"', "100%", "back\\slash", "%(here)s")
    program = Program("odd", words, "INT", {"SECRET": "p%s'w,=\\"})
    supervision.write_configuration(root, supervision.configuration(root, (program,), 4321, "pass%word"))
    options = ServerOptions()
    options.realize(["-c", str(supervision.config_file(root))])
    [group] = options.process_group_configs
    [process] = group.process_configs
    assert tuple(shlex.split(process.command)) == words
    assert process.environment["SECRET"] == "p%s'w,=\\"
    assert options.server_configs[0]["password"] == "pass%word"
    assert (options.server_configs[0]["host"], options.server_configs[0]["port"]) == ("127.0.0.1", 4321)


def test_configuration_is_for_the_owner_only_and_written_when_it_changed(root: Path) -> None:
    assert [supervision.write_configuration(root, text) for text in ("a", "a", "b")] == [True, False, True]
    assert stat.S_IMODE(supervision.config_file(root).stat().st_mode) == 0o600


def test_crashes_are_read_from_the_supervisors_log(root: Path) -> None:
    moment = datetime.now(UTC).replace(microsecond=0)
    stamp = moment.strftime("%Y-%m-%d %H:%M:%S,000")
    old = (moment - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S,000")
    supervision.log_file(root, "supervisord").write_text(
        f"{old} WARN exited: catalog (exit status 1; not expected)\n"
        f"{stamp} INFO spawned: 'catalog' with pid 12\n"
        f"{stamp} WARN exited: postgres (terminated by SIGKILL; not expected)\n"
        f"{stamp} INFO stopped: mock_api (exit status 0)\n"
    )
    [crash] = crashes.since(root, moment - timedelta(seconds=1))
    assert (crash.name, crash.how, crash.at) == ("postgres", "terminated by SIGKILL", moment.astimezone(UTC))
    assert crash.log == supervision.log_file(root, "postgres")
    last = crashes.last_of(root, "catalog")
    assert last is not None
    assert last.how == "exit status 1"


def test_marked_process_is_found_and_ended_and_a_neighbours_is_not(tmp_path: Path) -> None:
    ours, neighbours = tmp_path / "a", tmp_path / "ab"
    sleep = ["-c", "import time; time.sleep(60)"]
    mine = subprocess.Popen([sys.executable, "-X", mark(ours), *sleep])
    other = subprocess.Popen([sys.executable, "-X", mark(neighbours), *sleep])
    try:
        assert list(processes.processes_of_checkout(ours)) == [mine.pid]
        assert processes.end(ours) == [mine.pid]
        assert (mine.wait(), other.poll()) == (-signal.SIGTERM, None)
    finally:
        for process in (mine, other):
            process.kill()
            process.wait()


def test_source_fingerprint_changes_with_the_file(tmp_path: Path) -> None:
    csv = tmp_path / "songs.csv"
    csv.write_text("a")
    first = MockSource(1, 1.0, csv).fingerprint()
    csv.write_text("ab")
    assert MockSource(1, 1.0, csv).fingerprint() != first
    assert MockSource(1, 1.0).fingerprint() != MockSource(2, 1.0).fingerprint()


def test_source_csv_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"SONGS_CSV .*none\.csv cannot be read \(No such file"):
        MockSource(1, 1.0, tmp_path / "none.csv").fingerprint()


def test_password_of_supervisord_is_not_sent_to_another_user(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as stranger:
        supervisor = supervision.Supervisor(root, stranger.getsockname()[1], "secret")
        me = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: me + 1)
        with pytest.raises(ports.PortError, match=rf"CONTROL_PORT\) is held by user {me}"):
            supervisor.ask("getState")
        assert not supervisor.is_running()
        stranger.settimeout(0.2)
        with pytest.raises(TimeoutError):
            stranger.accept()


def test_process_of_another_user_with_our_mark_is_not_ours(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-c", "print('up', flush=True); input()", mark(root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        assert processes.processes_of_checkout(root).keys() == {process.pid}
        monkeypatch.setattr(processes, "user", lambda number: 12_345)
        assert processes.processes_of_checkout(root) == {}
        process.communicate(b"\n")
