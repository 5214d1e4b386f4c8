"""What stands for Redshift Serverless: a PostgreSQL of its own, and the front that speaks Redshift's wire before it."""

import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redshift_connector

from deftunes.services import ports
from deftunes.setup import runtimes
from rehearsal import postgres
from rehearsal.glue.emulators import REGION, Emulators
from rehearsal.processes import PATIENCE_S, Running, StartError, process

# What terraform/modules/serving asks Redshift for.
DATABASE, USER = "deftunes", "deftunes_admin"


@dataclass(frozen=True)
class Warehouse:
    """The front's address, and the administrator it knows."""

    host: str
    port: int
    database: str
    user: str
    password: str

    def connection(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("host", "port", "database", "user", "password")}

    def environment(self) -> tuple[tuple[str, str], ...]:
        """What dbt's profile `aws` reads; without TLS, which the front has none of."""
        variables = [(f"REDSHIFT_{name.upper()}", str(value)) for name, value in self.connection().items()]
        return (*variables, ("REDSHIFT_SSLMODE", "disable"))

    def rows(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Column names and rows of one question, asked with Redshift's own driver."""
        connection = redshift_connector.connect(ssl=False, **self.connection())
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                names = [str(each[0]) for each in cursor.description or ()]
                return names, [tuple(row) for row in cursor.fetchall()]
        finally:
            connection.close()

    def execute(self, sql: str) -> None:
        """Runs one statement on its own."""
        connection = redshift_connector.connect(ssl=False, **self.connection())
        try:
            connection.autocommit = True
            connection.cursor().execute(sql)
        finally:
            connection.close()


@contextmanager
def serving(root: Path, emulators: Emulators) -> Iterator[Warehouse]:
    """The warehouse, empty, for as long as the context lasts."""
    folder = emulators.folder / "redshift"
    folder.mkdir()
    with ExitStack() as ending:
        behind = ending.enter_context(postgres.serving(root, folder))
        port = ports.any_free(f"{root}/redshift", {behind})
        house = Warehouse("127.0.0.1", port, DATABASE, USER, secrets.token_hex(12))
        postgres.create_database(behind, house.database, house.user, house.password)
        catalog = [f"--catalog={name}={value}" for name, value in catalog_properties(emulators).items()]
        command = [str(runtimes.lake_python(root)), "-m", "rehearsal.redshift", "--listen", str(house.port), *catalog]
        command.append(f"--postgres={postgres.dsn(behind, DATABASE)}")
        front = ending.enter_context(process("front", command, folder, {"PYTHONPATH": str(root)}, cwd=root))
        _until_it_listens(front)
        yield house


def catalog_properties(emulators: Emulators) -> dict[str, str]:
    """Of pyiceberg's catalog: the Glue and S3 that the jobs write to."""
    return {
        "type": "glue",
        "glue.endpoint": emulators.aws_url,
        "glue.region": REGION,
        "glue.access-key-id": "testing",
        "glue.secret-access-key": "testing",
        "s3.endpoint": emulators.s3_url,
        "s3.region": REGION,
        "s3.access-key-id": emulators.s3_user,
        "s3.secret-access-key": emulators.s3_password,
    }


def _until_it_listens(front: Running) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while "listening on" not in front.log.read_text(errors="replace"):
        if front.handle.poll() is not None or time.monotonic() > deadline:
            raise StartError(f"the front does not listen: {front.log.read_text()[-1500:]} ({front.log})")
        time.sleep(0.1)
