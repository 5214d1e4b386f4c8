"""supervisord (PyPI: supervisor) keeps the services running; this renders its configuration and talks to it.

It is reached over XML-RPC on a loopback port with a generated password: a socket's path can get too long.
"""

import contextlib
import hashlib
import http.client
import os
import shlex
import subprocess
import xmlrpc.client
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deftunes.services import passwords, ports
from deftunes.services.ports import LOOPBACK
from deftunes.services.programs import Program, mark
from deftunes.setup import runtimes
from deftunes.system.program_environment import program_environment

TIMEOUT_S = 10.0
USER = "deftunes"
BAD_NAME, NOT_RUNNING, ALREADY_STARTED = 10, 70, 60  # supervisor.xmlrpc.Faults, which is slow to import


class SupervisorError(Exception):
    """supervisord cannot be started; the message holds what it said."""


class Transport(xmlrpc.client.Transport):
    """HTTP with a time limit, so that a hung supervisord cannot hang us."""

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = super().make_connection(host)
        connection.timeout = TIMEOUT_S
        return connection


class Supervisor:
    """The supervisord of one checkout. port: where it listens."""

    def __init__(self, root: Path, port: int, password: str) -> None:
        self.root, self.port = root, port
        self.address = f"http://{USER}:{password}@{LOOPBACK}:{port}/RPC2"

    def ask(self, method: str, *arguments: Any) -> Any:
        """The answer to one remote call. Raises OSError, http.client.HTTPException or xmlrpc.client.Error.

        Its password goes to our own supervisord only, not to whoever took the port that it has left (OSError).
        """
        ports.require_ours(self.port, "CONTROL_PORT")
        with xmlrpc.client.ServerProxy(self.address, transport=Transport()) as remote:
            return getattr(remote.supervisor, method)(*arguments)

    def is_running(self) -> bool:
        """True if this checkout's supervisord answers, and not some other server on its port."""
        try:
            is_ours = self.ask("getIdentification") == identifier(self.root)
            return bool(is_ours and self.ask("getState")["statename"] == "RUNNING")
        except (OSError, xmlrpc.client.Error, http.client.HTTPException, KeyError):
            return False

    def launch(self) -> None:
        """Start supervisord in the background, services still at rest. Raises SupervisorError."""
        conf = config_file(self.root)
        command = [
            str(runtimes.lake_python(self.root)),
            "-X",
            mark(self.root),
            "-m",
            "supervisor.supervisord",
            "-c",
            str(conf),
        ]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            cwd=self.root,
            env=program_environment(self.root),  # it hands its own on to every service
        )
        if done.returncode != 0:
            raise SupervisorError(
                f"supervisord ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-500:]}"
            )

    def processes(self) -> dict[str, dict[str, Any]]:
        """Service -> its name, statename, pid, start, now, spawnerr, ... as supervisor's getProcessInfo gives them."""
        return {info["name"]: info for info in self.ask("getAllProcessInfo")}

    def adopt(self) -> None:
        """Read the configuration again; services gone or changed stop, those new or changed wait."""
        [[added, changed, removed]] = self.ask("reloadConfig")
        for name in (*changed, *removed):
            with allow_faults(NOT_RUNNING, BAD_NAME):
                self.ask("stopProcessGroup", name)
            self.ask("removeProcessGroup", name)
        for name in (*added, *changed):
            self.ask("addProcessGroup", name)

    def start(self, name: str) -> None:
        with allow_faults(ALREADY_STARTED):
            self.ask("startProcess", name, False)

    def shut_down(self) -> None:
        self.ask("shutdown")


@contextlib.contextmanager
def allow_faults(*codes: int) -> Iterator[None]:
    """Let pass the answers that say there is nothing to do."""
    try:
        yield
    except xmlrpc.client.Fault as fault:
        if fault.faultCode not in codes:
            raise


def config_file(root: Path) -> Path:
    return root / "var/run/supervisord.conf"


def on_request_file(root: Path) -> Path:
    """The last section of the configuration, once somebody asked for the dashboards."""
    return root / "var/run/on_request.conf"


def log_file(root: Path, name: str) -> Path:
    return root / f"var/logs/{name}.log"


def configuration(root: Path, programs: tuple[Program, ...], port: int, password: str) -> str:
    """Text of supervisord.conf. It holds passwords: write it with passwords.write_private."""
    head = {
        "supervisord": {
            "identifier": identifier(root),
            "directory": str(root),
            "logfile": str(log_file(root, "supervisord")),
            "logfile_maxbytes": "5MB",
            "logfile_backups": "2",
            "pidfile": str(root / "var/run/supervisord.pid"),
            "childlogdir": str(root / "var/logs"),
            "umask": "077",
            **({"user": "root"} if os.geteuid() == 0 else {}),
        },
        "inet_http_server": {"port": f"{LOOPBACK}:{port}", "username": USER, "password": password},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
    }
    sections = head | {f"program:{program.name}": program_section(root, program) for program in programs}
    return "\n".join(section(name, values) for name, values in sections.items())


def identifier(root: Path) -> str:
    """What this checkout's supervisord calls itself; one that was started with another environment is not it."""
    environment = repr(sorted(program_environment(root).items())).encode()
    return f"{root} {hashlib.sha256(environment).hexdigest()[:16]}"


def program_section(root: Path, program: Program) -> dict[str, str]:
    """One service. Its whole environment stands here, so that another one is a changed service."""
    environment = {**program_environment(root), "PYTHONUNBUFFERED": "1", **program.environment}
    for name, value in environment.items():
        if unusable := set(value) & set('"\n\r'):
            raise SupervisorError(f"{name} has a {unusable.pop()!r} in it, which supervisord cannot hand on: {value!r}")
    return {
        "command": shlex.join(program.command),
        "environment": ",".join(f'{name}="{value}"' for name, value in environment.items()),
        "directory": str(root),
        "autostart": "false",
        "autorestart": str(program.starts_again).lower(),
        "startsecs": "1",
        "startretries": "2",
        "stopsignal": program.stop_signal,
        "stopwaitsecs": "8",
        "redirect_stderr": "true",
        "stdout_logfile": str(log_file(root, program.name)),
        "stdout_logfile_maxbytes": "5MB",
        "stdout_logfile_backups": "2",
    }


def section(name: str, values: Mapping[str, str]) -> str:
    lines = [f"{key} = {value.replace('%', '%%')}" for key, value in values.items()]
    return "\n".join([f"[{name}]", *lines, ""])


def write_configuration(root: Path, text: str) -> bool:
    """Write supervisord.conf unless it says this already, and what was asked for; True if it was written."""
    path, whole = config_file(root), text + on_request(root)
    if path.exists() and path.read_text() == whole:
        return False
    passwords.write_private(path, whole)
    return True


def write_on_request(root: Path, program: Program) -> None:
    """Put the program at the end of supervisord.conf, where it stays when the rest is written anew."""
    path, added = config_file(root), section(f"program:{program.name}", program_section(root, program))
    services = path.read_text().partition(f"[program:{program.name}]\n")[0]
    passwords.write_private(on_request_file(root), added)
    passwords.write_private(path, services + added)


def on_request(root: Path) -> str:
    path = on_request_file(root)
    return path.read_text() if path.exists() else ""
