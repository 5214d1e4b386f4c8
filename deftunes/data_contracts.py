"""contracts/: what the tables of silver, gold and bi promise, as Open Data Contract Standard files.

Silver's tables come of spark_jobs/silver and quality/, gold's and bi's of the .yml beside each model; the meaning of a
column stands in dbt/models/columns.md. A layer is one contract, since its tables refer to each other.

`make contracts` writes the files; tests/contract/test_data_contracts.py compares.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from spark_jobs.lake.schemas import SILVER
from spark_jobs.silver import TABLES
from spark_jobs.silver.declaration import Table

STANDARD = "v3.1.0"
LAYERS = {
    "silver": "Rows as they truly are: typed, keyed, newest delivery. The rules hold before a run publishes.",
    "gold": "The star schema. Every data test of dbt holds before it is published.",
    "bi": "What dashboards read, added up from gold.",
}
# How Spark and dbt call a type -> what the standard calls it.
LOGICAL_TYPES = {
    "string": "string", "varchar": "string", "int": "integer", "integer": "integer", "bigint": "integer",
    "double": "number", "decimal": "number", "boolean": "boolean", "date": "date", "timestamp": "timestamp",
    "timestamptz": "timestamp",
}  # fmt: skip
REFERENCES = {"refers_to", "relationships"}  # tests of dbt that a column's values stand in another table
HEADER = "# Made of the declarations by `make contracts`; tests/contract/test_data_contracts.py compares.\n"


def contract(root: Path, layer: str) -> str:
    """The text of contracts/<layer>.odcs.yaml."""
    objects = silver_objects(root) if layer == "silver" else model_objects(root, layer)
    document = {
        "apiVersion": STANDARD,
        "kind": "DataContract",
        "id": f"deftunes.{layer}",
        "name": f"DeFtunes {layer}",
        "version": tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"],
        "status": "active",
        "domain": "music sales",
        "description": {"purpose": LAYERS[layer]},
        "schema": list(objects),
    }
    return HEADER + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=140)


def silver_objects(root: Path) -> Iterator[dict[str, Any]]:
    """An object of the standard for each silver table."""
    # How a meaning goes on is about gold: what stands there where a source has delivered nothing.
    meanings = {
        name: re.split(r"; |\. (?=[A-Z])", text)[0].rstrip(".") + "." for name, text in column_meanings(root).items()
    }
    described = silver_descriptions(root)
    for table in TABLES.values():
        rules = dqdl_rules(root, table.name)
        complete = {column for rule in rules for column in re.findall(r'^IsComplete "(\w+)"$', rule)}
        columns = {**meanings, **described.get("columns", {}).get(table.name, {})}
        yield {
            "name": table.name,
            "physicalName": f"{SILVER}.{table.name}",
            "physicalType": "table",
            "description": described["tables"][table.name],
            "properties": [
                {
                    **_property(column.name, column.type, columns.get(column.name, ""), column.personal),
                    **_key(table, column.name),
                    **({"required": True} if column.name in complete else {}),
                }
                for column in table.columns
            ],
            "quality": [{"type": "custom", "engine": "dqdl", "implementation": rule} for rule in rules],
        }


def _key(table: Table, column: str) -> dict[str, Any]:
    is_partitioned = f"({column})" in table.partitioned_by or column == table.partitioned_by
    return {
        **({"primaryKey": True, "primaryKeyPosition": table.key.index(column) + 1} if column in table.key else {}),
        **({"partitioned": True, "partitionKeyPosition": 1} if is_partitioned else {}),
    }


def model_objects(root: Path, layer: str) -> Iterator[dict[str, Any]]:
    """An object of the standard for each model of a layer."""
    meanings = column_meanings(root)
    for path in sorted((root / f"dbt/models/{layer}").glob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            tests = [*model.get("data_tests", ())]
            yield {
                "name": model["name"],
                "physicalName": f"{layer}.{model['name']}",
                "physicalType": "view" if "materialized='view'" in path.with_suffix(".sql").read_text() else "table",
                "description": _meaning(model["description"], meanings),
                "properties": [_model_property(column, meanings) for column in model["columns"]],
                **({"quality": [_dbt_check(test) for test in tests]} if tests else {}),
            }


def _model_property(column: dict[str, Any], meanings: dict[str, str]) -> dict[str, Any]:
    tests = [(kind, given) for test in column.get("data_tests", ()) for kind, given in _as_mapping(test).items()]
    references = [given["arguments"] for kind, given in tests if kind in REFERENCES]
    parents = [f"{re.findall('[a-z_]+', each['to'])[-1]}.{each['field']}" for each in references]
    constraints = {constraint["type"] for constraint in column.get("constraints", ())}
    personal = column.get("config", {}).get("meta", {}).get("personal", "")
    others = [test for test in column.get("data_tests", ()) if not REFERENCES & set(_as_mapping(test))]
    return {
        **_property(column["name"], column["data_type"], _meaning(column["description"], meanings), personal),
        **({"required": True} if "not_null" in constraints else {}),
        **({"primaryKey": True, "primaryKeyPosition": 1} if {"key_of", "unique"} & dict(tests).keys() else {}),
        **({"relationships": [{"to": parent} for parent in parents]} if parents else {}),
        **({"quality": [_dbt_check(test) for test in others]} if others else {}),
    }


def _property(name: str, physical: str, meaning: str, personal: str) -> dict[str, Any]:
    """A column. Raises KeyError for a type that LOGICAL_TYPES does not know: name it there."""
    kind, _, size = physical.partition("(")
    length = {"logicalTypeOptions": {"maxLength": int(size.rstrip(")"))}} if kind == "varchar" and size else {}
    return {
        "name": name,
        "logicalType": LOGICAL_TYPES[kind.split()[0]],
        "physicalType": physical,
        **length,
        **({"description": meaning} if meaning else {}),
        **({"classification": f"personal: {personal}"} if personal else {}),
    }


def _dbt_check(test: Any) -> dict[str, Any]:
    return {"type": "custom", "engine": "dbt", "implementation": _as_mapping(test)}


def _as_mapping(test: Any) -> dict[str, Any]:
    """dbt lets a test without arguments stand as its name alone."""
    return test if isinstance(test, dict) else {test: {}}


def column_meanings(root: Path) -> dict[str, str]:
    """Name of a block of dbt/models/columns.md -> its text."""
    text = (root / "dbt/models/columns.md").read_text(encoding="utf-8")
    return dict(re.findall(r"\{% docs (\w+) %\}(.*?)\{% enddocs %\}", text, re.DOTALL))


def _meaning(description: str, meanings: dict[str, str]) -> str:
    """A description with each doc('…') in it replaced by its text."""
    return re.sub(r"\{\{ doc\('(\w+)'\) \}\}", lambda found: meanings[found[1]], description)


def silver_descriptions(root: Path) -> dict[str, dict[str, Any]]:
    """What dbt's sources say of the silver tables, and of columns that columns.md leaves out."""
    [silver] = yaml.safe_load((root / "dbt/models/staging/_silver.yml").read_text(encoding="utf-8"))["sources"]
    return {
        "tables": {table["name"]: table["description"] for table in silver["tables"]},
        "columns": {
            table["name"]: {column["name"]: column["description"] for column in table.get("columns", ())}
            for table in silver["tables"]
        },
    }


def dqdl_rules(root: Path, table: str) -> list[str]:
    """The rules of quality/<table>.dqdl, one text each."""
    lines = (line.strip() for line in (root / f"quality/{table}.dqdl").read_text(encoding="utf-8").splitlines())
    return [line.rstrip(",") for line in lines if line and not line.startswith(("#", "Rules", "]"))]


def main() -> None:
    root = Path(__file__).resolve().parents[1]
    for layer in LAYERS:
        (root / f"contracts/{layer}.odcs.yaml").write_text(contract(root, layer), encoding="utf-8")


if __name__ == "__main__":
    main()
