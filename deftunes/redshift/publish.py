"""Publish on Redshift: what dbt built and tested in gold_build and bi_build replaces what readers see in gold and bi.

Order, and what an end between any two steps leaves (tests/rehearsal/redshift/test_gold.py):

1. dbt builds and tests in gold_build and bi_build, which no reader may use. A failed test ends here, and nothing is
   published.
2. One transaction deletes from and inserts into the tables of gold and bi. Readers see all of the last build until it
   commits, and all of this one afterwards; they wait for nobody, for rows are replaced and no table is dropped. An end
   before the commit leaves the last build.
3. The tag `gold` is set on silver (deftunes/redshift/job.py). An end before that publishes the same days once more.

A table that is incremental has the window's rows replaced, by its `event_time`; the others have all of theirs. A table
whose columns changed is made anew, in the same transaction. Tables keep what was granted on them by hand.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from deftunes.redshift.connection import Address, quoted, transaction

LAYERS = {"gold_build": "gold", "bi_build": "bi"}
COLUMNS = """
select column_name, data_type, character_maximum_length, numeric_precision, numeric_scale, is_nullable
from information_schema.columns where table_schema = '{schema}' and table_name = '{name}' order by ordinal_position
"""
COLUMNS_OF_VIEW = """
select col_name, col_type from pg_get_late_binding_view_cols()
cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int)
where view_schema = '{schema}' and view_name = '{name}' order by col_num
"""

Window = tuple[date, date]
Ask = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Model:
    """One relation to publish. `event_time` is the column of an incremental table's window; `sql` is a view's query."""

    built_in: str
    name: str
    event_time: str | None = None
    sql: str | None = None

    @property
    def schema(self) -> str:
        """Where readers find it."""
        return LAYERS[self.built_in]

    @property
    def published(self) -> str:
        return quoted(self.schema, self.name)

    @property
    def working_table(self) -> str:
        return quoted(self.built_in, self.name)

    @property
    def is_for_readers(self) -> bool:
        """All of bi, and of gold what dashboards slice: its views hold no names of people."""
        return self.schema == "bi" or self.sql is not None


def models(manifest_path: Path) -> list[Model]:
    """What the last build built, by dbt's manifest of it: tables, then views, each after those it reads."""
    nodes: Mapping[str, Any] = json.loads(manifest_path.read_text(encoding="utf-8"))["nodes"]
    found = {
        name: node for name, node in nodes.items() if node["resource_type"] == "model" and node["schema"] in LAYERS
    }
    order = TopologicalSorter({name: node["depends_on"]["nodes"] for name, node in found.items()}).static_order()
    listed = [_model(found[name]) for name in order if name in found]
    return [each for each in listed if each.sql is None] + [each for each in listed if each.sql is not None]


def _model(node: Mapping[str, Any]) -> Model:
    config = node["config"]
    event_time = config.get("event_time") if config["materialized"] == "incremental" else None
    sql = node["compiled_code"] if config["materialized"] == "view" else None
    return Model(node["schema"], node["alias"], event_time, sql)


def publish(address: Address, listed: Sequence[Model], window: Window | None, readers: Iterable[str]) -> dict[str, int]:
    """Replaces what readers see by what was built; rows by "schema.table". Without a window, all rows of all tables.

    `readers`: users who may select from bi and from the views of gold. Raises redshift_connector.Error.
    """
    with transaction(address) as cursor:

        def ask(sql: str) -> list[tuple[Any, ...]]:
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

        for model in listed:
            for statement in statements(ask, model, window):
                ask(statement)
        for statement in grants(listed, readers):
            ask(statement)
        tables = [model for model in listed if model.sql is None]
        counts = {each: f"select count(*) from {each.published}" for each in tables}  # noqa: S608  names of ours
        return {f"{each.schema}.{each.name}": ask(sql)[0][0] for each, sql in counts.items()}


def statements(ask: Ask, model: Model, window: Window | None) -> Iterator[str]:
    """What makes the published relation equal to the built one."""
    if model.sql is not None:
        if _columns(ask, model, is_built=False) not in ([], _columns(ask, model, is_built=True)):
            yield f"drop view {model.published}"
        # `or replace` keeps the view's place for readers who just look it up.
        yield f"create or replace view {model.published} as {published_sql(model.sql)} with no schema binding"
        return
    there, wanted = (_columns(ask, model, is_built=each) for each in (False, True))
    if there != wanted:
        if there:
            yield f"drop table {model.published}"
        yield f"create table {model.published} (like {model.working_table})"
    condition = _in_window(model, window if there == wanted else None)
    if there == wanted:
        yield f"delete from {model.published}{condition}"  # noqa: S608  names of ours
    names = ", ".join(quoted(str(column[0])) for column in wanted)
    yield f"insert into {model.published} ({names}) select {names} from {model.working_table}{condition}"  # noqa: S608


def _columns(ask: Ask, model: Model, *, is_built: bool) -> list[tuple[Any, ...]]:
    """Name and type of each column, in order; none of a relation that is not there."""
    query = COLUMNS if model.sql is None else COLUMNS_OF_VIEW
    return ask(query.format(schema=model.built_in if is_built else model.schema, name=model.name))


def _in_window(model: Model, window: Window | None) -> str:
    if window is None or model.event_time is None:
        return ""
    column, (first, last) = quoted(model.event_time), window
    return f" where {column} >= '{first}' and {column} < '{last + timedelta(days=1)}'"


def published_sql(sql: str) -> str:
    """A view's query over what readers see, in the place of what was built."""
    return re.sub(r'"?\b(gold|bi)_build\b"?(?=\.)', r'"\1"', sql)


def grants(listed: Iterable[Model], readers: Iterable[str]) -> list[str]:
    """What lets readers in."""
    users = ", ".join(quoted(reader) for reader in readers)
    seen = ", ".join(model.published for model in listed if model.is_for_readers)
    return [f'grant usage on schema "gold", "bi" to {users}', f"grant select on {seen} to {users}"] if users else []
