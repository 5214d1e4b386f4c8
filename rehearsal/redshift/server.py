"""Listens for Redshift's drivers and gives each a connection of its own to PostgreSQL."""

import asyncio
import logging
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from dataclasses import dataclass

from rehearsal.redshift import wire
from rehearsal.redshift.backend import Backend
from rehearsal.redshift.external import ExternalSchemas
from rehearsal.redshift.session import Session
from rehearsal.redshift.wire import Message

LOG = logging.getLogger(__name__)
# Authentication requests that the client answers: password, MD5, SASL, SASL continued.
ASKS_BACK = (3, 5, 10, 11)


@dataclass(frozen=True)
class Front:
    """`host`, `port`: where PostgreSQL listens."""

    host: str
    port: int
    external: ExternalSchemas

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Port 0 is any free one."""
        return await asyncio.start_server(self._serve, host, port)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            code, body = await wire.read_startup(reader)
            while code in (wire.SSL_REQUEST, wire.GSS_REQUEST):
                writer.write(b"N")  # loopback only: no TLS, so clients say sslmode disable
                code, body = await wire.read_startup(reader)
            await self._connected(code, body, reader, writer)
        except (IncompleteReadError, ConnectionError):
            LOG.debug("a client went")
        finally:
            writer.close()

    async def _connected(self, code: int, body: bytes, reader: StreamReader, writer: StreamWriter) -> None:
        behind_reader, behind_writer = await asyncio.open_connection(self.host, self.port)
        try:
            if code == wire.CANCEL_REQUEST:
                behind_writer.write(wire.startup(code, body))
                await behind_writer.drain()
                await behind_reader.read()
                return
            behind_writer.write(wire.startup(wire.PROTOCOL, wire.postgres_parameters(body)))
            backend = Backend(behind_reader, behind_writer)
            if await _authenticated(backend, reader, writer):
                await Session(reader, writer, backend, self.external).serve()
        finally:
            behind_writer.close()


async def _authenticated(backend: Backend, reader: StreamReader, writer: StreamWriter) -> bool:
    """Hand PostgreSQL's questions to the client and its answers back. False if it is turned away."""
    while (message := await backend.read()).kind != b"Z":
        writer.write(message.packed())
        await writer.drain()
        if message.kind == b"E":
            return False
        if _asks_back(message):
            await backend.send(await wire.read(reader))
    writer.write(message.packed())
    await writer.drain()
    return True


def _asks_back(message: Message) -> bool:
    return message.kind == b"R" and int.from_bytes(message.body[:4], "big") in ASKS_BACK
