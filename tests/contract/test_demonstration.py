"""The sources of a demonstration run in the jobs that land them: what they need is packed, as nothing is fetched."""

import ast
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
DISTRIBUTIONS = {"psycopg2": "psycopg2-binary"}  # module -> what installs it, where the names differ
WITH_FASTAPI = {"pydantic", "starlette"}


def imports(package: str) -> set[str]:
    """Modules of others that the package imports."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / package).rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    names |= {each.name for node in nodes if isinstance(node, ast.Import) for each in node.names}
    return {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - {package}


def pins(name: str) -> dict[str, str]:
    text = (ROOT / f"requirements/{name}.txt").read_text()
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))


def test_what_the_mock_api_imports_is_packed_or_glues_own() -> None:
    runtime = tomllib.loads((ROOT / "targets/runtime.toml").read_text())
    requirements = (ROOT / "requirements/demo.in").read_text().split("\n")
    needed = {DISTRIBUTIONS.get(name, name) for name in imports("mock_api") - WITH_FASTAPI}
    assert needed - set(runtime["glue"]["packages"]) == {
        line for line in requirements if line and not line.startswith("#")
    }


def test_the_demonstration_is_made_of_the_versions_that_run_here() -> None:
    here = pins("lake")
    assert {name: version for name, version in pins("demo").items() if here.get(name) != version} == {}
