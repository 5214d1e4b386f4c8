"""The walls between the rooms: who may import what, touch the outside, name a source, read the environment.

Each wall is shown to stand in the real files, and shown to notice a line that climbs over it.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"deftunes", "mock_api", "spark_jobs"}
OUTSIDE = {"urllib", "http", "socket", "psycopg2", "requests", "httpx"}
Wall = Callable[[str, ast.Module], Iterator[str]]


def imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names of all imports, those inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that are evaluated when the module is imported: all but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and child in _body(node):
            continue
        yield child
        yield from run_at_import(child)


def _body(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[ast.AST]:
    return [function.body] if isinstance(function.body, ast.expr) else list(function.body)


def _is_transform(path: str) -> bool:
    return path.startswith("spark_jobs/silver/transforms/")


def foreign_to_transforms(path: str, tree: ast.Module) -> Iterator[str]:
    if _is_transform(path):
        known = ("pyspark.", "spark_jobs.silver.", "importlib.import_module", "collections.abc.")
        yield from (name for name in imports(tree) if not name.startswith(known))


def pyspark_in_declarations(path: str, tree: ast.Module) -> Iterator[str]:
    """Airflow and the command line read declarations, and have no pyspark."""
    if path.startswith("spark_jobs/silver/") and not _is_transform(path):
        allowed = ("spark_jobs.silver.declaration.", *(f"{name}." for name in sys.stdlib_module_names))
        yield from (name for name in imports(tree) if not f"{name}.".startswith(allowed))


def foreign_to_spark_jobs(path: str, tree: ast.Module) -> Iterator[str]:
    glues = {"boto3", "pyspark", "pyarrow", "awsglue", "awsgluedq", *sys.stdlib_module_names}
    allowed = {"pydeequ", "weblinking", "spark_jobs", *glues}  # pydeequ where Glue's own is not; weblinking is shipped
    if path.startswith("spark_jobs/"):
        yield from (name for name in imports(tree) if name.split(".")[0] not in allowed)


def foreign_to_mock_api(path: str, tree: ast.Module) -> Iterator[str]:
    if path.startswith("mock_api/"):
        yield from (name for name in imports(tree) if name.split(".")[0] in OURS - {"mock_api"})


def source_outside_sources(path: str, tree: ast.Module) -> Iterator[str]:
    if path.startswith("spark_jobs/") and not path.startswith("spark_jobs/sources/"):
        yield from (name for name in imports(tree) if name.split(".")[0] in OUTSIDE)
        yield from (text for text in texts(tree) if text == "jdbc")


def lake_outside_lake(path: str, tree: ast.Module) -> Iterator[str]:
    if path.startswith("spark_jobs/") and not path.startswith("spark_jobs/lake/"):
        yield from (name for name in imports(tree) if name.split(".")[0] == "pyarrow")
        doors = {"sql", "writeTo", "write", "saveAsTable", "insertInto"}
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in doors]
        yield from (f".{node.attr}" for node in calls if _is_spark(node))


def _is_spark(node: ast.Attribute) -> bool:
    """True unless it is `sys.stdout.write` or `landing.write` or `writes.write` (lake's own)."""
    return node.attr != "write" or not re.search(r"(stdout|landing|writes)\.write$", ast.unparse(node))


def foreign_to_airflow(path: str, tree: ast.Module) -> Iterator[str]:
    """Airflow knows when and in what order: of ours it reads tables and steps, and on AWS calls the launcher."""
    if path.startswith("airflow/"):
        allowed = {"airflow", "include", *sys.stdlib_module_names}
        ours = ("deftunes.run.steps.", "deftunes.launchers.", "spark_jobs.problem.", "spark_jobs.silver.CLOSING")
        known = (name for name in imports(tree) if not name.startswith(ours))
        yield from (name for name in known if name.split(".")[0] not in allowed)


def environment_at_import(path: str, tree: ast.Module) -> Iterator[str]:
    """Values read. The mapping itself as a default is none: `environ: Mapping[str, str] = os.environ`."""
    nodes = [node for node in run_at_import(tree) if isinstance(node, ast.Attribute | ast.Subscript)]
    yield from (code for node in nodes if re.search(r"environb?[.\[]|getenv", code := ast.unparse(node)))


WALLS: dict[str, tuple[Wall, str, str]] = {
    "transforms import pyspark only": (foreign_to_transforms, "spark_jobs/silver/transforms/x.py", "import json"),
    "transforms know no lake": (
        foreign_to_transforms,
        "spark_jobs/silver/transforms/x.py",
        "from spark_jobs.lake import tables",
    ),
    "declarations need no pyspark": (
        pyspark_in_declarations,
        "spark_jobs/silver/x.py",
        "from spark_jobs.silver.transforms import users",
    ),
    "jobs import what Glue ships": (foreign_to_spark_jobs, "spark_jobs/x.py", "def f():\n    import httpx"),
    "jobs know no command line": (foreign_to_spark_jobs, "spark_jobs/x.py", "from deftunes.cli import main"),
    "mock API knows nothing of ours": (foreign_to_mock_api, "mock_api/x.py", "from spark_jobs import pages"),
    "only sources asks the API": (source_outside_sources, "spark_jobs/land.py", "import urllib.request"),
    "only sources asks the database": (source_outside_sources, "spark_jobs/x.py", "spark.read.format('jdbc').load()"),
    "only lake opens files": (lake_outside_lake, "spark_jobs/x.py", "from pyarrow import fs"),
    "only lake runs SQL": (lake_outside_lake, "spark_jobs/x.py", "def f(spark):\n    spark.sql('drop table t')"),
    "only lake writes": (lake_outside_lake, "spark_jobs/silver/transforms/x.py", "rows.write.parquet('/tmp')"),
    "only lake writes tables": (lake_outside_lake, "spark_jobs/x.py", "rows.writeTo('t').append()"),
    "Airflow starts programs and imports none": (
        foreign_to_airflow,
        "airflow/dags/x.py",
        "from deftunes.run import task",
    ),
    "Airflow knows no Spark": (foreign_to_airflow, "airflow/include/x.py", "import pyspark"),
    "environment is read in functions": (environment_at_import, "deftunes/x.py", "import os\nURL = os.environ['URL']"),
    "nor in defaults": (environment_at_import, "mock_api/x.py", "def f(url=os.getenv('URL')):\n    pass"),
    "nor in a class": (environment_at_import, "spark_jobs/x.py", "class A:\n    url = os.environ.get('URL')"),
}


def modules() -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for room in OURS | {"airflow"} for path in (ROOT / room).rglob("*.py"))


def test_every_room_has_modules_to_look_at() -> None:
    assert {path.split("/")[0] for path in modules()} == OURS | {"airflow"}
    assert "spark_jobs/silver/sessions.py" in modules()


@pytest.mark.parametrize("path", modules())
def test_module_keeps_to_its_room(path: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))

    over = {name: found for name, (wall, _, _) in WALLS.items() if (found := list(wall(path, tree)))}

    assert over == {}


@pytest.mark.parametrize("name", WALLS)
def test_wall_notices_a_line_that_climbs_over_it(name: str) -> None:
    wall, path, text = WALLS[name]

    assert list(wall(path, ast.parse(text)))


def test_environment_may_be_read_inside_a_function() -> None:
    assert not list(environment_at_import("x.py", ast.parse("def f():\n    return os.environ['URL']")))


def models_that_name_a_source(sql: dict[str, str]) -> set[str]:
    """Paths of the models that call `source(`; comments do not count."""
    return {path for path, text in sql.items() if re.search(r"\bsource\s*\(", re.sub(r"--.*|\{#.*?#\}", "", text))}


def test_only_staging_models_name_a_source() -> None:
    sql = {
        str(path.relative_to(ROOT / "dbt")): path.read_text(encoding="utf-8")
        for room in ("models", "macros", "tests")
        for path in (ROOT / "dbt" / room).rglob("*.sql")
    }

    named = models_that_name_a_source(sql)

    assert named
    assert {path for path in named if not path.startswith("models/staging/")} == set()
    assert models_that_name_a_source({"models/gold/x.sql": "select * from {{ source('silver', 'x') }}"})
