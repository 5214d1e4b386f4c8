"""Which columns of staging, gold and bi hold personal data: the models' tags say what silver declares."""

from pathlib import Path
from typing import Any

import yaml

from spark_jobs.silver import TABLES

MODELS = Path(__file__).parents[2] / "dbt" / "models"

# What the columns of these names are, wherever they stand: as silver declares them, and keys made of those.
KINDS = {
    **{column.name: column.personal for table in TABLES.values() for column in table.columns if column.personal},
    "user_key": "identifier",
}


def test_every_column_of_a_personal_name_is_tagged() -> None:
    columns = [column for layer in ("staging", "gold", "intermediate", "bi") for column in all_columns(layer)]
    untagged = [name for name, tag in columns if tag != KINDS.get(name.split(".")[1])]
    assert untagged == []
    assert {"dim_users.user_name", "dim_users.place_name", "fact_session.user_key"} <= tags("gold").keys()


def test_bi_holds_no_personal_column() -> None:
    assert tags("bi") == {}


def test_names_stand_in_dim_users_alone() -> None:
    names = {column for column, kind in (tags("gold") | tags("bi")).items() if kind == "name"}
    assert {column.split(".")[0] for column in names} == {"dim_users"}


def test_exact_coordinates_stay_in_silver() -> None:
    for path in sorted(MODELS.glob("*/*.sql")):
        text = path.read_text()
        assert "latitude" not in text, path
        assert "longitude" not in text, path
    [silver] = yaml.safe_load((MODELS / "staging" / "_silver.yml").read_text())["sources"]
    users = next(table for table in silver["tables"] if table["name"] == "users")
    assert {column["name"]: tag_of(column) for column in users["columns"]} == {
        "latitude": "location",
        "longitude": "location",
    }


def tags(layer: str) -> dict[str, str]:
    return {name: tag for name, tag in all_columns(layer) if tag is not None}


def all_columns(layer: str) -> list[tuple[str, str | None]]:
    models = [
        model
        for path in sorted((MODELS / layer).glob("*.yml"))
        for model in yaml.safe_load(path.read_text()).get("models", [])
    ]
    return [(f"{model['name']}.{column['name']}", tag_of(column)) for model in models for column in model["columns"]]


def tag_of(column: dict[str, Any]) -> str | None:
    tag: str | None = column.get("config", {}).get("meta", {}).get("personal")
    return tag
