"""Who PostgreSQL runs as, and what it sees of the machine. It refuses root; whoever else starts it runs it as himself.

Under root it gets a user id that nobody else has, no rights beyond it, and a view of its own in which its programs and
its data directory stand below /mnt: so it needs no right to walk through root's folders, and a query that starts
programs or reads files (`COPY ... FROM PROGRAM`) meets what every stranger on the machine may read and no more
(docs/decisions/0048). Where root may not mount, as in many containers, it runs as nobody, and reaches its folders only
if that user can.
"""

import os
import pwd
import shutil
import subprocess
import zlib
from functools import lru_cache
from pathlib import Path

from deftunes.setup import runtimes

NOBODY = "nobody"
# Ids that systemd keeps for users who exist only while a service runs (systemd.io/UIDS-GIDS, "dynamic service users").
FIRST_ID, IDS = 61_184, 4_336
VIEW = Path("/mnt")  # as server_view.sh has it


class ServerUserError(Exception):
    """PostgreSQL cannot run on this machine as anybody; the message names the obstacle and the ways out."""


def command(root: Path, data: Path, program: str, *arguments: str) -> list[str]:
    """The command line of a program of PostgreSQL. It finds the data directory at seen(data)."""
    path = runtimes.postgres(root, program)
    if os.geteuid() != 0:
        return [str(path), *arguments]
    if not may_mount():
        return [*as_nobody(), str(path), *arguments]
    package = runtimes.postgres_package(root)
    folders = (str(package), f"{package}.libs", str(data))
    seen_program = VIEW / package.name / path.relative_to(package)
    script = Path(__file__).with_name("server_view.sh")
    enter = ["unshare", "--mount", "sh", str(script), *folders, str(user_id(root))]
    return [*enter, str(seen_program), *arguments]


def data_of_server(data: Path) -> Path:
    """Where the server finds a data directory."""
    return VIEW / "data" if os.geteuid() == 0 and may_mount() else data


def user_id(root: Path) -> int:
    """Who the server of this checkout is: ourselves; under root a number of its own, or nobody where it has no view."""
    if os.geteuid() != 0:
        return os.geteuid()
    return FIRST_ID + zlib.crc32(str(root).encode()) % IDS if may_mount() else pwd.getpwnam(NOBODY).pw_uid


def may_be(user: int) -> bool:
    """True if a server of ours may run as this user: under root also as nobody, as older versions had it."""
    if os.geteuid() != 0:
        return user == os.geteuid()
    return FIRST_ID <= user < FIRST_ID + IDS or user in (
        each.pw_uid for each in pwd.getpwall() if each.pw_name == NOBODY
    )


@lru_cache(maxsize=1)
def may_mount() -> bool:
    """True if root can give a process a view of its own: it takes the right to mount, and util-linux."""
    trial = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", str(VIEW)]
    programs = all(shutil.which(name) for name in ("unshare", "mount", "setpriv"))
    return programs and subprocess.run(trial, capture_output=True, check=False).returncode == 0


def give(root: Path, data: Path) -> None:
    """Make the data directory the server's, also one that an older version gave to nobody. Raises ServerUserError."""
    if os.geteuid() != 0:
        return
    owner = user_id(root)
    if data.stat().st_uid != owner:
        group = owner if may_mount() else pwd.getpwuid(owner).pw_gid
        for path in (*data.rglob("*"), data):  # itself last: it says that the others are done
            os.chown(path, owner, group, follow_symlinks=False)
    open_programs(runtimes.postgres_package(root))
    if not may_mount():
        os.chown(root / "var", -1, pwd.getpwnam(NOBODY).pw_gid)
        (root / "var").chmod(0o710)  # nobody may walk through it, and reads nothing
        require_reach(runtimes.postgres(root, "postgres"))
        require_reach(data)


def open_programs(package: Path) -> None:
    """Let everybody start the programs of the wheel, which set-up made its owner's alone where the umask is 077."""
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.stat().st_mode & 0o005 != 0o005:
            for path in (*folder.rglob("*"), folder):  # itself last, as above
                mode = path.stat().st_mode
                path.chmod(mode | (0o055 if mode & 0o100 else 0o044))


def require_reach(path: Path) -> None:
    """Raises ServerUserError when nobody cannot walk to `path`."""
    if subprocess.run([*as_nobody(), "test", "-x", str(path)], capture_output=True, check=False).returncode != 0:
        raise ServerUserError(
            f"you are root, who may not mount here, and PostgreSQL's user {NOBODY} cannot reach {path}: be another "
            "user, move the checkout, open its parent folders (chmod o+x), or run the container with CAP_SYS_ADMIN"
        )


def as_nobody() -> list[str]:
    """What runs a command as nobody, without any right."""
    user = pwd.getpwnam(NOBODY)
    who = (f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
    return ["setpriv", *who, "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]
