"""The data directory of the embedded PostgreSQL, and who the server runs as.

One server with two databases: `catalog` (tables of the Iceberg catalog) and `deftunes` (the song database), each owned
by a role of its name. It listens on loopback TCP only, and every connection needs a password.
"""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deftunes.services import server_user
from deftunes.services.ports import LOOPBACK
from deftunes.system.program_environment import LOCALE, program_environment

ROLES = {"catalog": "CATALOG_PASSWORD", "deftunes": "SOURCE_PASSWORD", "postgres": "POSTGRES_PASSWORD"}


class PostgresError(Exception):
    """The data directory cannot be made or changed; the message holds what the program said."""


def data_folder(root: Path) -> Path:
    return root / "var/postgres"


def is_initialised(root: Path) -> bool:
    return (data_folder(root) / "PG_VERSION").is_file()


def initialise(root: Path, secrets: Mapping[str, str]) -> None:
    """Make var/postgres with both databases and roles. It appears whole or not at all. Raises PostgresError."""
    new = data_folder(root).with_name("postgres.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    server_user.give(root, new)
    # Nobody may come in until the file below says who may: so initdb needs no password, nor a file to read it from.
    run(root, new, "initdb", "-D", str(server_user.data_of_server(new)), "-U", "postgres", "--auth=reject",
        "--encoding=UTF8", f"--locale={LOCALE}", "--no-sync", "--no-instructions")  # fmt: skip
    (new / "pg_hba.conf").write_text(f"host all all {LOOPBACK}/32 scram-sha-256\n")
    statements(root, new, [*owned_database("catalog"), *owned_database("deftunes"), *password_statements(secrets)])
    new.rename(data_folder(root))


def change_passwords(root: Path, secrets: Mapping[str, str]) -> None:
    """Give the roles of a stopped server the passwords of var/secrets.env, which was lost. Raises PostgresError."""
    server_user.give(root, data_folder(root))
    statements(root, data_folder(root), password_statements(secrets))


def owned_database(name: str) -> list[str]:
    """A database and the role of its name, which alone may enter it."""
    created = [f"create role {name} login", f"create database {name} owner {name}"]
    return [*created, f"revoke connect on database {name} from public"]


def password_statements(secrets: Mapping[str, str]) -> list[str]:
    return [f"alter role {role} password '{secrets[key]}'" for role, key in ROLES.items()]


def statements(root: Path, folder: Path, lines: list[str]) -> None:
    """Run each line in a single-user server, which needs neither port nor password. Raises PostgresError."""
    options = ("--single", "-D", str(server_user.data_of_server(folder)), "-c", "exit_on_error=on", "postgres")
    output = run(root, folder, "postgres", *options, typed="\n".join(lines) + "\n")
    if "ERROR:" in output or "FATAL:" in output:
        raise PostgresError(f"PostgreSQL could not set up {folder}: {last_line(output)}")


def run(root: Path, folder: Path, program: str, *arguments: str, typed: str = "") -> str:
    command = server_user.command(root, folder, program, *arguments)
    done = subprocess.run(
        command,
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=program_environment(root),
    )
    if done.returncode != 0:
        raise PostgresError(f"{program} ended with {done.returncode}: {last_line(done.stderr + done.stdout)}")
    return done.stderr


def last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "it said nothing")


def drop_stale_lock(root: Path) -> None:
    """Remove the lock file of a server that is gone; call it only when no server of ours runs.

    PostgreSQL would refuse to start when the process id in it now belongs to some other program.
    """
    (data_folder(root) / "postmaster.pid").unlink(missing_ok=True)
