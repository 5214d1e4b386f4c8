"""A malformed page, cut into the pieces of its array: a record each, or what stands where a record should.

A piece ends where its brackets close and a comma, the next object or the end of the page follows. Where
brackets, quotes and commas do not go together, nothing can be said about where the piece ends: it then
goes on to the next object that is well formed in this sense and names the table's key, or that begins with
the member with which the page's first object begins.

Where Python's JSON reader, at its most lenient, finds an object, it says where that ends; else the text is
looked at token by token. The work on a page is bounded: what is left of it when `MAX_WORK` is done is one
piece. It is counted, not timed, so that the same page is cut alike everywhere.
"""

import json
import re
from dataclasses import dataclass

# Work is in nanoseconds, about: of looking at a byte, reading one as JSON, a token, a try at a piece, one that failed.
BYTE, READ_BYTE, TOKEN, TRY, FAILED_TRY = 1, 8, 500, 6_000, 100_000
MAX_WORK = 20_000_000_000
STRETCH = 1 << 20  # bytes that the JSON reader is shown at once: it counts the lines before what it cannot read

# What a page's array can have around its pieces, commas apart: whitespace, JSON's and other, and byte order marks.
_FOREIGN = rb"\xc2[\x85\xa0]|\xe2\x80[\x80-\x8f\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80|\xef\xbb\xbf"
_BLANKS = rb"[ \t\r\n]*+(?:(?:" + _FOREIGN + rb")[ \t\r\n]*+)*+"
_TEXT = rb'"(?:[^"\\]++|\\.)*+"'
_blanks = re.compile(_BLANKS)
_gap = re.compile(rb"(?:[, \t\r\n]|" + _FOREIGN + rb")*+")
_token = re.compile(_BLANKS + rb"(?:(" + _TEXT + rb')|([\[{])|([\]}])|(,)|(:)|([^ \t\r\n"\[\]{},:]++))', re.DOTALL)
TEXT, OPENING, CLOSING, COMMA, COLON, WORD = range(1, 7)
OPENED_BY = {ord("]"): ord("["), ord("}"): ord("{")}
_MEMBER = rb",[ \t\r\n]*+" + _TEXT + rb"[ \t\r\n]*+:"  # after an object: it was closed too early, and goes on
_member = re.compile(_MEMBER, re.DOTALL)
_separated = re.compile(_BLANKS + rb"(?:\Z|(?=\{)|(?!" + _MEMBER + rb"),)", re.DOTALL)
_lenient = json.JSONDecoder(strict=False, parse_float=str, parse_int=str, parse_constant=str)
_first_member = re.compile(rb"\{[ \t\r\n]*+(" + _TEXT + rb")[ \t\r\n]*+:", re.DOTALL)
_object = re.compile(rb'(?<![:\[])(?<!: )\{[ \t\r\n]*+"')


class PageError(ValueError):
    """The body is no JSON array, or ends before it is complete."""


@dataclass(frozen=True)
class Piece:
    """The bytes of a piece, and why it is no record if that is known."""

    text: bytes
    error: str | None = None


class _Unsound(Exception):  # noqa: N818  a finding, not an error
    """Brackets, quotes and commas do not go together. `is_cut`: all is well, but the text ends too early."""

    def __init__(self, is_cut: bool = False) -> None:
        self.is_cut = is_cut


class _TooMuchWork(Exception):  # noqa: N818  a finding, not an error
    """The page's work is done."""


def pieces(body: bytes, key: str) -> list[Piece]:
    """The pieces of a page, in order. Raises PageError."""
    return _Cutter(body, key).pieces()


class _Cutter:
    def __init__(self, body: bytes, key: str) -> None:
        self._body = body
        self._at, self._end = _inside(body)
        self._work, self._start, self._stretch = 0, -STRETCH, ""  # no byte lies in the stretch that is shown first
        self._key = re.compile(rb'"' + re.escape(key.encode()) + rb'"[ \t\r\n]*+:')
        first = _first_member.match(body, _skip(_gap, body, self._at))
        self._first = first[1] if first else None

    def pieces(self) -> list[Piece]:
        found, at = list[Piece](), _skip(_gap, self._body, self._at)
        while at < self._end:
            try:
                after = self._after(at)
            except _TooMuchWork:
                rest = f"the rest of the page, {self._end - at} bytes, has no records that can be told apart"
                return [*found, Piece(self._body[at : self._end], rest)]
            found.append(Piece(self._body[at:after].rstrip(b", \t\r\n")))
            at = _skip(_gap, self._body, after)
        return found

    def _after(self, at: int) -> int:
        """Where the piece at `at` ends."""
        if after := self._end_of_object(at):
            return after
        try:
            return self._end_of_value(at)
        except _Unsound as unsound:
            after = self._next_record(at + 1)
            if after == self._end and unsound.is_cut:
                raise _not_closed(self._body) from None
            return after

    def _end_of_object(self, at: int) -> int | None:
        """Where the object at `at` ends; None if it is none that Python reads, or goes on after its end."""
        if not self._start <= at < self._start + STRETCH // 2:
            self._start, self._stretch = at, self._body[at : at + STRETCH].decode("latin-1")  # a character a byte
        try:
            value, end = _lenient.raw_decode(self._stretch, at - self._start)
        except (ValueError, RecursionError):
            self._done(FAILED_TRY)
            return None
        after = self._start + end
        self._done(TRY + READ_BYTE * (after - at))
        return after if isinstance(value, dict) and _separated.match(self._body, after, self._end) else None

    def _next_record(self, at: int) -> int:
        """Where the next object starts that names the key, or begins as the first one does; else the end."""
        while found := _object.search(self._body, at, self._end):
            self._done(TOKEN + BYTE * (found.start() - at))
            try:
                after = self._end_of_value(found.start())
            except _Unsound:
                member = _first_member.match(self._body, found.start(), self._end)
                if member and member[1] == self._first:
                    return found.start()
                at = found.start() + 1
                continue
            if self._key.search(self._body, found.start(), after):
                return found.start()
            at = after
        return self._end

    def _end_of_value(self, at: int) -> int:
        """Where the value at `at` ends. Raises _Unsound."""
        body, last, before, tokens, opened = self._body, at, COMMA, 0, bytearray()
        most = (MAX_WORK - self._work) // TOKEN
        try:
            for token in _token.finditer(body, at, self._end):
                kind, tokens = token.lastindex or 0, tokens + 1
                if token.start() != last or tokens > most:
                    break
                first = body[token.start(kind)]
                if not opened and before != COMMA and (kind in (COMMA, COLON) or first == ord("{")):
                    if kind == COLON or _member.match(body, token.start(kind), self._end):
                        raise _Unsound
                    return last
                _check(kind, first, before, opened)
                last, before = token.end(), kind
        finally:
            self._done(TRY + BYTE * (last - at) + TOKEN * tokens)
        if _skip(_blanks, body, last) < self._end:  # a quote that is never closed: it was looked for up to the end
            self._done(BYTE * (self._end - last))
            raise _Unsound
        if opened:
            raise _Unsound(is_cut=opened.endswith(b"["))  # the page's own bracket would close it
        return last

    def _done(self, work: int) -> None:
        self._work += work
        if self._work > MAX_WORK:
            raise _TooMuchWork


def _check(kind: int, first: int, before: int, opened: bytearray) -> None:
    """Keeps account of the brackets. Raises _Unsound for one that closes another, and for values side by side."""
    if before in (TEXT, CLOSING, WORD) and kind in (TEXT, OPENING, WORD) and not before == kind == WORD:
        raise _Unsound
    if kind == OPENING:
        if opened.endswith(b"{") and before != COLON:
            raise _Unsound
        opened.append(first)
    elif kind == CLOSING and (not opened or opened.pop() != OPENED_BY[first]):
        raise _Unsound


def _inside(body: bytes) -> tuple[int, int]:
    """Where the pieces of the page's array begin and end."""
    if b"\0" in body[:4] or body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise PageError(f"is no UTF-8: starts with {body[:8]!r}")
    start = _skip(_blanks, body, 0)
    if body[start : start + 1] != b"[":
        raise PageError(_no_array(body[start:]))
    closed = body[-1024:].decode("utf-8", "replace").rstrip("\ufeff \t\r\n\u00a0\u0085\u2028\u2029").endswith("]")
    if not closed:
        raise _not_closed(body)
    return start + 1, body.rindex(b"]")


def _no_array(body: bytes) -> str:
    try:
        return f"a JSON {type(json.loads(body[:STRETCH])).__name__}, not an array"
    except (ValueError, RecursionError):
        hint = " (one record a line is no array)" if body.startswith(b"{") else ""
        return f"starts with {_quote(body[:40])}, not with an array{hint}"


def _not_closed(body: bytes) -> PageError:
    return PageError(f"ends with {_quote(body[-40:])}: the array is not closed")


def _quote(text: bytes) -> str:
    return repr(text.decode("utf-8", "replace"))


def _skip(blanks: re.Pattern[bytes], body: bytes, at: int) -> int:
    found = blanks.match(body, at)
    return found.end() if found else at
