"""The data directory of the embedded PostgreSQL, and who the server runs as.

One server with two databases: `catalog` (tables of the Iceberg catalog) and `deftunes` (the song database), each owned
by a role of its name. It listens on loopback TCP only, and every connection needs a password.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deftunes import passwords, runtimes, var
from deftunes.program_environment import program_environment

ROLES = {"catalog": "CATALOG_PASSWORD", "deftunes": "SOURCE_PASSWORD", "postgres": "POSTGRES_PASSWORD"}


class PostgresError(Exception):
    """The data directory cannot be made or changed; the message holds what the program said."""


def data_folder(root: Path) -> Path:
    return root / "var/postgres"


def is_initialised(root: Path) -> bool:
    return (data_folder(root) / "PG_VERSION").is_file()


def as_server_user() -> tuple[str, ...]:
    """Prefix of a server command line: as root it changes to nobody, who may still walk through root's own folders.

    no_setuid_fixup lets access(2) honour that capability too; without it PostgreSQL does not find itself under /root.
    """
    if os.geteuid() != 0:
        return ()
    user = (f"--reuid={var.SERVER_USER}", f"--regid={server_group()}", "--clear-groups")
    capability = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup")
    return ("setpriv", *user, *capability)


def server_group() -> int:
    return pwd.getpwnam(var.SERVER_USER).pw_gid  # its name differs between distributions


def initialise(root: Path, secrets: Mapping[str, str]) -> None:
    """Make var/postgres with both databases and roles. It appears whole or not at all. Raises PostgresError."""
    new = data_folder(root).with_name("postgres.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(new, var.SERVER_USER, server_group())
    password_file = root / "var/run/postgres.password"
    passwords.write_private(password_file, secrets["POSTGRES_PASSWORD"] + "\n")
    try:
        run(root, "initdb", "-D", str(new), "-U", "postgres", f"--pwfile={password_file}", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")  # fmt: skip
    finally:
        password_file.unlink(missing_ok=True)
    statements(root, new, [*owned_database("catalog"), *owned_database("deftunes"), *password_statements(secrets)])
    new.rename(data_folder(root))


def change_passwords(root: Path, secrets: Mapping[str, str]) -> None:
    """Give the roles of a stopped server the passwords of var/secrets.env, which was lost. Raises PostgresError."""
    statements(root, data_folder(root), password_statements(secrets))


def owned_database(name: str) -> list[str]:
    """A database and the role of its name, which alone may enter it."""
    created = [f"create role {name} login", f"create database {name} owner {name}"]
    return [*created, f"revoke connect on database {name} from public"]


def password_statements(secrets: Mapping[str, str]) -> list[str]:
    return [f"alter role {role} password '{secrets[key]}'" for role, key in ROLES.items()]


def statements(root: Path, folder: Path, lines: list[str]) -> None:
    """Run each line in a single-user server, which needs neither port nor password. Raises PostgresError."""
    said = run(
        root,
        "postgres",
        "--single",
        "-D",
        str(folder),
        "-c",
        "exit_on_error=on",
        "postgres",
        typed="\n".join(lines) + "\n",
    )
    if "ERROR:" in said or "FATAL:" in said:
        raise PostgresError(f"PostgreSQL could not set up {folder}: {last_line(said)}")


def run(root: Path, program: str, *arguments: str, typed: str = "") -> str:
    command = [*as_server_user(), str(runtimes.postgres(root, program)), *arguments]
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
