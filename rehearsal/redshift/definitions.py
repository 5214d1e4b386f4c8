"""Statements that make or change tables and views: PostgreSQL gets what it knows, the rest is recorded."""

import re
from dataclasses import dataclass

from sqlglot import exp

from rehearsal.redshift import dialect
from rehearsal.redshift.statement import NOTHING, Translation, array, literal

KEYS = (exp.DistStyleProperty, exp.DistKeyProperty, exp.SortKeyProperty, exp.BackupProperty, exp.AutoRefreshProperty)
# Redshift takes them as a promise and holds nobody to it.
INFORMATIONAL = (exp.PrimaryKey, exp.UniqueColumnConstraint, exp.ForeignKey)
INFORMATIONAL_OF_COLUMN = (
    exp.PrimaryKeyColumnConstraint,
    exp.UniqueColumnConstraint,
    exp.Reference,
    exp.EncodeColumnConstraint,
)


@dataclass(frozen=True)
class Keys:
    """How Redshift would lay a table out. `dist` is auto, even, all or key."""

    dist: str
    dist_key: str
    sort_keys: tuple[str, ...]
    is_interleaved: bool
    backup: bool
    auto_refresh: bool

    def arguments(self) -> str:
        flags = ", ".join(str(each).lower() for each in (self.is_interleaved, self.backup, self.auto_refresh))
        return f"{literal(self.dist)}, {literal(self.dist_key)}, {array(self.sort_keys)}, {flags}"


def without_interleaved(text: str) -> tuple[str, bool]:
    """sqlglot knows no `interleaved` and no `sortkey auto`."""
    plain = re.sub(r"\bsortkey\s+auto\b", "", text, flags=re.IGNORECASE)
    plain, times = re.subn(r"\binterleaved\s+(?=sortkey\b)", "", plain, flags=re.IGNORECASE)
    return plain, times > 0


def reads(tree: exp.Expr) -> tuple[str, ...]:
    return tuple(sorted({dialect.name(each) for each in dialect.tables(tree) if not dialect.is_system(each)}))


def create(tree: exp.Expr, text: str, is_interleaved: bool) -> Translation:
    if tree.args["kind"] == "TABLE":
        return _table(tree, is_interleaved)
    if tree.args["kind"] != "VIEW":
        return Translation(dialect.as_postgres(tree))
    if tree.find(exp.MaterializedProperty):
        return _materialized_view(tree, text)
    return _late_binding_view(tree, text) if tree.args.get("no_schema_binding") else _view(tree, text)


def alter(tree: exp.Expr, text: str, is_interleaved: bool) -> Translation:  # noqa: ARG001  all are called alike
    actions = tree.args["actions"]
    if all(isinstance(each, exp.AddConstraint) for each in actions):
        return Translation(NOTHING, tag="ALTER TABLE")
    for each in actions:
        if isinstance(each, exp.ColumnDef):
            _bound(each)
    return Translation(dialect.as_postgres(tree))


def _table(tree: exp.Expr, is_interleaved: bool) -> Translation:
    if like := tree.this.find(exp.LikeProperty):
        return _table_like(tree, dialect.name(like.this))
    keys = _pop_keys(tree, "auto", is_interleaved)
    if isinstance(tree.this, exp.Schema):
        columns = [each for each in tree.this.expressions if not _is_informational(each)]
        tree.this.set("expressions", [part for each in columns for part in _column(each)])
    query = tree.args.get("expression")
    recorded = f"select redshift.record_table({literal(_name(tree))}, {keys.arguments()})"
    return Translation(dialect.as_postgres(tree), reads(query) if query else (), after=(recorded,))


def _table_like(tree: exp.Expr, parent: str) -> Translation:
    """Columns, their null and byte bounds, and the keys of another table (page r_CREATE_TABLE_NEW)."""
    made = _name(tree)
    recorded = f"select redshift.record_table_like({literal(made)}, {literal(parent)})"
    return Translation(
        f"create table {made} (like {parent} including constraints)", after=(recorded,), tag="CREATE TABLE"
    )


def _is_informational(part: exp.Expr) -> bool:
    if isinstance(part, exp.Constraint):
        return all(isinstance(each, INFORMATIONAL) for each in part.expressions)
    return isinstance(part, INFORMATIONAL)


def _column(part: exp.Expr) -> list[exp.Expr]:
    """A column as PostgreSQL is to make it, and what holds its text to Redshift's bytes."""
    if not isinstance(part, exp.ColumnDef):
        return [part]
    size = _bound(part)
    kinds = [each.args["kind"] for each in part.args.get("constraints") or []]
    kept = [each for each in kinds if not isinstance(each, INFORMATIONAL_OF_COLUMN)]
    if any(isinstance(each, exp.PrimaryKeyColumnConstraint) for each in kinds):
        kept.append(exp.NotNullColumnConstraint())
    part.set("constraints", [exp.ColumnConstraint(kind=each) for each in kept])
    return [part, _bytes_at_most(part.name.lower(), size)] if size else [part]


def _bound(part: exp.ColumnDef) -> int | None:
    """Give a column's type the bounds Redshift gives it. The bytes its text may have, if it is text."""
    kind = dialect.bounded(part.args["kind"], is_column=True)
    part.set("kind", kind)
    is_text = kind.this in (exp.DType.VARCHAR, exp.DType.CHAR) and kind.expressions
    return int(kind.expressions[0].name) if is_text else None


def _bytes_at_most(column: str, size: int) -> exp.Expr:
    condition = exp.LTE(
        this=exp.Anonymous(this="octet_length", expressions=[exp.column(column, quoted=True)]),
        expression=exp.Literal.number(size),
    )
    name = exp.to_identifier(f"redshift_bytes_{column}", quoted=True)
    return exp.Constraint(this=name, expressions=[exp.CheckColumnConstraint(this=condition)])


def _view(tree: exp.Expr, text: str) -> Translation:
    recorded = f"select redshift.record_view({literal(_name(tree))}, {literal(text + ';')}, {_refs(tree)})"
    return Translation(dialect.as_postgres(tree), reads(tree.expression), after=(recorded,))


def _late_binding_view(tree: exp.Expr, text: str) -> Translation:
    body, replace = dialect.as_postgres(tree.expression), str(bool(tree.args.get("replace"))).lower()
    made = ", ".join([literal(_name(tree)), literal(body), literal(text + ";"), _refs(tree), replace])
    return Translation(
        NOTHING,
        reads(tree.expression),
        after=(f"select redshift.make_late_binding_view({made})",),
        tag="CREATE VIEW",
    )


def _materialized_view(tree: exp.Expr, text: str) -> Translation:
    keys, view, body = _pop_keys(tree, "even", False), _name(tree), dialect.as_postgres(tree.expression)
    recorded = f"{literal(view)}, {literal(text + ';')}, {_refs(tree)}, {keys.arguments()}"
    return Translation(
        f"create materialized view {view} as {body}",
        reads(tree.expression),
        before=(f"select redshift.check_materialized_view({_refs(tree)})",),
        after=(f"select redshift.record_materialized_view({recorded})",),
        tag="CREATE MATERIALIZED VIEW",
    )


def _refs(tree: exp.Expr) -> str:
    return array(reads(tree.expression))


def _name(tree: exp.Expr) -> str:
    table = tree.this.find(exp.Table)
    assert table is not None  # a created thing has a name
    return dialect.name(table)


def _pop_keys(tree: exp.Expr, default: str, is_interleaved: bool) -> Keys:
    """Takes the properties that only Redshift knows out of the statement."""
    properties = tree.args.get("properties")
    parts = properties.expressions if properties else []
    found = {type(each): each for each in parts if isinstance(each, KEYS)}
    others = [each for each in parts if not isinstance(each, KEYS)]
    tree.set("properties", exp.Properties(expressions=others) if others else None)
    style = found.get(exp.DistStyleProperty)
    key = found.get(exp.DistKeyProperty)
    sort = found.get(exp.SortKeyProperty)
    return Keys(
        dist="key" if key else style.this.name.lower() if style else default,
        dist_key=key.this.name.lower() if key else "",
        sort_keys=tuple(each.name.lower() for each in sort.this) if sort else (),
        is_interleaved=is_interleaved,
        backup=not _is_no(found.get(exp.BackupProperty)),
        auto_refresh=exp.AutoRefreshProperty in found and not _is_no(found[exp.AutoRefreshProperty]),
    )


def _is_no(each: exp.Expr | None) -> bool:
    return each is not None and each.this.name.lower() == "no"
