"""Whether a run sends OpenLineage events, and where they go: to files below var/lineage, or as OPENLINEAGE_… says.

DEFTUNES_LINEAGE turns them on (`make run LINEAGE=1`); without it no jar, listener or package of OpenLineage is loaded.
Standard library only: every verb reads its target by it.
"""

import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path

from deftunes.setup import jars
from spark_jobs.problem import Problem

FOLDER = "var/lineage"  # of events that go to files
LISTENER = "io.openlineage.spark.agent.OpenLineageSparkListener"
ARTIFACT = "openlineage-spark_2.12"
# What names a place of the user's for events; OpenLineage's clients read all of it themselves, but for the addresses
# that its client for Python knows alone.
PLACES = re.compile(r"OPENLINEAGE_(URL|CONFIG|_TRANSPORT_\w+)")
OF_PYTHON = {
    "OPENLINEAGE_URL": "OPENLINEAGE__TRANSPORT__URL",
    "OPENLINEAGE_ENDPOINT": "OPENLINEAGE__TRANSPORT__ENDPOINT",
    "OPENLINEAGE_API_KEY": "OPENLINEAGE__TRANSPORT__AUTH__API_KEY",
}


def is_ours(name: str) -> bool:
    """True of a variable that says whether and where events go."""
    return name == "DEFTUNES_LINEAGE" or name.startswith("OPENLINEAGE_")


def is_wanted(environ: Mapping[str, str]) -> bool:
    """True if runs are to send events."""
    return environ.get("DEFTUNES_LINEAGE", "0") not in ("", "0")


def namespace(environ: Mapping[str, str]) -> str:
    """OpenLineage's namespace of our jobs."""
    return environ.get("OPENLINEAGE_NAMESPACE") or "deftunes"


def events_file(root: Path, program: str, environ: Mapping[str, str]) -> Path | None:
    """The file that the events of `program` (spark, dbt) are appended to; None where the environment says a place."""
    is_elsewhere = any(value and PLACES.fullmatch(name) for name, value in environ.items())
    return None if is_elsewhere else root / FOLDER / f"{program}.jsonl"


def spark_settings(root: Path, conf: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Spark's settings `conf`, with those of OpenLineage's listener if events are wanted."""
    if not is_wanted(environ):
        return dict(conf)
    class_path = ":".join((conf["spark.driver.extraClassPath"], str(_jar(root))))
    file = events_file(root, "spark", environ)
    transport = {"type": "file", "location": str(file)} if file else {}
    return {
        **conf,
        "spark.driver.extraClassPath": class_path,
        "spark.extraListeners": LISTENER,
        "spark.openlineage.namespace": namespace(environ),
        **{f"spark.openlineage.transport.{key}": value for key, value in transport.items()},
    }


def java_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that Spark's listener finds its place by: those of Java's client, made of Python's where needed."""
    if not is_wanted(environ):
        return {}
    given = {name: value for name, value in environ.items() if value and is_ours(name) and name != "DEFTUNES_LINEAGE"}
    made = {OF_PYTHON[name]: value for name, value in given.items() if name in OF_PYTHON}
    if "OPENLINEAGE_URL" in given:
        made["OPENLINEAGE__TRANSPORT__TYPE"] = "http"
    if "OPENLINEAGE_API_KEY" in given:
        made["OPENLINEAGE__TRANSPORT__AUTH__TYPE"] = "api_key"
    return {**made, **given}


def require(root: Path, environ: Mapping[str, str]) -> None:
    """Raises Problem if events are wanted and what sends them was not set up."""
    if not is_wanted(environ):
        return
    lacking = [] if _jar(root).is_file() else [str(_jar(root))]
    if importlib.util.find_spec("openlineage") is None:
        lacking.append("requirements/lineage.txt in .venv/lake")
    if lacking:
        raise Problem(
            "Events of lineage are wanted, and what sends them is not there",
            "DEFTUNES_LINEAGE",
            ", ".join(lacking),
            "make run LINEAGE=1, which sets it up",
        )


def _jar(root: Path) -> Path:
    return jars.place(root, ARTIFACT, "jars-lineage")
