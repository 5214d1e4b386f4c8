"""The mark in quality/*.dqdl: rules above it hold of a whole table, rules below it of a run alone.

Terraform cuts there (local.catalog_rules in terraform/main.tf); the jobs evaluate the whole file.
"""

import re
from itertools import pairwise
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parents[2] / "quality").glob("*.dqdl"))
COMPARING = re.compile(r"^(AggregateMatch|DatasetMatch|ReferentialIntegrity|RowCountMatch|SchemaMatch)\b")


def halves(path: Path) -> tuple[list[str], list[str]]:
    """The lines above and below the mark, without indentation."""
    above, below = path.read_text().split("    # Of the run alone: ")
    return [line.strip() for line in above.splitlines()], [line.strip() for line in below.splitlines()[1:]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_above_the_mark_no_rule_needs_a_second_dataset(path: Path) -> None:
    above, _ = halves(path)
    assert [line for line in above if COMPARING.match(line)] == []
    assert above[-1].endswith(","), "the rule before the mark has no comma: the catalog's ruleset would lose it"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_below_the_mark_each_rule_compares_or_says_why_it_stands_there(path: Path) -> None:
    _, below = halves(path)
    explained = {line for before, line in pairwise(below) if before.startswith("#")}
    rules = [line for line in below if line and line != "]" and not line.startswith("#")]
    assert rules
    assert [rule for rule in rules if not COMPARING.match(rule) and rule not in explained] == []
