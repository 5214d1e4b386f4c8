"""dbt's own unit tests: they stand in each model's .yml, and run here against a shop of one sale."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from deftunes.gold.build import build_gold
from deftunes.gold.dbt_run import run_dbt
from tests.unit.dbt.gold_fixture import ROOT, GoldFixture, open_gold_fixture


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> GoldFixture:
    gold = open_gold_fixture(tmp_path_factory.mktemp("shop"))
    gold.reset()
    gold.add("users", {"user_id": "u1"})
    gold.add("songs", {})
    gold.add("sessions", {"session_id": "s1", "session_start_time": "2020-02-07 18:05:25.824461+00"})
    build_gold(gold.settings)
    return gold


def test_unit_tests_of_dbt_pass(gold: GoldFixture) -> None:
    outcome = run_dbt(gold.settings, "test", "--select", "test_type:unit")
    results = results_of(outcome)
    assert {name: result for name, result in results.items() if result[0] != "pass"} == {}
    assert set(results) == unit_test_names()


def test_every_model_with_arithmetic_has_a_unit_test() -> None:
    models = {
        path.stem for folder in ("gold", "intermediate", "bi") for path in (ROOT / "dbt/models" / folder).glob("*.sql")
    }
    tested = {
        each["model"] for path in model_files() for each in yaml.safe_load(path.read_text()).get("unit_tests", [])
    }
    assert models - tested == {"dim_date"}  # a year of rows; tests/integration/test_gold.py looks at its edges


def results_of(outcome: Any) -> dict[str, tuple[str, str | None]]:
    """Status and message by unit test; what runs at the end of every build is left out."""
    tests = [each for each in outcome.result.results if each.node.resource_type.value == "unit_test"]
    return {each.node.name: (str(each.status), each.message) for each in tests}


def unit_test_names() -> set[str]:
    files = [yaml.safe_load(path.read_text()) for path in model_files()]
    return {each["name"] for file in files for each in file.get("unit_tests", [])}


def model_files() -> list[Path]:
    return sorted((ROOT / "dbt/models").glob("*/*.yml"))
