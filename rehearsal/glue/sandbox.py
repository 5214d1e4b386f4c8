"""The sandbox of a job: `python sandbox.py SPEC COMMAND…`, started in a network and a mount namespace of its own.

Nothing but loopback is there. AWS's names that the job may reach are in its hosts file and lead to a socket of the
gate (rehearsal/aws/gate.py); so do the addresses of its sources, of its credentials and of the machine's metadata. All
other names are unknown, all other addresses refuse. The stores of certificates hold the rehearsal's authority alone.
SPEC is the JSON of a Spec. Standard library only: it runs in the job's own Python.
"""

import contextlib
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

METADATA = "169.254.169.254"
CREDENTIALS_PORT = 7979
AWS_ADDRESS = "127.0.0.2"
CREDENTIALS_URI = f"http://127.0.0.1:{CREDENTIALS_PORT}/role"
SIOCSIFADDR, SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8916, 0x8913, 0x8914, 1
CHUNK = 1 << 16


@dataclass(frozen=True)
class Spec:
    """`names`: AWS's, as the job knows them; `relays`: address, port, path of a socket; `stores`: file, in place of."""

    names: list[str]
    relays: list[tuple[str, int, str]]
    stores: list[tuple[str, str]]
    folder: str

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))


def command(python: Path, spec: Path, job: list[str]) -> list[str]:
    """The command line that runs a job in a sandbox. Who is not root gets the rights for it by a user namespace."""
    own = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *own, "--net", "--mount", str(python), "-I", __file__, str(spec), *job]


def main() -> int:
    spec = Spec(**json.loads(Path(sys.argv[1]).read_text()))
    _bring_up("lo")
    _bring_up("lo:1", METADATA)
    _mount(spec)
    for address, port, path in spec.relays:
        _relay(address, port, path)
    return subprocess.run(sys.argv[2:], check=False).returncode


def _bring_up(interface: str, address: str = "") -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        if address:
            packed = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))
            fcntl.ioctl(control, SIOCSIFADDR, struct.pack("16s16s", interface.encode(), packed))
        flags = struct.unpack("16sH14x", fcntl.ioctl(control, SIOCGIFFLAGS, struct.pack("16s16x", interface.encode())))
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", interface.encode(), flags[1] | IFF_UP))


def _mount(spec: Spec) -> None:
    """Puts the sandbox's hosts and stores in the place of the machine's; outside of the namespace nothing changes."""
    hosts, resolver = Path(spec.folder) / "hosts", Path(spec.folder) / "resolv.conf"
    lines = [f"127.0.0.1 localhost {socket.gethostname()}", *(f"{AWS_ADDRESS} {name}" for name in spec.names)]
    hosts.write_text("\n".join(lines) + "\n")
    resolver.write_text("# nobody is asked\n")
    for file, place in [(str(hosts), "/etc/hosts"), (str(resolver), "/etc/resolv.conf"), *spec.stores]:
        if os.path.exists(place):
            subprocess.run(["mount", "--bind", file, os.path.realpath(place)], check=True)


def _relay(address: str, port: int, path: str) -> None:
    """From now on a connection to this address goes to the socket at the path, which is outside of the namespace."""
    server = socket.create_server((address, port), backlog=128)

    def accept() -> None:
        while True:
            near, _ = server.accept()
            far = socket.socket(socket.AF_UNIX)
            try:
                far.connect(path)
            except OSError:
                near.close()
                continue
            threading.Thread(target=_pump, args=(near, far), daemon=True).start()
            threading.Thread(target=_pump, args=(far, near), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while chunk := source.recv(CHUNK):
            sink.sendall(chunk)
    except OSError:
        pass
    finally:
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


if __name__ == "__main__":
    sys.exit(main())
