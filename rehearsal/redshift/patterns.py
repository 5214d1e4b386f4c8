"""What to look for in a statement: the patterns that the table of refusals is written with."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from sqlglot import exp

from rehearsal.redshift.dialect import is_system, tables

T = exp.DType


@dataclass(frozen=True)
class Statement:
    """A statement as read: `calls` are the names of its functions, `external` the external schemas."""

    tree: exp.Expr
    calls: set[str]
    words: set[str]
    external: frozenset[str]

    @cached_property
    def nodes(self) -> list[exp.Expr]:
        """All of the tree, walked once for the whole table of refusals."""
        return list(self.tree.walk())

    @cached_property
    def tables(self) -> list[exp.Table]:
        return tables(self.tree)

    def reads_external(self) -> bool:
        return any(each.db.lower() in self.external for each in self.tables)

    def reads_tables(self) -> bool:
        return any(not is_system(each) for each in self.tables)


def node(*kinds: type[exp.Expr]) -> Callable[[Statement], bool]:
    return lambda statement: any(isinstance(each, kinds) for each in statement.nodes)


def function(*names: str) -> Callable[[Statement], bool]:
    return lambda statement: bool(statement.calls.intersection(names))


def column_type(*kinds: exp.DType) -> Callable[[Statement], bool]:
    return any_node(exp.DataType, lambda each: each.this in kinds)


def has_type(*names: str) -> Callable[[Statement], bool]:
    return any_node(exp.DataType, lambda each: each.sql("postgres").lower() in names)


def any_node(kind: type[exp.Expr], holds: Callable[[exp.Expr], object]) -> Callable[[Statement], bool]:
    return lambda statement: any(isinstance(each, kind) and holds(each) for each in statement.nodes)


def create(kind: str, holds: Callable[[exp.Expr], object] = lambda _: True) -> Callable[[Statement], bool]:
    def is_in(statement: Statement) -> bool:
        tree = statement.tree
        return isinstance(tree, exp.Create) and tree.args["kind"] == kind and bool(holds(tree))

    return is_in


def property_is(kind: type[exp.Expr], value: str) -> Callable[[exp.Expr], bool]:
    return lambda tree: any(each.this.name.lower() == value for each in tree.find_all(kind))


def is_materialized(tree: exp.Expr) -> bool:
    return tree.find(exp.MaterializedProperty) is not None


def over_size(node_: exp.Expr) -> bool:
    sizes = [int(each.name) for each in node_.expressions if each.name.isdigit()]
    limit = {T.DECIMAL: 38, T.VARCHAR: 65535, T.CHAR: 4096}.get(node_.this)
    return bool(limit and sizes and sizes[0] > limit)


def lacks_frame(window: exp.Expr) -> bool:
    framed = (exp.AggFunc, exp.FirstValue, exp.LastValue, exp.NthValue)
    ranking = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile, exp.Lag, exp.Lead)
    is_framed = isinstance(window.this, framed) and not isinstance(window.this, ranking)
    return bool(is_framed and window.args.get("order") and not window.args.get("spec"))


def writes_external(statement: Statement) -> bool:
    if isinstance(statement.tree, exp.Alter | exp.Drop | exp.TruncateTable):
        return statement.reads_external()
    is_write = isinstance(statement.tree, exp.Insert | exp.Update | exp.Delete | exp.Merge | exp.Create)
    target = statement.tree.this if is_write else None
    found = target.find(exp.Table) if isinstance(target, exp.Expr) else None
    return found is not None and found.db.lower() in statement.external


def mixes_catalog_and_tables(statement: Statement) -> bool:
    catalog = [each for each in statement.tables if each.name.lower().startswith("pg_") and is_system(each)]
    return bool(catalog) and statement.reads_tables()


def words(*found: str) -> Callable[[Statement], bool]:
    return lambda statement: statement.words.issuperset(found)


def leader_only(*names: str) -> Callable[[Statement], bool]:
    return lambda statement: bool((statement.calls | statement.words).intersection(names)) and statement.reads_tables()
