"""var/: all state of a checkout, what each folder in it holds, and whether it is this user's and of this place.

Nobody else enters it.
"""

import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from deftunes.services import server_user

FOLDERS = {
    "run": "ports, control files and pids of the running services",
    "logs": "one log a service",
    "lake": "landing files and Iceberg tables",
    "postgres": "PostgreSQL's data directory (made by its first start)",
    "warehouse": "the DuckDB file that dbt writes",
    "serving": "the DuckDB file that dashboards read",
    "jars": "Java archives of requirements/jars.txt",
    "tmp": "scratch space of Spark",
    "dbt": "dbt's artefacts and logs",
    "lineage": "OpenLineage's events of Spark and dbt",
    "screenshots": "what tests saw of the dashboards",
}
PRIVATE = 0o700


class VarError(Exception):
    """var/ cannot be used; the message names the path, what is wrong with it and the way out."""


def make(root: Path) -> None:
    """Create every folder but postgres, which initdb wants to make itself, and close all but jars to other users.

    Closed at each start, whatever the umask was, and what an older version or a person left open.
    """
    for name in FOLDERS:
        if name != "postgres":
            (root / "var" / name).mkdir(parents=True, exist_ok=True)
    for folder in (root / "var", *(root / "var" / name for name in FOLDERS if name not in ("jars", "postgres"))):
        folder.chmod(PRIVATE)


def remove(root: Path) -> None:
    """Remove all data but the jars. The locks go last: whoever waits for one may begin as soon as it is gone."""
    locks = sorted((root / "var/run").glob("*.lock"))
    for path in (*(root / "var").glob("*"), *(root / "var/run").glob("*")):
        if path.name not in ("jars", "run") and path not in locks:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for lock in locks:
        lock.unlink()
    with suppress(OSError):  # the next run has made its own lock there
        (root / "var/run").rmdir()


def check_place(root: Path) -> None:
    """The tables name their files by whole paths, so a lake stays where it was made: elsewhere it is not ours to write.

    A copy of a checkout would otherwise change, and expire, the files of the first one. Raises VarError.
    """
    written = root / "var/lake/made_at"
    if not written.exists() or not any((root / "var/lake").glob("warehouse/*")):
        written.write_text(f"{root.resolve()}\n", encoding="utf-8")
    if (made_at := written.read_text(encoding="utf-8").strip()) != str(root.resolve()):
        raise VarError(
            f"the tables of {root}/var/lake were made at {made_at} and name their files there: move the checkout back, "
            f"or begin anew in this one: make clean. (A copy without var/ is a new checkout.)"
        )


def check_owner(root: Path) -> None:
    """Raises VarError when another user, as by `sudo make run`, left something that this one cannot write."""
    for path in _folders_and_files(root / "var"):
        owner = path.stat().st_uid
        if os.geteuid() == 0:
            is_theirs = path.name == "postgres" and _name(owner) != "root" and not server_user.may_be(owner)
        else:
            is_theirs = owner != os.geteuid() and not os.access(path, os.W_OK)
        if is_theirs:
            take_over = f"sudo make down && sudo chown -R {_name(os.geteuid())} {root}/var"
            raise VarError(f"{_whose(path)}: {'run it without sudo' if os.geteuid() == 0 else take_over}")


def check_environments(root: Path) -> None:
    """The same of .venv, before an installer writes there. Raises VarError."""
    place = root / ".venv"
    for path in (place, *sorted(place.glob("*"))):
        if path.exists() and not os.access(path, os.W_OK):
            raise VarError(f"{_whose(path)}: sudo chown -R {_name(os.geteuid())} {place}")


def _whose(path: Path) -> str:
    return f"{path} belongs to {_name(path.stat().st_uid)}, and you are {_name(os.geteuid())}"


def _folders_and_files(var: Path) -> Iterator[Path]:
    """What lies in var, but jars, which are only read, and in its folders; deeper down owners are those of above."""
    for path in sorted(var.glob("*")):
        if path.exists() and path.name != "jars":
            yield path
            if path.is_dir() and os.access(path, os.R_OK | os.X_OK):
                yield from (each for each in sorted(path.iterdir()) if each.exists())


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:  # a container may run as a number that nobody has
        return str(user)
