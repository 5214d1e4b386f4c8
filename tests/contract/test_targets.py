"""Every target carries the same keys, and the code reads each of them."""

from pathlib import Path

import pytest

from deftunes import target

ROOT = Path(__file__).parents[2]
TARGETS = sorted(path.name.removesuffix(".env") for path in (ROOT / "targets").glob("*.env"))
READERS = (
    "deftunes/**/*.py",
    "spark_jobs/**/*.py",
    "dbt/**/*.yml",
    "targets/*.spark.conf",
    "targets/*.env",
    "airflow/**/*.py",
)


def keys(path: Path, separator: str | None) -> set[str]:
    return {key for _, key, _ in target.pairs(path, separator)}


def test_there_is_a_target_to_compare() -> None:
    assert "embedded" in TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_values_have_exactly_the_keys_the_code_knows(name: str) -> None:
    assert keys(ROOT / f"targets/{name}.env", "=") == set(target.KEYS)


@pytest.mark.parametrize("key", target.KEYS)
def test_each_key_is_read_outside_its_own_declaration(key: str) -> None:
    readers = [path for pattern in READERS for path in ROOT.glob(pattern)]
    mentions = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in readers
        for line in path.read_text(encoding="utf-8").splitlines()
        if key in line and not line.startswith(f"{key}=") and f'"{key}": "' not in line
    ]
    assert mentions, f"nothing reads {key}: remove it from deftunes/target.py and targets/*.env"


@pytest.mark.parametrize("name", TARGETS)
def test_spark_conf_has_the_keys_of_the_embedded_one(name: str) -> None:
    assert keys(ROOT / f"targets/{name}.spark.conf", None) == keys(ROOT / "targets/embedded.spark.conf", None)


@pytest.mark.parametrize("name", TARGETS)
def test_target_loads_with_an_empty_environment(name: str) -> None:
    loaded = target.load(name, ROOT, {})
    assert set(loaded.values) == set(target.KEYS)
    assert not [value for value in (*loaded.values.values(), *loaded.spark_conf.values()) if "${" in value]
