"""Before a run writes anything, the catalog is asked whether the lake's tables can become what is declared."""

from types import SimpleNamespace
from typing import Any

import pytest
from pyiceberg.exceptions import NoSuchTableError

from deftunes.lake.declarations import check_tables
from spark_jobs.lake.schemas import schemas
from spark_jobs.problem import Problem
from spark_jobs.silver import TABLES

# As PyIceberg names types.
ICEBERG = {"bigint": "long", "timestamp": "timestamptz", "decimal(10,2)": "decimal(10, 2)"}


class Catalog:
    """The tables of the lake as declared, but for some columns: None takes one away."""

    def __init__(self, **changed: str | None) -> None:
        self._columns = {column.name: column.type for column in TABLES["sessions"].columns} | changed

    def load_table(self, name: str) -> Any:
        if name != "deftunes_silver.sessions":
            raise NoSuchTableError(name)
        columns = {name: kind for name, kind in self._columns.items() if kind}
        fields = [SimpleNamespace(name=name, field_type=ICEBERG.get(kind, kind)) for name, kind in columns.items()]
        return SimpleNamespace(schema=lambda: SimpleNamespace(fields=fields))


def check(**changed: str | None) -> None:
    check_tables(Catalog(**changed), ["sessions", "gold"])  # type: ignore[arg-type]


def test_tables_that_are_as_declared_or_can_become_so_are_let_pass() -> None:
    check()
    check(user_agent=None, price="decimal(8, 2)")


def test_older_code_on_a_newer_lake_says_so() -> None:
    with pytest.raises(Problem, match=r"lake.deftunes_silver.sessions.*the lake is newer than the code") as refused:
        check(mood="string")
    assert (refused.value.value, refused.value.untouched) == ("mood string", "Nothing was written.")


def test_type_that_would_become_narrower_is_refused_with_both() -> None:
    with pytest.raises(Problem) as refused:
        check(item_number="long")
    assert refused.value.value == "the table has bigint, the declaration int"


def test_every_table_that_a_run_writes_is_checked() -> None:
    names = {schema.name for table in TABLES.values() for schema in schemas(table)}
    assert {"deftunes_ops.runs", "deftunes_ops.rule_outcomes", "deftunes_ops.moved_sessions"} < names
    assert {f"deftunes_silver.{prefix}{name}" for name in TABLES for prefix in ("", "quarantine_")} < names
