"""A PostgreSQL that need not outlive its work, of the lake's wheel: what stands behind a Redshift front."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2

from deftunes.services import ports, server_user
from rehearsal.processes import PATIENCE_S, Running, StartError, process


@contextmanager
def serving(root: Path, folder: Path) -> Iterator[int]:
    """Its port, for as long as the context lasts; data and log go below `folder`. Superuser `postgres`, no password."""
    data, port = folder / "postgres", ports.any_free(f"{folder}/postgres", set())
    data.mkdir()
    server_user.give(root, data)
    where = ("-D", str(server_user.data_of_server(data)))
    options = (*where, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
    subprocess.run(server_user.command(root, data, "initdb", *options), check=True, capture_output=True)
    command = server_user.command(root, data, "postgres", *where, "-p", str(port), "-k", "")
    tuned = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "shared_buffers=64MB"]
    with process("postgres", [*command, *tuned], folder, {"LC_ALL": "C"}) as running:
        _until_it_answers(running, dsn(port))
        yield port


def create_database(port: int, database: str, user: str, password: str) -> None:
    """A database that sorts as Redshift does, and the administrator it belongs to."""
    with closing(psycopg2.connect(dsn(port))) as connection:
        connection.autocommit = True  # a database is not made within a transaction
        with connection.cursor() as cursor:
            cursor.execute(f"create role {user} login createrole password %s", (password,))
            # Redshift's administrator may give things to the users it makes, and take them again.
            cursor.execute(f"alter role {user} set createrole_self_grant to 'set, inherit'")
            cursor.execute(f"create database {database} owner {user} template template0 locale 'C'")


def dsn(port: int, database: str = "postgres") -> str:
    return f"postgresql://postgres@127.0.0.1:{port}/{database}"


def _until_it_answers(running: Running, address: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            psycopg2.connect(address).close()
            return
        except psycopg2.OperationalError as error:
            if running.handle.poll() is not None or time.monotonic() > deadline:
                raise StartError(f"PostgreSQL does not answer: {error} ({running.log})") from error
            time.sleep(0.1)
