"""What this machine has and lacks. Standard library only: it must also work before set-up."""

import contextlib
import importlib.util
import os
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from deftunes import target
from deftunes.services import ports, server_user
from deftunes.setup import environments, jar_fetch, jars, runtimes
from deftunes.system import own_environment, processes, var
from deftunes.system.machine import memory_bytes
from deftunes.system.printable import printable
from deftunes.system.program_environment import home, program_environment

DISK_GB, MEMORY_GB, CPUS = 4.0, 5.0, 2  # environments and jars take 2 GB; Spark 3 GB and the services 0.5 GB of memory

MACHINES = {
    ("Linux", "x86_64"): "Linux on x86-64",
    ("Linux", "aarch64"): "Linux on arm64",
    ("Darwin", "arm64"): "macOS on arm64",
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at. detail: what was found. way_out: what to do, empty when ok.

    is_needed: False for what only the stack of containers needs (`make up`).
    """

    what: str
    ok: bool
    detail: str
    way_out: str = ""
    is_needed: bool = True

    @property
    def is_in_order(self) -> bool:
        return self.ok or not self.is_needed


def check(root: Path) -> list[Finding]:
    """Every finding, good and bad, in the order in which they matter. Takes about a second once jars are there."""
    return [
        machine(platform.system(), platform.machine()),
        python(),
        virtual_environments(),
        place(root),
        owner(root),
        shell(os.environ),
        disk(root),
        memory(),
        cpus(),
        loopback(),
        database_user(root),
        *(environment(root, name) for name in ("lake", "spark")),
        java(root),
        database_server(root),
        jar_files(root),
        fixed_ports(root),
        container_engine(),
        compose_plugin(),
        object_store(root),
    ]


def finding(what: str, ok: bool, detail: str, way_out: str) -> Finding:
    return Finding(what, ok, detail, "" if ok else way_out)


def machine(system: str, processor: str) -> Finding:
    """Whether the locks have wheels for this kind of machine: `make check-locks` asks for each of MACHINES."""
    kind = MACHINES.get((system, processor))
    way_out = "work in containers: make up, or open .devcontainer; the wheels are for " + ", ".join(MACHINES.values())
    return finding("machine", kind is not None, kind or f"{system} on {processor}", way_out)


def install(debian: str, homebrew: str) -> str:
    """The command that installs a program, by the package manager that people have on this kind of machine."""
    return f"brew install {homebrew}" if sys.platform == "darwin" else f"apt-get install {debian}"


def python() -> Finding:
    ok = sys.version_info[:2] == environments.VERSION
    way_out = f"{install('python3.11', 'python@3.11')}, or PYTHON=/path/to/python3.11"
    return finding("Python 3.11", ok, sys.version.split()[0], way_out)


def virtual_environments() -> Finding:
    lacking = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    detail = f"without {' and '.join(lacking)}" if lacking else "venv and ensurepip"
    return finding("virtual environments", not lacking, detail, install("python3.11-venv", "python@3.11"))


def place(root: Path) -> Finding:
    what = "path of the checkout"
    try:
        path = target.usable_root(root)
    except target.TargetError as error:
        return Finding(what, False, str(root), str(error))
    if not os.access(path, os.W_OK):
        return Finding(what, False, f"{path} cannot be written to", "be its owner, or clone it to a folder of yours")
    if is_windows_drive(platform.release(), path):
        way_out = "clone it into the home folder of WSL: a drive of Windows keeps no owners and rights, and is slow"
        return Finding(what, False, f"{path} is on a drive of Windows", way_out)
    if sys.platform == "linux" and os.statvfs(path).f_flag & os.ST_NOEXEC:
        return Finding(what, False, f"{path} is mounted noexec", "clone it to a file system that may hold programs")
    return Finding(what, True, str(path))


def is_windows_drive(release: str, path: Path) -> bool:
    """True in WSL, which the kernel's release names, below where it shows the drives of Windows."""
    return "microsoft" in release.lower() and path.is_relative_to("/mnt")


def owner(root: Path) -> Finding:
    try:
        var.check_owner(root)
    except var.VarError as error:
        before, _, way_out = str(error).rpartition(": ")
        return Finding("owner of var/", False, before, way_out)
    return Finding("owner of var/", True, "you")


def shell(environ: Mapping[str, str]) -> Finding:
    """Which variables of the shell would have mattered to Python, Spark, libpq, dbt and the others, and do not."""
    names = environ.get(own_environment.IGNORED, "").split()
    detail = f"not heeded: {', '.join(names)}" if names else "nothing that had to be left behind"
    return Finding("variables of the shell", True, detail)


def disk(root: Path) -> Finding:
    free = shutil.disk_usage(root).free / 1e9
    return finding("disk", free >= DISK_GB, f"{free:.1f} GB free", f"free {DISK_GB:.0f} GB, or move the checkout")


def memory() -> Finding:
    free = available_memory() / 1e9
    way_out = (
        "close other programs, or write a smaller spark.driver.memory, such as 1g, into targets/embedded.spark.conf"
    )
    return finding("memory", free >= MEMORY_GB, f"{free:.1f} GB to be had", way_out)


def available_memory() -> int:
    """Bytes that programs can still get, on this machine or in this container; before set-up, all of them."""
    try:
        import psutil
    except ImportError:
        return memory_bytes()
    available = int(psutil.virtual_memory().available)
    with contextlib.suppress(OSError, ValueError):  # no control group, or one without a limit ("max")
        group = Path("/sys/fs/cgroup")
        limit = int((group / "memory.max").read_text()) - int((group / "memory.current").read_text())
        available = min(available, limit)
    return available


def cpus() -> Finding:
    count = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return finding("processors", count >= CPUS, str(count), "it works with one, slowly: give it two")


def loopback() -> Finding:
    try:
        with socket.create_server((ports.LOOPBACK, 0)) as server, socket.create_connection(server.getsockname(), 2):
            return Finding("loopback network", True, ports.LOOPBACK)
    except OSError as error:
        return Finding("loopback network", False, str(error), "ip link set lo up, or allow sockets in this container")


def database_user(root: Path) -> Finding:
    """PostgreSQL refuses root: as root, it needs somebody else to run as, and the program that changes to them."""
    what = "a user for PostgreSQL"
    if os.geteuid() != 0:
        return Finding(what, True, "you")
    if shutil.which("setpriv") is None:
        return Finding(
            what, False, "you are root and there is no setpriv", "apt-get install util-linux, or be another user"
        )
    if server_user.may_mount():
        return Finding(what, True, f"number {server_user.user_id(root)}, with a view of its own")
    try:
        server_user.require_reach(root)
    except KeyError:
        return Finding(what, False, f"you are root and there is no {server_user.NOBODY}", "be another user, or add it")
    except server_user.ServerUserError as error:
        return Finding(what, False, f"{server_user.NOBODY}, who cannot walk here", str(error))
    return Finding(what, True, f"{server_user.NOBODY}, by setpriv")


def environment(root: Path, name: str) -> Finding:
    folder = environments.folder(root, name)
    stamp, lock = folder / environments.STAMP, environments.lock(root, name)
    if not stamp.exists():
        return Finding(f".venv/{name}", False, "not set up", "make setup")
    fresh = stamp.stat().st_mtime >= lock.stat().st_mtime and environments.is_sound(folder)
    return finding(f".venv/{name}", fresh, "as its lock" if fresh else "older than its lock, or broken", "make setup")


def java(root: Path) -> Finding:
    """Which Java 17 runs, and whether that is the one of 2023, for want of a newer one of the system's."""
    home = runtimes.java_home(root)
    if runtimes.java_version(home) is None and (platform.system(), platform.machine()) == ("Linux", "aarch64"):
        return Finding(
            "Java 17", False, "there is no wheel for Linux on arm64", "apt-get install openjdk-17-jre-headless"
        )
    found = answer("Java 17", [str(home / "bin/java"), "-version"], 'version "17.')
    if not found.ok:
        return found
    is_old = home == runtimes.wheel_java(root)
    newer = "; apt-get install openjdk-17-jre-headless is newer, and then taken" if sys.platform == "linux" else ""
    advice = f"of the wheel, without later security fixes{newer}"
    return replace(found, detail=f"{found.detail}, {advice if is_old else home}")


def database_server(root: Path) -> Finding:
    return answer("PostgreSQL 16", [str(runtimes.postgres(root, "postgres")), "--version"], "PostgreSQL) 16.")


def answer(what: str, command: list[str], expected: str) -> Finding:
    """Whether the program starts and says what is expected of it."""
    if not Path(command[0]).exists():
        return Finding(what, False, f"{command[0]} is missing", "make setup")
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=20, check=False, env=program_environment(Path("/"))
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(what, False, str(error), "the wheels need glibc 2.28 or newer on Linux, and macOS 11 or newer")
    output = (done.stdout + done.stderr).strip().splitlines() or [f"ended with {done.returncode}"]
    return finding(what, expected in output[0], output[0], "rm -r .venv/lake && make setup")


def jar_files(root: Path) -> Finding:
    try:
        listed = jars.read_jar_list(root)
    except jars.JarError as error:
        return Finding("jars", False, str(error), "correct requirements/jars.txt")
    wrong = [jar.file for jar in listed if not jar_fetch.is_right(root, jar)]
    detail = f"missing or wrong: {', '.join(wrong)}" if wrong else f"{len(listed)}, sums right"
    return finding("jars", not wrong, detail, "rm -f var/jars/.complete && make setup")


def fixed_ports(root: Path) -> Finding:
    """Ports that the target fixes must be free, or our own; open ones are found at each start."""
    try:
        wanted = target.load("embedded", root).wanted_ports
        held = frozenset(ports.last_ports(root).values()) if processes.processes_of_checkout(root) else frozenset[int]()
        ports.resolve(root, wanted, held)
    except (target.TargetError, ports.PortError) as error:
        return Finding("ports", False, str(error), "see there")
    chosen = [f"{key} {'any' if value == '0' else value}" for key, value in wanted.items()]
    return Finding("ports", True, ", ".join(chosen))


def container_engine() -> Finding:
    """Whether an engine answers; without one, everything but `make up` works."""
    what = "containers: engine"
    if shutil.which("docker") is None:
        return Finding(
            what, False, "no docker; only make up needs it", install("docker.io", "--cask docker"), is_needed=False
        )
    output = words(["docker", "version", "--format", "{{.Server.Version}}"])
    way_out = "start it (systemctl start docker, or dockerd), and be root or in the group docker"
    return Finding(
        what, bool(output), output or "no answer; only make up needs it", "" if output else way_out, is_needed=False
    )


def compose_plugin() -> Finding:
    output = words(["docker", "compose", "version", "--short"]) if shutil.which("docker") else ""
    way_out = "apt-get install docker-compose-plugin (Docker's packages), or make compose-plugin"
    detail = output or "no docker compose; only make up needs it"
    return Finding("containers: compose", bool(output), detail, "" if output else way_out, is_needed=False)


def object_store(root: Path) -> Finding:
    """Whether the running stack's store takes the platform's account: asked beside the catalog, which has its key."""
    what = "containers: store"
    compose = ["docker", "compose", "--project-directory", str(root)]
    if not shutil.which("docker") or not words([*compose, "ps", "--quiet", "catalog"]):
        return Finding(what, True, "the stack is not up", is_needed=False)
    output = words(
        [*compose, "exec", "-T", "catalog", "with-secrets", "python", "-m", "deftunes.services.object_store", "check"]
    )
    way_out = "make logs SERVICE=object_store; make up prepares its buckets and its account anew"
    detail = output or "it does not take the platform's account"
    return Finding(what, bool(output), detail, "" if output else way_out, is_needed=False)


def words(command: list[str]) -> str:
    """What the program says, or nothing when it fails. docker has its plugins in the user's home."""
    environment = {**os.environ, "HOME": home({}) or "/"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False, env=environment)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def main() -> None:
    # psutil, once it is installed: the doctor itself runs without any environment of ours.
    sys.path.append(str(Path.cwd() / runtimes.LAKE / runtimes.PACKAGES))
    findings = check(Path.cwd())
    for one in findings:
        mark = "ok " if one.ok else "NO " if one.is_needed else "-  "
        sys.stdout.write(printable(f"  {mark} {one.what:<24}{one.detail}\n"))
        if one.way_out:
            sys.stdout.write(printable(f"      {'':<24}-> {one.way_out}\n"))
    sys.exit(0 if all(one.is_in_order for one in findings) else 1)


if __name__ == "__main__":
    if own_environment.IGNORED in os.environ:
        main()
    else:
        own_environment.start_again("deftunes.setup.doctor")
