"""How the front reads Redshift's SQL and writes PostgreSQL's: sqlglot, put right where it is wrong.

Functions that PostgreSQL lacks, or answers otherwise, keep their names; functions.sql makes them in the database.
"""

import hashlib
from itertools import pairwise
from typing import ClassVar

from sqlglot import exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.parsers.redshift import RedshiftParser
from sqlglot.tokenizer_core import Token, TokenType

# sqlglot would rewrite them: datediff by age(), which does not count boundaries as Redshift does, and so on.
OURS = ("DATEADD", "DATE_ADD", "DATEDIFF", "DATE_DIFF", "DATE_PART", "DATE_PART_YEAR", "GETDATE", "SYSDATE", "LAST_DAY",
        "ADD_MONTHS", "MONTHS_BETWEEN", "CONVERT_TIMEZONE", "LEN", "TRUNC", "STRTOL", "REGEXP_SUBSTR",
        "REGEXP_REPLACE", "REGEXP_COUNT", "REGEXP_INSTR")  # fmt: skip
WITH_A_DATE_PART = {"dateadd", "date_add", "datediff", "date_diff", "date_part"}
# System tables that the front shows as Redshift would (catalog.sql).
SHOWN_OTHERWISE = {
    ("pg_catalog", "pg_class"), ("pg_catalog", "pg_attribute"), ("pg_catalog", "pg_views"),
    ("information_schema", "tables"), ("information_schema", "views"), ("information_schema", "columns"),
}  # fmt: skip
SYSTEM_PREFIXES = ("pg_", "svv_", "svl_", "stv_", "stl_", "sys_")


class RedshiftAsWritten(Redshift):
    """Redshift's SQL, with the functions of OURS left as they are."""

    class Parser(RedshiftParser):
        FUNCTIONS: ClassVar = {name: make for name, make in RedshiftParser.FUNCTIONS.items() if name not in OURS}
        FUNCTION_PARSERS: ClassVar = {
            name: read for name, read in RedshiftParser.FUNCTION_PARSERS.items() if name not in OURS
        }


def calls(tokens: list[Token]) -> set[str]:
    """Names that are followed by a parenthesis, in lower case."""
    return {each.text.lower() for each, after in pairwise(tokens) if after.token_type == TokenType.L_PAREN}


def is_system(table: exp.Table) -> bool:
    if table.db:
        return table.db.lower() in ("pg_catalog", "information_schema", "pg_internal", "redshift")
    return table.name.lower().startswith(SYSTEM_PREFIXES)


def tables(tree: exp.Expr) -> list[exp.Table]:
    """Tables and views that a statement names, its own CTEs and functions apart."""
    ctes = {each.alias.lower() for each in tree.find_all(exp.CTE)}
    named = [each for each in tree.find_all(exp.Table) if isinstance(each.this, exp.Identifier)]
    return [each for each in named if each.db or each.name.lower() not in ctes]


def name(table: exp.Table) -> str:
    """Quoted, with its schema if it has one: what PostgreSQL's regclass reads."""
    parts = [table.db, table.name] if table.db else [table.name]
    return ".".join('"' + postgres_name(part).replace('"', '""') + '"' for part in parts)


def as_postgres(tree: exp.Expr) -> str:
    """The statement in PostgreSQL's SQL, with Redshift's meaning."""
    return tree.copy().transform(_rewritten, copy=False).sql("postgres", comments=False)


LONGEST_NAME = 63  # PostgreSQL's; Redshift keeps 127 bytes


def postgres_name(name: str) -> str:
    """A name as PostgreSQL keeps it: lower case, a long one cut and told apart by a hash of the whole."""
    folded = name.lower()
    if len(folded.encode()) <= LONGEST_NAME:
        return folded
    return f"{folded[:50]}_{hashlib.sha256(folded.encode()).hexdigest()[:12]}"


def _rewritten(node: exp.Expr) -> exp.Expr:
    for kind, rewrite in _REWRITES:
        if isinstance(node, kind):
            return rewrite(node)
    return node


def _identifier(node: exp.Expr) -> exp.Expr:
    node.set("this", postgres_name(node.name))  # Redshift folds quoted names too
    return node


def _text(node: exp.Expr) -> exp.Expr:
    """A catalogue is asked for a table by its whole name, which PostgreSQL has not kept."""
    is_name = node.args.get("is_string") and len(node.name) > LONGEST_NAME and node.name.isidentifier()
    if is_name and any(is_system(each) for each in node.root().find_all(exp.Table)):
        node.set("this", postgres_name(node.name))
    return node


def _table(node: exp.Expr) -> exp.Expr:
    assert isinstance(node, exp.Table)
    schema = node.db.lower() or ("pg_catalog" if node.name.lower().startswith("pg_") else "")
    if (schema, node.name.lower()) in SHOWN_OTHERWISE:
        node.set("db", exp.to_identifier("redshift"))
    return node


def _function(node: exp.Expr) -> exp.Expr:
    if node.name.lower() in WITH_A_DATE_PART:
        part = node.expressions[0]
        if isinstance(part, exp.Column | exp.Var):
            part.replace(exp.Literal.string(part.name.lower()))
    return node


def _listagg(node: exp.Expr) -> exp.Expr:
    """LISTAGG is string_agg, with its order inside the parentheses."""
    order = None
    if isinstance(node, exp.WithinGroup):
        if not isinstance(node.this, exp.GroupConcat):
            return node
        node, order = node.this, node.expression
    values, separator = node.this, node.args.get("separator") or exp.Literal.string("")
    if isinstance(values, exp.Distinct) and len(values.expressions) == 2:  # sqlglot reads the separator as a value
        separator = values.expressions[1]
        values.set("expressions", values.expressions[:1])
    if isinstance(values, exp.Distinct):
        values.set("expressions", [exp.cast(values.expressions[0], "text")])
    else:
        values = exp.cast(values, "text")
    if order:
        separator = exp.Order(this=separator, expressions=order.expressions)
    return exp.Anonymous(this="string_agg", expressions=[values, separator])


def _extract(node: exp.Expr) -> exp.Expr:
    part = exp.Literal.string(node.this.name.lower())
    return exp.Anonymous(this="redshift_extract", expressions=[part, node.expression])


def _cast(node: exp.Expr) -> exp.Expr:
    kind = bounded(node.args["to"], is_column=False)
    node.set("to", kind)
    if kind.this in (exp.DType.VARCHAR, exp.DType.CHAR) and kind.expressions:
        size = exp.Literal.number(kind.expressions[0].name)
        node.set("this", exp.Anonymous(this="redshift_fit", expressions=[node.this, size]))
    return node


def bounded(kind: exp.DataType, is_column: bool) -> exp.DataType:
    """A type with the bounds Redshift gives it when none are said."""
    types = exp.DType
    if kind.this == types.DECIMAL and not kind.expressions:
        return exp.DataType.build("decimal(18, 0)")
    if kind.this in (types.TEXT, types.VARCHAR, types.NVARCHAR) and not kind.expressions and is_column:
        return exp.DataType.build("varchar(256)")
    if kind.this == types.BPCHAR:
        return exp.DataType.build("char(256)")
    return kind


_REWRITES = (
    (exp.Identifier, _identifier),
    (exp.Literal, _text),
    (exp.Table, _table),
    (exp.CurrentTimestamp, lambda _: exp.Anonymous(this="getdate", expressions=[])),
    (exp.ApproxDistinct, lambda node: exp.Count(this=exp.Distinct(expressions=[node.this]))),
    (exp.Extract, _extract),
    (exp.WithinGroup | exp.GroupConcat, _listagg),
    (exp.Cast, _cast),
    (exp.Anonymous, _function),
)
