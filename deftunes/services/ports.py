"""Loopback ports of the embedded services.

Chosen once, remembered in var/run/ports.json, given up only when a stranger holds them.
"""

import contextlib
import json
import os
import socket
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

LOOPBACK = "127.0.0.1"
FIRST, COUNT = 20_000, 10_000  # below every usual range of outgoing ports, so that no browser tab takes one of ours
UNKNOWN_USER = -1
SOCKETS = Path("/proc/net/tcp")
LISTENING = "0A"  # state TCP_LISTEN in /proc/net/tcp
# 127.0.0.1 and any address, of either version, as /proc/net/tcp writes them.
LOOPBACK_OR_ANY = {"0100007F", "0000000000000000FFFF00000100007F", "0" * 8, "0" * 32}


class PortError(OSError):
    """A port cannot be had, or is not ours; the message names port, key, holder and way out."""


def last_ports(root: Path) -> dict[str, int]:
    """Key -> port of the last start; empty before the first one, or when the file is unreadable."""
    try:
        return {str(key): int(port) for key, port in json.loads(ports_file(root).read_text()).items()}
    except (FileNotFoundError, ValueError, AttributeError, TypeError):
        return {}


def remember(root: Path, chosen: Mapping[str, int]) -> None:
    new = ports_file(root).with_suffix(".new")
    new.write_text(json.dumps(dict(chosen), indent=1) + "\n")
    new.replace(ports_file(root))


def ports_file(root: Path) -> Path:
    return root / "var/run/ports.json"


def resolve(root: Path, wanted: Mapping[str, str], held: frozenset[int] = frozenset()) -> dict[str, int]:
    """A port for each key of `wanted` (key -> "0" for any, or the port to use); nothing is remembered yet.

    held: ports our own running services listen on; they count as free. Raises PortError for a fixed port that is
    taken, or none.
    """
    last = last_ports(root)
    chosen: dict[str, int] = {}
    for key, value in wanted.items():
        fixed = parse_port(key, value)
        usable = held - set(chosen.values())
        if fixed and fixed not in usable and (fixed in chosen.values() or not is_free(fixed)):
            raise PortError(
                f"port {fixed} ({key}) is taken by {holder(fixed)}: "
                f"end that, or set {key} to another port, or to 0 for any free one"
            )
        chosen[key] = (
            fixed or reusable_port(last.get(key, 0), usable, chosen) or any_free(f"{root}/{key}", set(chosen.values()))
        )
    return chosen


def parse_port(key: str, value: str) -> int:
    with contextlib.suppress(ValueError):
        if 0 <= int(value) <= 65_535:
            return int(value)
    raise PortError(f"{key} is {value!r}, which is no port: use 1 to 65535, or 0 for any free one")


def reusable_port(port: int, held: frozenset[int] | set[int], chosen: Mapping[str, int]) -> int:
    """`port` if it can be used again, else 0."""
    return port if port and port not in chosen.values() and (port in held or is_free(port)) else 0


def any_free(name: str, taken: set[int]) -> int:
    """A free port, the same for the same name as long as it is free: two checkouts start from different places."""
    start = zlib.crc32(name.encode())
    for step in range(COUNT):
        port = FIRST + (start + step) % COUNT
        if port not in taken and is_free(port):
            return port
    raise PortError(f"no port from {FIRST} to {FIRST + COUNT - 1} is free on {LOOPBACK}: end some servers")


def is_free(port: int) -> bool:
    """True if a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as servers do: connections in TIME_WAIT do not count
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def holder(port: int) -> str:
    """Who listens on `port`, as "process 12 (command)", or "another process" where the system does not say."""
    with contextlib.suppress(ImportError):  # psutil comes with set-up, and the doctor before it
        import psutil

        for process in psutil.process_iter(["cmdline"]):
            with contextlib.suppress(psutil.Error):
                if port in own_listening_ports(process):
                    return f"process {process.pid} ({' '.join(process.info['cmdline'] or [])[:80]})"
    return "another process"


def own_listening_ports(process: "psutil.Process") -> set[int]:
    """The TCP ports that a process listens on. Raises psutil.Error where it may not be looked into, or is gone."""
    return {each.laddr.port for each in process.net_connections("tcp") if each.status == "LISTEN"}


def require_ours(port: int, key: str, server_user: int | None = None) -> None:
    """Raises PortError when somebody else than us listens where our service should: what is sent there is sent to them.

    server_user: who the service runs as, if that is not us. Loopback alone proves nothing: every user of the machine
    may listen on a port that our service has left. Nobody listening is no harm: there is nobody to read.
    """
    ours = os.geteuid() if server_user is None else server_user
    if strangers := listening_users(port) - {ours}:
        raise PortError(
            f"port {port} ({key}) is held by user {min(strangers)}, not by our own service: nothing was sent to it; "
            "end that, then make down and start again"
        )


def listening_users(port: int) -> set[int]:
    """User ids of those who would take a connection to 127.0.0.1:`port`.

    Linux lists every socket with its user, also those of processes that we may not look into. macOS lists our own
    processes only: a port that is held and not by one of those is a stranger's, whose number is not known.
    """
    if SOCKETS.exists():
        return {int(row[7]) for row in listening(port) if row[1].split(":")[0] in LOOPBACK_OR_ANY}
    import psutil

    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if port in own_listening_ports(process):
                return {int(process.uids().effective)}
    return set() if is_free(port) else {UNKNOWN_USER}


def listening(port: int) -> list[list[str]]:
    """The rows of /proc/net/tcp and tcp6, see proc(5), of the sockets that listen on `port`."""
    tables = [table for table in (SOCKETS, Path("/proc/net/tcp6")) if table.exists()]
    rows = [line.split() for table in tables for line in table.read_text().splitlines()[1:]]
    return [row for row in rows if row[3] == LISTENING and int(row[1].rsplit(":", 1)[1], 16) == port]
