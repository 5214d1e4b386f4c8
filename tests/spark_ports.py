"""What a stranger says to a port of Spark: the first messages of a client that fetches blocks of an executor.

The frames are those of org.apache.spark.network.protocol: length (8 bytes, its own among them), type (1 byte), body.
"""

import socket
import struct
from pathlib import Path

from deftunes.services import ports

RPC_REQUEST, RPC_RESPONSE = 3, 4
OPEN_BLOCKS = b"\x00"


def looks_for_blocks(port: int) -> bool:
    """True if the server on this loopback port looks for a block for somebody who has shown no secret."""
    strings = ["local-1", "driver", "broadcast_0_piece0"]
    app, executor, block = (struct.pack(">i", len(text)) + text.encode() for text in strings)
    message = OPEN_BLOCKS + app + executor + struct.pack(">i", 1) + block
    body = struct.pack(">qi", 1, len(message)) + message
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(struct.pack(">qB", 9 + len(body), RPC_REQUEST) + body)
        try:
            answer = connection.recv(1000)
        except OSError:
            return False
    return len(answer) > 8 and (answer[8] == RPC_RESPONSE or b"BlockNotFoundException" in answer)


def listening_ports(process: int) -> set[int]:
    """The TCP ports that a process listens on."""
    sockets = {fd.readlink().name for fd in Path(f"/proc/{process}/fd").iterdir() if fd.is_symlink()}
    tables = [table for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")) if table.exists()]
    rows = [line.split() for table in tables for line in table.read_text().splitlines()[1:]]
    return {
        int(row[1].rsplit(":", 1)[1], 16)
        for row in rows
        if row[3] == ports.LISTENING and f"socket:[{row[9]}]" in sockets
    }
