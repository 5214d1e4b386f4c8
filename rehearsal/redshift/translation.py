"""A statement of Redshift's as PostgreSQL is to run it, with what the front does before and after."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from rehearsal.redshift import commands, definitions, dialect, refusals
from rehearsal.redshift.patterns import Statement
from rehearsal.redshift.statement import Translation
from rehearsal.redshift.wire import RedshiftError

LONGEST_NAME = 127


@dataclass(frozen=True)
class Piece:
    """One statement of a text: its tokens, and the text without the comments around it."""

    tokens: list[Token]
    text: str


@lru_cache(maxsize=512)
def translate(sql: str, external: frozenset[str]) -> tuple[Translation, ...]:
    """The statements of a text. `external` names the external schemas. Raises RedshiftError for what it refuses."""
    return tuple(_translated(piece, external) for piece in _pieces(sql))


def _pieces(sql: str) -> list[Piece]:
    try:
        tokens = dialect.RedshiftAsWritten().tokenize(sql)
    except SqlglotError as error:
        raise RedshiftError("42601", f"syntax error: {error}") from error
    ends = [-1, *(at for at, each in enumerate(tokens) if each.token_type == TokenType.SEMICOLON), len(tokens)]
    found = [tokens[start + 1 : end] for start, end in pairwise(ends)]
    return [Piece(each, sql[each[0].start : each[-1].end + 1]) for each in found if each]


def _translated(piece: Piece, external: frozenset[str]) -> Translation:
    if piece.tokens[0].text.lower() == "explain" and len(piece.tokens) > 1:
        [explained] = translate(piece.text[len("explain") :], external)
        return replace(explained, sql=f"explain {explained.sql}", before=(), after=())
    command = commands.command(piece.text, external)
    words = {each.text.lower() for each in piece.tokens if each.token_type != TokenType.STRING}
    if command is None:
        text, is_interleaved = definitions.without_interleaved(piece.text)
        tree = _tree(text, words)
        refusals.refuse(Statement(tree, dialect.calls(piece.tokens), words, external))
        _check_names(tree)
        make = next((make for kind, make in MAKERS if isinstance(tree, kind)), _query)
        command = make(tree, piece.text, is_interleaved)
    return command


def _tree(text: str, words: set[str]) -> exp.Expr:
    try:
        tree = sqlglot.parse_one(text, read=dialect.RedshiftAsWritten)
    except SqlglotError as error:
        raise RedshiftError("42601", f"the front cannot read this as Redshift's SQL: {_plain(error)}") from error
    if isinstance(tree, exp.Command):
        refusals.refuse(Statement(tree, set(), words, frozenset()))
        raise RedshiftError(
            "0A000", f"the front does not know this statement: {text[:80]}", "", "see rehearsal/redshift"
        )
    return tree


def _plain(error: SqlglotError) -> str:
    return re.sub(r"\x1b\[\d*m", "", " ".join(str(error).split()))


def _check_names(tree: exp.Expr) -> None:
    for each in tree.find_all(exp.Identifier):
        if len(each.name.encode()) > LONGEST_NAME:
            raise RedshiftError(
                "42622", f"the name {each.name} has more than {LONGEST_NAME} bytes", "", "AWS page r_names"
            )


def _query(tree: exp.Expr, text: str, is_interleaved: bool) -> Translation:  # noqa: ARG001  all are called alike
    return Translation(dialect.as_postgres(tree), reads=definitions.reads(tree))


Maker = Callable[[exp.Expr, str, bool], Translation]
MAKERS: tuple[tuple[type[exp.Expr], Maker], ...] = (
    (exp.Create, definitions.create),
    (exp.Alter, definitions.alter),
)
