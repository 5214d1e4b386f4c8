"""One client's conversation: its statements are translated or refused, and what they bring about is recorded.

Messages are taken up to the next Sync (or simple Query). Around them the front asks PostgreSQL questions of its own:
which external tables the statements read, so that these show their current snapshot, and what a statement's keys are.
"""

import asyncio
import logging
from asyncio import StreamReader, StreamWriter
from dataclasses import dataclass, field

from rehearsal.redshift import wire
from rehearsal.redshift.backend import Backend
from rehearsal.redshift.external import ExternalSchemas
from rehearsal.redshift.statement import NOTHING, Translation, array
from rehearsal.redshift.translation import translate
from rehearsal.redshift.wire import Message, RedshiftError

LOG = logging.getLogger(__name__)
BYTES = "redshift_bytes_"  # constraints that hold a varchar to its bytes (catalog.sql)


@dataclass
class Prepared:
    """A statement the client has named. `is_fresh` until it ran once: what it reads was looked at a moment ago."""

    translations: tuple[Translation, ...]
    is_fresh: bool = True


@dataclass
class Batch:
    """What the client wants until the next Sync: messages for PostgreSQL, and the statements that run."""

    messages: list[Message] = field(default_factory=list)
    looked_at: list[Translation] = field(default_factory=list)
    run: list[Translation] = field(default_factory=list)


class Session:
    """Reads the client, writes to it; `backend` and the client are both past their start."""

    def __init__(self, reader: StreamReader, writer: StreamWriter, backend: Backend, external: ExternalSchemas) -> None:
        self._reader, self._writer = reader, writer
        self._backend, self._external = backend, external
        self._prepared: dict[str, Prepared] = {}
        self._portals: dict[str, str] = {}

    async def serve(self) -> None:
        """Until the client goes."""
        while True:
            messages = [await wire.read(self._reader)]
            while messages[-1].kind not in (b"S", b"Q", b"X"):
                messages.append(await wire.read(self._reader))
            if messages[-1].kind == b"X":
                return
            if wrong := await self._try_to_answer(messages):
                await self._backend.fail()
                await self._say(wrong.response())
            await self._say(Message(b"Z", self._backend.status.encode()))

    async def _try_to_answer(self, messages: list[Message]) -> RedshiftError | None:
        """Answer the client, but for the end. What stood in the way, if the client has not been told."""
        try:
            await self._answer(self._read(messages))
        except RedshiftError as refused:
            return refused
        except (ConnectionError, asyncio.IncompleteReadError):
            raise
        except Exception as error:  # a slip of the front's costs a statement, not the connection
            LOG.exception("a statement could not be handled")
            return RedshiftError("XX000", f"the Redshift front failed: {error!r}", "its log has more")
        return None

    def _read(self, messages: list[Message]) -> Batch:
        """Raises RedshiftError if a statement is one that Redshift refuses."""
        batch = Batch()
        for message in messages:
            if message.kind == b"Q":
                translations = translate(message.strings(1)[0], self._external.names())
                batch.messages.append(wire.query("; ".join(each.sql for each in translations)))
                batch.looked_at += translations
                batch.run += translations
            elif message.kind == b"P":
                batch.messages.append(self._parse(message, batch))
            elif message.kind != b"H":  # a Sync follows, so nobody waits for what Flush would bring
                self._note(message, batch)
                batch.messages.append(message)
        return batch

    def _parse(self, message: Message, batch: Batch) -> Message:
        name, sql = message.strings(2)
        rest = message.body[len(name.encode()) + len(sql.encode()) + 2 :]
        translations = translate(sql, self._external.names())
        if len(translations) > 1:
            raise RedshiftError("42601", "cannot insert multiple commands into a prepared statement")
        self._prepared[name] = Prepared(translations)
        batch.looked_at += translations
        return wire.parse(name, translations[0].sql if translations else "", rest)

    def _note(self, message: Message, batch: Batch) -> None:
        """Which statement a portal runs, and that it runs."""
        if message.kind == b"B":
            portal, statement = message.strings(2)
            self._portals[portal] = statement
        elif message.kind == b"E":
            prepared = self._prepared.get(self._portals.get(message.strings(1)[0], ""))
            if prepared:
                batch.run += prepared.translations
                batch.looked_at += [] if prepared.is_fresh else prepared.translations
                prepared.is_fresh = False

    async def _answer(self, batch: Batch) -> None:
        """Raises RedshiftError for what goes wrong before the client's own messages, or after them."""
        await self._bring_up_to_date(batch.looked_at)
        before = [sql for each in batch.run for sql in each.before]
        after = [sql for each in batch.run for sql in each.after]
        is_ours = bool(before or after) and self._backend.status == "I"
        try:
            for sql in ["begin"] * is_ours + before:
                await self._backend.ask(sql)
            await self._backend.send(*batch.messages)
            is_done = await self._relay(batch)
            for sql in after if is_done else []:
                await self._backend.ask(sql)
        finally:
            if is_ours and self._backend.status != "I":
                await self._backend.ask("rollback" if self._backend.status == "E" else "commit")

    async def _bring_up_to_date(self, looked_at: list[Translation]) -> None:
        """Raises RedshiftError if a statement reads a late binding view of what is not there."""
        reads = {name for each in looked_at for name in each.reads}
        if not reads or self._backend.status == "E":
            return
        names = array(tuple(sorted(reads)))
        needed = array(tuple(sorted({name for each in looked_at if each.sql != NOTHING for name in each.reads})))
        for schema, table in await self._backend.ask(_external_tables(names)):
            await asyncio.to_thread(self._external.refresh, str(schema), str(table))
        await self._backend.ask(f"select redshift.rebind({names}, {needed})")

    async def _relay(self, batch: Batch) -> bool:
        """Hand PostgreSQL's answer to the client, but for its end. True if there is no error in it."""
        tags = iter([each.tag for each in batch.run])
        is_done = True
        while (message := await self._backend.read()).kind != b"Z":
            if message.kind == b"E":
                is_done = False
                message = _as_redshift(wire.fault(message)).response()
            elif message.kind == b"C" and (tag := next(tags, None)):
                message = Message(b"C", tag.encode() + b"\0")
            elif message.kind in (b"G", b"W"):
                await self._backend.send(Message(b"f", b"COPY is not emulated\0"))
                continue
            await self._say(message)
        return is_done

    async def _say(self, message: Message) -> None:
        self._writer.write(message.packed())
        await self._writer.drain()


def _external_tables(names: str) -> str:
    return f"select * from redshift.external_tables_read({names})"  # noqa: S608  names are quoted


def _as_redshift(refusal: RedshiftError) -> RedshiftError:
    """The errors of constraints that stand for something else."""
    if refusal.code == "23514" and refusal.fields.get("n", "").startswith(BYTES):
        column = refusal.fields["n"].removeprefix(BYTES)
        return RedshiftError(
            "22001",
            "Value too long for character type",
            f"column {column} of {refusal.fields.get('t', '')} counts bytes, as Redshift does (page r_Character_types)",
        )
    return refusal
