"""Another user of the machine attacks a platform that runs: nothing is read, changed, held up or ended.

Each attack is a function that a process of that user runs; what it returns is what it got. Nobody listens on a port of
his longer than his test, and all of it stays on loopback.
"""

import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import zmq
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

from deftunes import target
from deftunes.lake.catalog import secret_spark_settings
from deftunes.run import worker_client
from deftunes.run.pipeline import Pipeline, RunRequest, pipeline
from deftunes.services import lifecycle, passwords, ports, programs, supervision
from deftunes.system import processes
from spark_jobs.window import Window
from tests import spark_ports
from tests.checkout import Checkout, checkout, default_signals
from tests.end_to_end.conftest import SCALE, SEED

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="making another user takes root (2026-11)"),
    pytest.mark.skipif(shutil.which("useradd") is None, reason="making another user takes useradd (2026-11)"),
]
NAME = "deftunes-stranger"


@pytest.fixture(scope="module")
def stranger() -> Iterator[int]:
    """The id of a user made for these tests, also after tests that were killed."""
    subprocess.run(["userdel", NAME], capture_output=True, check=False)
    subprocess.run(["useradd", "--no-create-home", "--shell", "/bin/false", NAME], check=True)
    try:
        yield pwd.getpwnam(NAME).pw_uid
    finally:
        subprocess.run(["userdel", NAME], check=True)


@pytest.fixture(scope="module")
def line() -> Iterator[Pipeline]:
    """A pipeline that has run a day, its session warm, in a checkout that everybody may walk to."""
    folder = Path(tempfile.mkdtemp(prefix="deftunes-attacked-"))
    folder.chmod(0o755)
    root = checkout(folder / "checkout").root
    try:
        request = RunRequest((), SEED, SCALE, None)
        with pipeline(target.load("embedded", root, {}), request, lambda line: None) as running:
            running.run_window(Window.parse("2020-03-01", "2020-03-01"), lambda progress: None)
            yield running
    finally:
        lifecycle.down(root)
        shutil.rmtree(folder)


def as_user(user: int, attack: Callable[[], Any]) -> Any:
    """What `attack` returns in a process of that user; the name of the error that stops it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        got: Any = "nothing"
        with suppress(BaseException):
            os.close(reading)
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            try:
                got = attack()
            except Exception as error:
                got = type(error).__name__
            os.write(writing, json.dumps(got).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as received:
        answer = received.read()
    os.waitpid(child, 0)
    return json.loads(answer)


def status(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_the_catalog_takes_nothing_from_a_stranger(stranger: int, line: Pipeline) -> None:
    at = f"{line.ends.catalog_uri}/v1/namespaces"
    tables = f"{at}/deftunes_silver/tables"
    planted = {"name": "planted", "metadata-location": "file:///tmp/planted.json"}
    attacks = [
        ("GET", at, None),
        ("DELETE", f"{tables}/sessions?purgeRequested=true", None),
        ("POST", f"{at}/deftunes_silver/register", planted),
        ("POST", tables, {"name": "planted", "schema": {"type": "struct", "fields": []}, "location": "file:///tmp/x"}),
        ("POST", at, {"namespace": ["planted"], "properties": {}}),
    ]
    for method, url, body in attacks:
        data = None if body is None else json.dumps(body).encode()
        for headers in ({}, {"Authorization": "Bearer guess"}):
            request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers}, method=method)
            assert as_user(stranger, lambda request=request: status(request)) == 401, (method, url)


def test_no_file_below_var_is_listed_read_or_locked(stranger: int, line: Pipeline) -> None:
    var = line.root / "var"
    attacks: dict[str, Callable[[], Any]] = {
        "list": lambda: os.listdir(var),
        "read": lambda: (var / "secrets.env").read_text(),
        "log": lambda: (var / "logs/spark.log").read_text(),
        "served": lambda: len((var / "serving/serving.duckdb").read_bytes()),
        "lock": lambda: os.open(var / "run/run.lock", os.O_RDONLY),
        "services": lambda: os.open(var / "run/services.lock", os.O_RDONLY),
        "plant": lambda: (var / "lake/warehouse/planted").write_text("x"),
        "socket": lambda: socket.socket(socket.AF_UNIX).connect(str(var / "run/spark.sock")),
    }
    assert {name: as_user(stranger, attack) for name, attack in attacks.items()} == dict.fromkeys(
        attacks, "PermissionError"
    )
    files = [path for path in var.rglob("*") if not path.is_relative_to(var / "jars") and not path.is_symlink()]
    assert [str(path) for path in files if path.stat().st_mode & 0o077] == []


def test_no_secret_stands_in_an_argument_and_no_process_shows_its_environment(stranger: int, line: Pipeline) -> None:
    root, hidden = line.root, passwords.load(line.root)
    ours = processes.processes_of_checkout(root)
    everybody = {*ours, *(child for number in ours for child in children(number))}
    assert len(everybody) > len(ours)  # the JVM of the worker, the servers of PostgreSQL
    for number in everybody:
        arguments = as_user(stranger, lambda number=number: Path(f"/proc/{number}/cmdline").read_text())
        assert [name for name, word in hidden.items() if word in arguments] == [], arguments
        attacks = {
            "environment": lambda number=number: Path(f"/proc/{number}/environ").read_text(),
            "files": lambda number=number: os.listdir(f"/proc/{number}/fd"),
            "folder": lambda number=number: os.readlink(f"/proc/{number}/cwd"),
            "memory": lambda number=number: os.open(f"/proc/{number}/mem", os.O_RDONLY),
            "end": lambda number=number: os.kill(number, 9),
        }
        for name, attack in attacks.items():
            assert as_user(stranger, attack) == "PermissionError", (name, number)
    assert set(processes.processes_of_checkout(root)) >= set(ours)


def test_no_secret_lies_in_a_file_but_in_two_of_their_owner(line: Pipeline) -> None:
    """After a run: no log, no compiled SQL of dbt, no file of the catalog has one."""
    var, hidden = line.root / "var", [word.encode() for word in passwords.load(line.root).values()]
    private = {passwords.secrets_file(line.root), supervision.config_file(line.root)}
    files = {path for path in var.rglob("*") if path.is_file() and not path.is_relative_to(var / "jars")} - private
    assert len(files) > 100
    assert [str(path) for path in files if any(word in path.read_bytes() for word in hidden)] == []


def children(number: int) -> list[int]:
    tasks = Path(f"/proc/{number}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def test_sparks_ports_answer_no_stranger(stranger: int, line: Pipeline, tmp_path: Path) -> None:
    [worker] = [each.pid for each in lifecycle.status(line.root) if each.name == "spark" and each.pid]
    found = spark_ports.listening_ports(children(worker)[0])
    assert found
    assert as_user(stranger, lambda: [port for port in found if spark_ports.looks_for_blocks(port)]) == []

    # The same attack on a session that asks for no secret, so that the line above says something.
    target_of_run = line.ends.target
    conf = {**target_of_run.spark_conf, "spark.authenticate": "false", "spark.network.crypto.enabled": "false"}
    log = tmp_path / "open.log"
    log.touch()
    with (
        worker_client.worker_of_its_own(line.root, log) as channel,
        log.open() as lock,
        worker_client.SparkJobs(channel, conf, secret_spark_settings(target_of_run), {}, lock.fileno(), log),
    ):
        deadline = time.monotonic() + 120
        found = set()
        while not as_user(stranger, lambda found=found: [port for port in found if spark_ports.looks_for_blocks(port)]):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.5)
            jvms = [child for number in children(os.getpid()) for child in children(number)]
            found = {port for jvm in jvms for port in spark_ports.listening_ports(jvm)}


@contextmanager
def a_notebook(root: Path) -> Iterator[tuple[str, str]]:
    """`deftunes notebook` in that checkout; its address and token."""
    with default_signals():
        server = Checkout(root).start("notebook")
    files = root / "var/run/jupyter"
    try:
        wait_until(lambda: any(files.glob("jpserver-*.json")), server, root / "started.log")
        [page] = files.glob("jpserver-*.json")
        found = json.loads(page.read_text())
        wait_until(lambda: answers(f"{found['url']}api"), server, root / "started.log")
        yield found["url"], found["token"]
    finally:
        server.terminate()
        server.wait(60)


def wait_until(holds: Callable[[], bool], server: "subprocess.Popen[str]", log: Path) -> None:
    deadline = time.monotonic() + 300
    while not holds():
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.5)


def answers(address: str) -> bool:
    with suppress(OSError):
        return status(urllib.request.Request(address)) == 200
    return False


def overhears(port: int, reading: int) -> bool:
    """Whether somebody without keys is sent what a kernel says on its port; he tells the pipe once he listens."""
    with zmq.Context() as context, context.socket(zmq.SUB) as listener:
        listener.setsockopt(zmq.SUBSCRIBE, b"")
        listener.connect(f"tcp://127.0.0.1:{port}")
        os.write(reading, b".")
        return bool(listener.poll(10_000))


def is_overheard(stranger: int, keys: Path) -> bool:
    """Whether a stranger hears what the kernel of that connection file answers to its owner."""
    client = BlockingKernelClient()
    client.load_connection_file(str(keys))
    client.start_channels()
    reading, writing = os.pipe()

    def speak() -> None:
        os.read(reading, 1)
        for _ in range(8):
            time.sleep(0.5)
            client.execute("'a name of somebody'")

    speaking = threading.Thread(target=speak)
    try:
        wait_for_kernel(client)
        speaking.start()
        heard = as_user(stranger, lambda: overhears(client.iopub_port, writing))
        speaking.join()
        assert heard in (True, False), heard
        return bool(heard)
    finally:
        client.stop_channels()


def wait_for_kernel(client: BlockingKernelClient) -> None:
    """Returns when the kernel answers; while it is starting, its client takes it for dead."""
    deadline = time.monotonic() + 300
    while True:
        try:
            client.wait_for_ready(30)
        except RuntimeError:
            assert time.monotonic() < deadline, "the kernel does not answer"
            time.sleep(1)
        else:
            return


def arguments_of_all() -> list[str]:
    """The command lines of all processes of the machine."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(path.read_text())
    return found


@pytest.mark.kit
def test_a_notebook_shows_a_stranger_nothing(stranger: int, line: Pipeline) -> None:
    """Neither its page, nor the file with the keys of a kernel, nor what that says on its ports of loopback."""
    files = line.root / "var/run/jupyter"
    with a_notebook(line.root) as (address, token):
        start = json.dumps({"name": "lake"}).encode()
        for path, data in (("contents/lake.ipynb", None), ("kernels", None), ("kernels", start), ("sessions", None)):
            for headers in ({}, {"Authorization": "token guess"}):
                request = urllib.request.Request(f"{address}api/{path}", data, headers)
                assert as_user(stranger, lambda request=request: status(request)) == 403, path
        owner = {"Authorization": f"token {token}"}
        assert status(urllib.request.Request(f"{address}api/contents/lake.ipynb", headers=owner)) == 200
        assert status(urllib.request.Request(f"{address}api/kernels", start, owner)) == 201
        [keys] = files.glob("kernel-*.json")
        assert as_user(stranger, lambda: keys.read_text()) == "PermissionError"
        assert not is_overheard(stranger, keys)
        arguments = as_user(stranger, arguments_of_all)
        assert any("jupyter-lab" in text for text in arguments)
        assert [text for text in arguments if token in text] == []


@pytest.mark.kit
def test_a_kernel_that_speaks_openly_is_overheard(stranger: int, tmp_path: Path) -> None:
    """The same attack on a kernel without keys, so that the test above says something."""
    manager = KernelManager(connection_file=str(tmp_path / "kernel.json"))
    manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert is_overheard(stranger, tmp_path / "kernel.json")
    finally:
        manager.shutdown_kernel(now=True)


def test_the_database_lets_no_stranger_in_and_reads_no_file_of_roots(stranger: int, line: Pipeline) -> None:
    port = ports.last_ports(line.root)["POSTGRES_PORT"]
    for user in ("postgres", "catalog", "deftunes"):
        for password in ("", "postgres", user):
            attack = {"host": "127.0.0.1", "port": port, "user": user, "password": password, "dbname": "postgres"}
            got = as_user(stranger, lambda attack=attack: str(psycopg2.connect(**attack)))
            assert got == "OperationalError", (user, password)

    # Should the superuser's password fall, the machine does not.
    secrets = passwords.load(line.root)
    superuser = psycopg2.connect(
        host="127.0.0.1", port=port, user="postgres", password=secrets["POSTGRES_PASSWORD"], dbname="postgres"
    )
    superuser.autocommit = True
    with superuser.cursor() as cursor:
        cursor.execute("create temporary table seen (line text)")
        for program in (
            "cat /etc/shadow",
            f"cat {line.root}/var/secrets.env",
            f"ls {line.root}/var",
            f"cat /proc/{os.getpid()}/environ",
            "ls /root",
            "test -w /etc/passwd && echo writable",
        ):
            with pytest.raises(psycopg2.Error, match="failed"):
                cursor.execute(f"copy seen from program '{program}'")
        with pytest.raises(psycopg2.Error, match=r"[Pp]ermission denied"):
            cursor.execute("select pg_read_file('/etc/shadow')")
        cursor.execute("select count(*) from seen")
        assert cursor.fetchone() == (0,)
    superuser.close()


def test_a_stranger_on_our_ports_gets_no_secret(stranger: int, line: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """The services are down, and somebody listens where they did; then they are asked, started and used."""
    root = line.root
    lifecycle.down(root)
    before, hidden = ports.last_ports(root), passwords.load(root)
    with squatting(stranger, sorted(before.values())) as heard:
        assert {each.state for each in lifecycle.status(root)} == {"stopped"}
        with pytest.raises(ports.PortError, match=rf"CATALOG_PORT\) is held by user {stranger}"):
            secret_spark_settings(target.load("embedded", root, {}))
        with pytest.raises(ports.PortError, match=f"held by user {stranger}"):
            supervision.Supervisor(root, before["CONTROL_PORT"], "x").ask("getState")
        lifecycle.up(target.load("embedded", root, {}), SEED, SCALE)
        assert not set(ports.last_ports(root).values()) & set(before.values())
        received = heard()
    assert [name for name, word in hidden.items() if word.encode() in received] == []
    lifecycle.up(target.load("embedded", root, {}), SEED, SCALE)


class squatting:  # noqa: N801  read as a statement
    """Somebody who listens on ports and keeps what he is sent, until the block ends."""

    def __init__(self, user: int, numbers: list[int]) -> None:
        self._reading_end, writing_end = os.pipe()
        self._stop, stopping = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            with suppress(BaseException):
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
                listeners = [socket.create_server(("127.0.0.1", number)) for number in numbers]
                os.write(writing_end, b"ready\n")
                for listener in listeners:
                    threading.Thread(target=keep, args=(listener, writing_end), daemon=True).start()
                os.close(stopping)
                os.read(self._stop, 1)
            os._exit(0)
        os.close(writing_end)
        self._stopping = stopping

    def __enter__(self) -> Callable[[], bytes]:
        assert os.read(self._reading_end, 6) == b"ready\n"
        return self._heard

    def _heard(self) -> bytes:
        os.set_blocking(self._reading_end, False)
        with suppress(BlockingIOError):
            return os.read(self._reading_end, 1 << 20)
        return b""

    def __exit__(self, *_: object) -> None:
        os.close(self._stopping)
        os.waitpid(self._child, 0)


def keep(listener: socket.socket, writing_end: int) -> None:
    while True:
        connection, _ = listener.accept()
        connection.settimeout(2)
        with suppress(OSError):
            connection.sendall(b"HTTP/1.1 401 x\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
            os.write(writing_end, connection.recv(10_000))
        connection.close()


def test_a_stranger_with_our_mark_is_left_alone_and_holds_nobody_up(stranger: int, line: Pipeline) -> None:
    command = ["setpriv", f"--reuid={stranger}", "--clear-groups", "sh", "-c", "read line; :", programs.mark(line.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as marked:
        try:
            time.sleep(0.5)
            assert marked.pid not in processes.processes_of_checkout(line.root)
            began = time.monotonic()
            lifecycle.down(line.root)
            assert time.monotonic() - began < lifecycle.STOP_PATIENCE_S + 20
            assert marked.poll() is None
        finally:
            marked.kill()
