"""Findings: what AWS would trip over although both targets hold the same rows."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from rehearsal.environment import Environment

# Hadoop's S3A looks for the folders above the one it writes to, is refused, and goes on.
KNOWN_REFUSALS = re.compile(r"^deftunes-land-postgres s3:(GetObject|ListBucket) \S+:::[^/]+(/landing(/postgres)?/?)?$")


def findings(environment: Environment) -> list[str]:
    """One line each: another apply would change something, an answer is not AWS's, a role was refused a call."""
    folder = environment.emulators.folder
    changes = environment.platform.changes(environment.source)
    return [
        *(f"a second plan is not empty: {each}" for each in changes),
        *(f"no answer of AWS: {each}" for each in deviations(folder)),
        *(f"refused: {each}" for each in refusals(folder) if not KNOWN_REFUSALS.match(each)),
    ]


def deviations(folder: Path) -> list[str]:
    """Where requests and answers were not what botocore's models describe (rehearsal/aws/models.py)."""
    path = folder / "deviations.txt"
    return path.read_text().splitlines() if path.exists() else []


def refusals(folder: Path) -> list[str]:
    """Role, action and resource of each call that a role's policies did not allow."""
    return sorted(
        {f"{call['role']} {call['action']} {call['resource']}" for call in calls(folder) if not call["is_allowed"]}
    )


def calls(folder: Path) -> Iterator[dict[str, str]]:
    """What the roles asked of AWS, in order (rehearsal/aws/gate.py)."""
    with (folder / "calls.jsonl").open() as lines:
        yield from map(json.loads, lines)
