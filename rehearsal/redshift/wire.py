"""Messages of the PostgreSQL protocol, version 3, as Redshift's drivers speak it."""

import struct
from asyncio import StreamReader
from collections.abc import Iterator
from dataclasses import dataclass, field

PROTOCOL = 196608  # 3.0
SSL_REQUEST = 80877103
GSS_REQUEST = 80877104
CANCEL_REQUEST = 80877102
# What PostgreSQL knows of the parameters that Redshift's drivers send at start-up.
KNOWN_PARAMETERS = frozenset({"user", "database", "application_name", "client_encoding", "options", "DateStyle"})
# Redshift has called itself 8.0.2 for ever; its drivers choose their SQL by it.
SERVER_VERSION = "8.0.2"


@dataclass(frozen=True)
class Message:
    """`kind` is the type byte, `body` what follows the length."""

    kind: bytes
    body: bytes = b""

    def packed(self) -> bytes:
        return self.kind + struct.pack("!I", len(self.body) + 4) + self.body

    def strings(self, count: int) -> list[str]:
        """The first zero-terminated strings of the body; what follows them may be no text."""
        return [part.decode() for part in self.body.split(b"\0", count)[:count]]


@dataclass
class RedshiftError(Exception):
    """An ErrorResponse: `code` is the SQLSTATE."""

    code: str
    message: str
    detail: str = ""
    hint: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code} {self.message}"

    def response(self) -> Message:
        answer = {"S": "ERROR", "V": "ERROR", "C": self.code, "M": self.message, "D": self.detail, "H": self.hint}
        answer |= {name: value for name, value in self.fields.items() if name in "Pstcdn"}
        body = b"".join(f"{name}{value}\0".encode() for name, value in answer.items() if value)
        return Message(b"E", body + b"\0")


def fault(message: Message) -> RedshiftError:
    """What an ErrorResponse says."""
    answer = {part[0]: part[1:] for part in message.body.decode(errors="replace").split("\0") if part}
    return RedshiftError(
        answer.get("C", "XX000"), answer.get("M", ""), answer.get("D", ""), answer.get("H", ""), answer
    )


async def read(reader: StreamReader) -> Message:
    """The next message. Raises IncompleteReadError when the other side is gone."""
    kind = await reader.readexactly(1)
    (length,) = struct.unpack("!I", await reader.readexactly(4))
    return Message(kind, await reader.readexactly(length - 4))


async def read_startup(reader: StreamReader) -> tuple[int, bytes]:
    """The first packet of a connection: its code and what follows."""
    length, code = struct.unpack("!II", await reader.readexactly(8))
    return code, await reader.readexactly(length - 8)


def startup(code: int, body: bytes) -> bytes:
    return struct.pack("!II", len(body) + 8, code) + body


def postgres_parameters(body: bytes) -> bytes:
    """The start-up parameters without those that only Redshift knows, which PostgreSQL would refuse (42704)."""
    words = body.rstrip(b"\0").split(b"\0")
    pairs = zip(words[::2], words[1::2], strict=False)
    kept = (name + b"\0" + value + b"\0" for name, value in pairs if name.decode() in KNOWN_PARAMETERS)
    return b"".join(kept) + b"\0"


def query(sql: str) -> Message:
    return Message(b"Q", sql.encode() + b"\0")


def parse(name: str, sql: str, rest: bytes) -> Message:
    """`rest` is what the client's Parse says of the types of its parameters."""
    return Message(b"P", name.encode() + b"\0" + sql.encode() + b"\0" + rest)


def as_redshift(message: Message) -> Message:
    """A message of the server as Redshift would say it: drivers cannot read Debian's version."""
    if message.kind == b"S" and message.body.startswith(b"server_version\0"):
        return Message(b"S", f"server_version\0{SERVER_VERSION}\0".encode())
    return message


def row(message: Message) -> Iterator[str | None]:
    """The values of a DataRow, as text."""
    (count,) = struct.unpack_from("!H", message.body)
    at = 2
    for _ in range(count):
        (length,) = struct.unpack_from("!i", message.body, at)
        at += 4
        if length < 0:
            yield None
        else:
            yield message.body[at : at + length].decode()
            at += length
