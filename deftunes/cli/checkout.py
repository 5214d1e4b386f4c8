"""The checkout that the command line works in, and whether its lake can be asked."""

from pathlib import Path

from deftunes import target
from deftunes.services import lifecycle
from spark_jobs.problem import Problem

ROOT = Path(__file__).resolve().parents[2]


def is_embedded() -> bool:
    """True if the services are this checkout's own; else others start and watch them."""
    return target.current(ROOT).name == "embedded"


def is_on_aws() -> bool:
    """True if the services are AWS's: they are asked by boto3."""
    return target.current(ROOT).name == "aws"


def lake_answers() -> bool:
    """True if the Iceberg catalog can be asked."""
    if not is_embedded():
        return True
    return any(each.name == "catalog" and each.state == "running" for each in lifecycle.status(ROOT))


def services_down() -> Problem:
    return Problem(
        "The Iceberg catalog is down", "services", "stopped", "start the services: make services", "Nothing changed."
    )
