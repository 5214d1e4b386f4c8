"""What MWAA's tasks and dbt read of their environment is what Terraform sets there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STARTUP = ROOT / "terraform/modules/orchestration/startup.sh.tftpl"
TARGET = ROOT / "targets/aws.env"


def wanted(tree: ast.AST) -> Iterator[str]:
    """Names that a module reads as environ["NAME"], without which it fails, and does not set itself."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Constant):
            continue
        if isinstance(node.ctx, ast.Load) and ast.unparse(node.value) in ("environ", "os.environ", "self.environ"):
            yield str(node.slice.value)


def of_folder(folder: Path) -> set[str]:
    paths = [path for path in folder.rglob("*.py") if "__pycache__" not in path.parts]
    return {name for path in paths for name in wanted(ast.parse(path.read_text()))}


def of_dbt() -> set[str]:
    """What dbt asks of the profile `aws`, and cannot do without."""
    profile = re.search(r"^    aws:\n(.*?)(?=^    \w+:|\Z)", (ROOT / "dbt/profiles.yml").read_text(), re.M | re.S)
    assert profile is not None
    return set(re.findall(r"env_var\(['\"](\w+)['\"]\)", profile[1]))


def set_by_startup() -> set[str]:
    """Of MWAA's startup script: the keys of the target, what the root adds, and what the script exports itself."""
    settings = re.search(r"settings = merge\(local\.target_values, \{\n(.*?)^  \}\)", root(), re.M | re.S)
    assert settings is not None
    added = re.findall(r"^    (\w+) += ", settings[1], re.M)
    target = re.findall(r"^(\w+)=", TARGET.read_text(), re.M)
    return {*added, *target, *re.findall(r"export (\w+)=", STARTUP.read_text())}


def root() -> str:
    return (ROOT / "terraform/main.tf").read_text()


def test_tasks_on_mwaa_are_given_what_they_read() -> None:
    read = of_folder(ROOT / "airflow")
    assert read - set_by_startup() == set()


def test_dbt_is_given_what_it_asks_for() -> None:
    """But for the password, which the program reads from its secret and hands to dbt."""
    assert of_dbt() - set_by_startup() <= {"REDSHIFT_PASSWORD"}


@pytest.mark.parametrize("text", ['import os\nos.environ["A"]', 'def f(environ):\n    return environ["A"]'])
def test_a_variable_that_is_read_is_found(text: str) -> None:
    assert set(wanted(ast.parse(text))) == {"A"}


def test_a_variable_that_a_module_sets_itself_is_not() -> None:
    assert set(wanted(ast.parse('import os\nos.environ["A"] = "b"'))) == set()
