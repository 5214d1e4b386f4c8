"""The embedded services of one checkout: up, down, status. supervisord keeps them running; this says what should."""

import argparse
import os
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deftunes import target
from deftunes.services import crashes, health, passwords, ports, postgres, programs, server_user, supervision
from deftunes.services import song_database as source
from deftunes.services.mock_source import MockSource, is_own_database
from deftunes.services.programs import Program
from deftunes.services.source_dsn import source_address
from deftunes.services.supervision import Supervisor
from deftunes.system import log_tail, processes, var
from deftunes.system.interruption import threads
from deftunes.system.lock import run_lock, services_lock
from deftunes.target import Target

SERVICES = ("postgres", "catalog", "mock_api")
ON_REQUEST = ("spark", "superset")  # a run starts the first, deftunes/dashboards/service.py the second
PORT_KEYS = {
    "postgres": "POSTGRES_PORT",
    "catalog": "CATALOG_PORT",
    "mock_api": "MOCK_API_PORT",
    "superset": "SUPERSET_PORT",
}
START_PATIENCE_S = 60.0
STOP_PATIENCE_S = 20.0
LOST_STATES = {"FATAL", "EXITED", "UNKNOWN", "STOPPED"}


class ServiceError(Exception):
    """A service does not run; the message names it, how it ended, its last words and its log."""


@dataclass(frozen=True)
class Endpoints:
    """Where the running services answer. target: the one given, with the ports now in use."""

    target: Target
    api_url: str
    source_dsn: str
    source_password: str
    catalog_uri: str


@dataclass(frozen=True)
class Service:
    """state: running, starting, stopping, stopped, backoff, exited or fatal. pid, port, uptime_s: None if none."""

    name: str
    state: str
    pid: int | None
    port: int | None
    uptime_s: int | None
    log: Path


def up(
    wanted: Target,
    seed: int,
    scale: float,
    songs_csv: Path | None = None,
    when_known: Callable[[Endpoints], None] | None = None,
) -> Endpoints:
    """Start what is not running as asked for, load the song database, wait until all answer.

    `when_known` is told the addresses as soon as they are settled, before the services answer there; for it the Spark
    worker is started too. Returns at once when nothing has to change. Raises ServiceError, ports.PortError,
    mock_source.SourceError, postgres.PostgresError, supervision.SupervisorError and jars.JarError.
    """
    mock = MockSource(seed, scale, songs_csv)
    mock.check()  # a CSV that cannot be used is said before anything starts
    os.umask(0o077)  # what we and our services write is nobody else's to read
    var.make(wanted.root)
    var.check_place(wanted.root)
    with services_lock(wanted.root):
        return start_services(wanted, mock, when_known)


def start_services(wanted: Target, mock: MockSource, when_known: Callable[[Endpoints], None] | None) -> Endpoints:
    root = wanted.root
    secrets, have_changed = passwords.ensure(root)
    supervisor = supervisor_of(root, secrets)
    running = not have_changed and supervisor.is_running()
    if not running:
        processes.end(root)
        postgres.drop_stale_lock(root)
    ports.remember(root, resolved_ports(wanted, supervisor if running else None))
    values = target.load(wanted.name, root, wanted.overridden)
    chosen = ports.last_ports(root)
    supervisor = supervisor_of(root, secrets)
    needed = programs.programs_for(values, chosen, secrets, mock)
    with threads() as pool:
        prepared = pool.submit(prepare_postgres, root, secrets, have_changed and not running)
        configure(supervisor, running, needed, chosen["CONTROL_PORT"], secrets["CONTROL_PASSWORD"])
        if when_known:
            start(supervisor, ["spark"])
            when_known(endpoints(values, secrets))
        probes = health.probes(chosen, secrets, mock, server_user.user_id(root))
        start(supervisor, [program.name for program in needed if program.name == "mock_api"])
        prepared.result()
        server_user.give(root, postgres.data_folder(root))  # a server that was another user has been stopped above
        start(supervisor, ["postgres"])
        wait_until_healthy(supervisor, ["postgres"], probes)
        loaded = pool.submit(load_source, values, secrets, mock)
        start(supervisor, ["catalog"])
        wait_until_healthy(supervisor, [program.name for program in needed if program.name in probes], probes)
        loaded.result()
    return endpoints(values, secrets)


def endpoints(values: Target, secrets: Mapping[str, str]) -> Endpoints:
    return Endpoints(values, values["API_URL"], values["SOURCE_DSN"], secrets["SOURCE_PASSWORD"], values["CATALOG_URI"])


def supervisor_of(root: Path, secrets: Mapping[str, str]) -> Supervisor:
    return Supervisor(root, ports.last_ports(root).get("CONTROL_PORT", 0), secrets.get("CONTROL_PASSWORD", ""))


def resolved_ports(wanted: Target, running: Supervisor | None) -> dict[str, int]:
    """A port for each service and for supervisord. Raises ports.PortError."""
    last = ports.last_ports(wanted.root)
    held: set[int] = set()
    if running is not None:
        alive = {name for name, info in running.processes().items() if info["pid"]}
        held = {
            last[key]
            for key in ("CONTROL_PORT", *(PORT_KEYS[name] for name in alive if name in PORT_KEYS))
            if key in last
        }
    return ports.resolve(wanted.root, {**wanted.wanted_ports, "CONTROL_PORT": "0"}, frozenset(held))


def prepare_postgres(root: Path, secrets: Mapping[str, str], passwords_changed: bool) -> None:
    if not postgres.is_initialised(root):
        postgres.initialise(root, secrets)
    elif passwords_changed:
        postgres.change_passwords(root, secrets)


def configure(supervisor: Supervisor, running: bool, needed: tuple[Program, ...], port: int, password: str) -> None:
    """Make supervisord, running or not, know the programs as they are needed now."""
    text = supervision.configuration(supervisor.root, needed, port, password)
    changed = supervision.write_configuration(supervisor.root, text)
    if not running:
        supervisor.launch()
    elif changed:
        supervisor.adopt()


def load_source(values: Target, secrets: Mapping[str, str], mock: MockSource) -> None:
    if is_own_database(values):  # any other is read, never written
        source.ensure_loaded(values.root, values["SOURCE_DSN"], secrets["SOURCE_PASSWORD"], mock)


def start(supervisor: Supervisor, names: list[str]) -> None:
    for name in names:
        try:
            supervisor.start(name)
        except xmlrpc.client.Fault as fault:
            raise ServiceError(f"{name} cannot be started: {fault.faultString}") from fault


def wait_until_healthy(
    supervisor: Supervisor,
    names: list[str],
    probes: Mapping[str, health.Probe],
    patience_s: float = START_PATIENCE_S,
) -> None:
    """Return when every service answers as it should. Raises ServiceError when one is lost, or patience is."""
    deadline = time.monotonic() + patience_s
    problems = dict.fromkeys(names, "it was not asked yet")
    while problems := {name: trouble for name in problems if (trouble := probes[name]())}:
        states = supervisor.processes()
        for name, trouble in problems.items():
            if states[name]["statename"] in LOST_STATES or time.monotonic() > deadline:
                raise ServiceError(failure_report(supervisor.root, name, trouble))
        time.sleep(0.03)


def failure_report(root: Path, name: str, trouble: str) -> str:
    log = supervision.log_file(root, name)
    last = log_tail.last_lines(log, 6) or "(empty)"
    ended = crashes.last_of(root, name)
    how = f"it ended: {ended.how}" if ended else f"asked, {trouble}"
    return f"{name} does not run: {how}. Last lines of {log}:\n{last}"


def down(root: Path) -> bool:
    """Stop everything of this checkout, also what an ended supervisord left behind; True if anything ran."""
    if not (root / "var/run").is_dir():
        return False
    with services_lock(root):
        return stop(root)


def clean(root: Path) -> None:
    """Stop everything and remove all data but the jars. Raises AnotherRunError while a run is going."""
    with run_lock(root), services_lock(root):
        stop(root)
        var.remove(root)


def stop(root: Path) -> bool:
    """What down does, for who holds the lock of the services."""
    living = processes.processes_of_checkout(root)
    supervisor = supervisor_of(root, passwords.load(root))
    if supervisor.is_running():
        supervisor.shut_down()
        processes.wait_until_gone(living, STOP_PATIENCE_S)
    processes.end(root)
    return bool(living)


def status(root: Path) -> list[Service]:
    """Every service as supervisord sees it; all are stopped when it does not run."""
    supervisor = supervisor_of(root, passwords.load(root))
    known = supervisor.processes() if supervisor.is_running() else {}
    last = ports.last_ports(root)
    return [
        Service(
            name,
            str(info.get("statename", "STOPPED")).lower(),
            info.get("pid") or None,
            last.get(PORT_KEYS.get(name, "")) if info.get("pid") else None,
            info["now"] - info["start"] if info.get("pid") else None,
            supervision.log_file(root, name),
        )
        for name in (*SERVICES, *(name for name in ON_REQUEST if known.get(name, {}).get("pid")))
        for info in [known.get(name, {})]
    ]


def main() -> None:
    """`python -m deftunes.services.lifecycle up|down|status`: the services alone, with the default seed and scale."""
    parser = argparse.ArgumentParser(prog="deftunes.services.lifecycle")
    parser.add_argument("verb", choices=("up", "down", "status"))
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--songs-csv", type=Path)
    arguments = parser.parse_args()
    root = Path.cwd()
    if arguments.verb == "up":
        started = up(target.load("embedded", root), arguments.seed, arguments.scale, arguments.songs_csv)
        sys.stdout.write(f"{started.api_url}\n{source_address(started.source_dsn).place}\n{started.catalog_uri}\n")
    elif arguments.verb == "down":
        down(root)
    else:
        sys.stdout.writelines(f"{service}\n" for service in status(root))


if __name__ == "__main__":
    main()
