"""A front as a process of its own, as `python -m rehearsal.redshift` starts it, and real clients of it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redshift_connector

from rehearsal import postgres

ROOT = Path(__file__).parents[3]

DATABASE, USER, PASSWORD = "deftunes", "deftunes_admin", "secret"


@dataclass(frozen=True)
class Running:
    """`port` is the front's, `behind` that of PostgreSQL."""

    port: int
    behind: int

    def connect(self, user: str = USER) -> redshift_connector.Connection:
        """Redshift's own driver; every statement a transaction of its own."""
        connection = redshift_connector.connect(
            host="127.0.0.1", port=self.port, database=DATABASE, user=user, password=PASSWORD, ssl=False
        )
        connection.autocommit = True
        return connection

    def rows(self, sql: str, user: str = USER) -> list[tuple[Any, ...]]:
        """What a statement says, over a connection of its own."""
        with self.connect(user) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []


@contextmanager
def running(folder: Path, catalog: dict[str, str]) -> Iterator[Running]:
    with postgres.serving(ROOT, folder) as behind:
        postgres.create_database(behind, DATABASE, USER, PASSWORD)
        arguments = [f"--catalog={name}={value}" for name, value in catalog.items()]
        command = [sys.executable, "-m", "rehearsal.redshift", "--listen=0", *arguments]
        command.append(f"--postgres={postgres.dsn(behind, DATABASE)}")
        with (folder / "front.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log)
        assert process.stdout is not None
        try:
            announcement = process.stdout.readline().decode()
            assert announcement.startswith("listening on"), (folder / "front.log").read_text()
            yield Running(int(announcement.rsplit(":", 1)[1]), behind)
        finally:
            process.terminate()
            process.wait(30)
            process.stdout.close()


def error_fields(error: redshift_connector.Error) -> dict[str, str]:
    """The fields of an error of the server: C the SQLSTATE, M the message, D the detail, H the hint."""
    fields = error.args[0]
    assert isinstance(fields, dict), fields
    return fields
