"""What becomes of one statement."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Translation:
    """`sql` runs in the client's place; `before` and `after` around it, in one transaction with it.

    `reads` are the quoted names of tables and views it reads. `tag`: what the client is told was done, if PostgreSQL
    would say something else.
    """

    sql: str
    reads: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    tag: str = ""


NOTHING = "do $$ begin end $$"


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def array(texts: tuple[str, ...]) -> str:
    return "array[" + ", ".join(map(literal, texts)) + "]::text[]"
