"""The front's end of a connection to PostgreSQL: questions of its own, between those of the client."""

from asyncio import StreamReader, StreamWriter

from rehearsal.redshift import wire
from rehearsal.redshift.wire import Message, RedshiftError


class Backend:
    """One connection to PostgreSQL, past its start. `status` is I (idle), T (in a transaction) or E (failed)."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.status = "I"

    async def read(self) -> Message:
        message = wire.as_redshift(await wire.read(self._reader))
        if message.kind == b"Z":
            self.status = message.body.decode()
        return message

    async def send(self, *messages: Message) -> None:
        self._writer.write(b"".join(message.packed() for message in messages))
        await self._writer.drain()

    async def ask(self, sql: str) -> list[list[str | None]]:
        """The rows of a statement that the client does not see. Raises RedshiftError."""
        await self.send(wire.query(sql))
        rows, wrong = [], None
        while (message := await self.read()).kind != b"Z":
            if message.kind == b"D":
                rows.append(list(wire.row(message)))
            elif message.kind == b"E":
                wrong = wire.fault(message)
        if wrong:
            raise wrong
        return rows

    async def fail(self) -> None:
        """Put an open transaction into the state that an error leaves."""
        if self.status == "T":
            try:
                await self.ask("select 1 / 0")
            except RedshiftError:
                return

    def close(self) -> None:
        self._writer.close()
