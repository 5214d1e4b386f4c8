"""Every model and data test, rendered as Redshift would get it, holds nothing that Redshift does not know.

Rendering needs no connection: the project's macros with Redshift's branch of each, and names for ref() and source().
"""

import re
from pathlib import Path
from typing import Any

import jinja2
import pytest

DBT = Path(__file__).parents[2] / "dbt"
MACROS = ("duration", "keys", "money", "utc")
SQL = sorted(str(path.relative_to(DBT)) for folder in ("models", "tests") for path in (DBT / folder).rglob("*.sql"))

DENIED = {
    "filter clause": r"\bfilter\s*\(",
    "distinct on": r"\bdistinct\s+on\b",
    "aggregate into strings or arrays": r"\b(string_agg|array_agg|group_concat|list)\s*\(",
    "generate_series": r"\bgenerate_series\b|\bunnest\s*\(|\brange\s*\(",
    "lateral": r"\blateral\b",
    "values in from": r"\bfrom\s*\(\s*values\b",
    "returning or on conflict": r"\breturning\b|\bon\s+conflict\b",
    "group by all, exclude, replace": r"\b(group|order)\s+by\s+all\b|\bexclude\s*\(|\*\s*replace\s*\(",
    "integer division or positional casts of DuckDB": r"//|::",
    "seconds, whose fraction Redshift drops": r"\bextract\s*\(\s*(epoch|second)",
    "functions of DuckDB": r"\b(epoch_us|make_timestamp|strftime|max_by|arg_max|any_value|countif|now)\s*\(",
    "unsigned and huge integers": r"\b(hugeint|uinteger|ubigint|utinyint)\b",
    "unbounded text": r"\bas\s+(text|string|varchar)\s*\)",
    "anti and semi joins": r"\b(anti|semi|asof|positional)\s+join\b",
    "full join": r"\bfull\s+(outer\s+)?join\b",
}


@pytest.mark.parametrize("path", SQL)
def test_redshift_gets_nothing_it_does_not_know(path: str) -> None:
    sql = without_comments(rendered(path, "default"))
    assert {what: re.findall(pattern, sql) for what, pattern in DENIED.items() if re.search(pattern, sql)} == {}


def test_scan_finds_the_branch_that_is_duckdbs() -> None:
    sql = without_comments(rendered("models/staging/stg_silver__users.sql", "duckdb"))
    assert re.search(DENIED["functions of DuckDB"], sql)
    sql = without_comments(rendered("models/bi/daily_sales_vw.sql", "duckdb"))
    assert re.search(DENIED["integer division or positional casts of DuckDB"], sql)


def test_only_macros_know_the_dialect() -> None:
    for path in SQL:
        assert "target." not in (DBT / path).read_text(), path
        assert "adapter." not in (DBT / path).read_text(), path


def test_every_branch_of_a_macro_says_why() -> None:
    for path in sorted((DBT / "macros").glob("*.sql")):
        text = path.read_text()
        for branch in re.findall(r"{% macro duckdb__(\w+)", text):
            assert re.search(r"#}\n{% macro duckdb__" + branch, text), f"{path.name}: duckdb__{branch} has no comment"


def rendered(path: str, branch: str) -> str:
    macros = "".join((DBT / "macros" / f"{name}.sql").read_text() for name in MACROS)
    text = (DBT / path).read_text()
    call = ""
    if generic := re.search(r"{% test (\w+)\((.*?)\) %}", text):
        text = text.replace("{% test", "{% macro").replace("{% endtest %}", "{% endmacro %}")
        call = "{{ " + generic[1] + "(model='t', **arguments) }}"
        call = call.replace("**arguments", ", ".join(f"{name}={name}" for name in argument_names(generic[2])))
    return jinja2.Environment(autoescape=False).from_string(macros + text + call).render(context(macros, branch))


def argument_names(signature: str) -> list[str]:
    return [part.split("=")[0].strip() for part in signature.split(",") if part.strip() != "model"]


def context(macros: str, branch: str) -> dict[str, Any]:
    module = jinja2.Environment(autoescape=False).from_string(macros)

    class Name(str):
        identifier = "t"

    class Adapter:
        @staticmethod
        def dispatch(name: str) -> Any:
            made = module.make_module({"return": str, "adapter": Adapter, "unknown_key": lambda: "0"})
            return getattr(made, f"{branch}__{name}", None) or getattr(made, f"default__{name}")

    return {
        "adapter": Adapter,
        "return": str,
        "config": lambda **_: "",
        "quarantines": lambda: ["quarantine_users", "quarantine_songs"],
        "ref": lambda name: Name(f"gold.{name}"),
        "source": lambda *names: ".".join(names),
        "in_state": lambda relation: relation,  # Redshift reads no snapshot but the current one
        "is_incremental": lambda: True,
        "in_window": lambda column, kind="timestamp": f"{column} >= cast('2020-01-01 00:00:00' as {kind})",
        "var": lambda name: "0.5",
        "columns": ["a", "b"],
        "column_name": "a",
        "to": "u",
        "field": "b",
        "expression": "a > 0",
        "natural_id": "i",
        "event_time": "t",
    }


def without_comments(sql: str) -> str:
    return re.sub(r"--.*", "", sql).lower()
