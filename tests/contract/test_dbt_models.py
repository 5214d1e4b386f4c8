"""The habits of the dbt project: one .sql and one .yml a model, grains said, source() in staging, refs elsewhere."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from spark_jobs.silver import TABLES

MODELS = Path(__file__).parents[2] / "dbt" / "models"
NAMES = sorted(f"{path.parent.name}/{path.stem}" for path in MODELS.glob("*/*.sql"))


def test_every_silver_table_has_a_staging_model() -> None:
    assert {f"staging/stg_silver__{table}" for table in (*TABLES, "quarantine")} <= set(NAMES)


def test_every_silver_table_and_its_quarantine_are_sources() -> None:
    files = [yaml.safe_load(path.read_text()) for path in sorted((MODELS / "staging").glob("*.yml"))]
    sources = [source for file in files for source in file.get("sources", []) if source["name"] == "silver"]
    named = [table["name"] for source in sources for table in source["tables"]]
    assert sorted(named) == sorted([*TABLES, *(f"quarantine_{table}" for table in TABLES)])


def test_the_models_of_the_domain_are_there() -> None:
    assert set(NAMES) >= {
        *("bi/daily_sales_vw", "bi/layer_rows_vw", "bi/music_preference_vw", "bi/quarantine_vw"),
        *("bi/refinements_vw", "bi/rule_outcomes_vw", "bi/sales_per_artist_vw", "bi/sales_per_country_vw"),
        *("bi/user_activity_vw", "gold/dim_artists", "gold/dim_date", "gold/dim_songs", "gold/dim_users"),
        *("gold/fact_session", "gold/purchases_vw", "intermediate/int_session_totals"),
    }


@pytest.mark.parametrize("name", NAMES)
def test_model_says_its_grain_and_describes_every_column(name: str) -> None:
    description = model(name)["description"]
    assert description.startswith("One row per "), description
    columns = columns_of(name)
    assert [column for column, text in columns.items() if not text] == []


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("bi/sales_per_artist_vw", ["session_year", "artist_name", "total_sales"]),
        ("bi/sales_per_country_vw", ["session_month", "session_year", "country_code", "total_sales"]),
    ],
)
def test_named_columns_stand_first(name: str, first: list[str]) -> None:
    assert list(columns_of(name))[: len(first)] == first


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("bi/")])
def test_money_stands_beside_its_currency(name: str) -> None:
    columns = set(columns_of(name))
    money = columns & {"total_sales", "order_value"}
    assert not money or "currency" in columns


@pytest.mark.parametrize("name", NAMES)
def test_only_staging_reads_sources_and_nobody_names_a_table(name: str) -> None:
    text = (MODELS / f"{name}.sql").read_text()
    assert ("source(" in text) == name.startswith("staging/")
    tables = re.findall(r"\b(?:from|join)\s+([\w.]+\.[\w.]+)", text)
    assert tables == []


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("staging/")])
def test_every_column_of_gold_and_bi_has_a_bounded_type(name: str) -> None:
    types = [column["data_type"] for column in model(name)["columns"]]
    assert [each for each in types if each in ("varchar", "text", "string", "decimal", "numeric", "double")] == []


def columns_of(name: str) -> dict[str, str]:
    docs = dict(re.findall(r"{% docs (\w+) %}(.+?){% enddocs %}", (MODELS / "columns.md").read_text()))
    references = {column["name"]: column["description"] for column in model(name)["columns"]}
    return {column: docs[text.split("'")[1]] if "doc('" in text else text for column, text in references.items()}


def model(name: str) -> dict[str, Any]:
    [found] = yaml.safe_load((MODELS / f"{name}.yml").read_text())["models"]
    assert isinstance(found, dict)
    return found
