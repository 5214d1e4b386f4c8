"""contracts/: the files are what the declarations say, and name every table and column that a reader sees."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from deftunes.data_contracts import LAYERS, contract
from spark_jobs.silver import TABLES

ROOT = Path(__file__).parents[2]


def objects(layer: str) -> dict[str, dict[str, Any]]:
    """Table -> its columns by name, as the contract has them."""
    document = yaml.safe_load((ROOT / f"contracts/{layer}.odcs.yaml").read_text(encoding="utf-8"))
    return {table["name"]: {each["name"]: each for each in table["properties"]} for table in document["schema"]}


@pytest.mark.parametrize("layer", LAYERS)
def test_contract_is_what_the_declarations_say(layer: str) -> None:
    written = (ROOT / f"contracts/{layer}.odcs.yaml").read_text(encoding="utf-8")
    assert written == contract(ROOT, layer), "make contracts"


def test_contracts_name_every_table() -> None:
    assert set(objects("silver")) == set(TABLES)
    for layer in ("gold", "bi"):
        assert set(objects(layer)) == {path.stem for path in (ROOT / f"dbt/models/{layer}").glob("*.sql")}


def test_key_type_and_what_is_personal_stand_in_the_contract() -> None:
    item = objects("silver")["sessions"]
    assert (item["session_id"]["primaryKeyPosition"], item["item_number"]["primaryKeyPosition"]) == (1, 2)
    assert item["session_start_time"]["partitioned"] is True
    assert item["session_id"]["classification"] == "personal: identifier"
    assert (item["price"]["logicalType"], item["price"]["physicalType"]) == ("number", "decimal(10,2)")
    assert item["track_id"]["required"] is True


@pytest.mark.parametrize("layer", LAYERS)
def test_every_reference_names_a_key_of_the_same_contract(layer: str) -> None:
    tables = objects(layer)
    parents = [
        link["to"].split(".")
        for columns in tables.values()
        for column in columns.values()
        for link in column.get("relationships", ())
    ]
    assert parents or layer != "gold"
    assert [(table, column) for table, column in parents if not tables[table][column].get("primaryKey")] == []
