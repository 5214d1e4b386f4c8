"""A PostgreSQL of its own for tests, of the lake's wheel, on a free port of loopback."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from deftunes import postgres, runtimes

ROOT = Path(__file__).parents[3]


@contextmanager
def running(folder: Path) -> Iterator[int]:
    """The port, for as long as the server runs. Superuser `postgres`, no password."""
    data, port = folder / "postgres", free_port()
    data.mkdir()
    if postgres.as_server_user():
        shutil.chown(data, postgres.SERVER_USER, postgres.server_group())
    prefix = postgres.as_server_user()
    made = [*prefix, str(runtimes.postgres(ROOT, "initdb")), "-D", str(data), "-U", "postgres", "--auth=trust"]
    subprocess.run([*made, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"], check=True, capture_output=True)
    command = [*prefix, str(runtimes.postgres(ROOT, "postgres")), "-D", str(data), "-p", str(port), "-k", ""]
    tuned = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "shared_buffers=64MB"]
    with (folder / "postgres.log").open("wb") as log:
        server = subprocess.Popen([*command, *tuned], stdout=log, stderr=log)
    try:
        _await(server, port, folder / "postgres.log")
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _await(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(200):
        assert server.poll() is None, log.read_text()
        try:
            psycopg2.connect(dsn(port)).close()
        except psycopg2.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())


def dsn(port: int, database: str = "postgres") -> str:
    return f"postgresql://postgres@127.0.0.1:{port}/{database}"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
