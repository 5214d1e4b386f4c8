"""Each role may do at least what AWS's pages say its service does with it: no emulator makes those calls.

tests/contract/aws_minimum has a file a role: the page, the documents of terraform/ that are the role's policy, and what
the page wants, as the action and a part of the resource as Terraform writes it.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.contract.test_terraform_policies import STATEMENTS

FOLDER = Path(__file__).parent / "aws_minimum"
PAGES = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
NEEDS = [
    pytest.param(role, need, id=f"{role}-{need['action']}") for role, page in PAGES.items() for need in page["needs"]
]


def lacking(page: dict[str, Any], statements: list[Any]) -> list[str]:
    """What the page wants and no statement allows."""
    own = [each for each in statements if each.document in page["documents"] and each.effect == "Allow"]
    return [
        f"{need['action']} on {need['on']}"
        for need in page["needs"]
        if not any(
            need["action"] in each.actions and any(need["on"] in resource for resource in each.resources)
            for each in own
        )
    ]


@pytest.mark.parametrize("role", PAGES)
def test_role_may_what_its_service_does_with_it(role: str) -> None:
    assert lacking(PAGES[role], STATEMENTS) == [], f"see {PAGES[role]['page']}"


@pytest.mark.parametrize(("role", "need"), NEEDS)
def test_an_action_that_is_taken_away_is_noticed(role: str, need: dict[str, str]) -> None:
    without = [replace(each, actions=tuple(a for a in each.actions if a != need["action"])) for each in STATEMENTS]
    assert f"{need['action']} on {need['on']}" in lacking(PAGES[role], without)


def test_every_role_that_a_service_takes_has_its_page() -> None:
    """Trust policies name a service; the policies beside them are held to a page, or say here what the service does."""
    of_ours = {
        "data_quality",
        "glue_job",
        "maintenance",
        "network",
        "orchestration",
        "schedule",
        "serving",
        "dashboards",
    }
    trusting = {each.document.split(".")[0] for each in STATEMENTS if "sts:AssumeRole" in each.actions}
    assert trusting <= of_ours, "what AWS's pages want of the role belongs into tests/contract/aws_minimum"
    assert {document.split(".")[0] for page in PAGES.values() for document in page["documents"]} == of_ours


@pytest.mark.parametrize("role", PAGES)
def test_page_is_named_and_what_is_left_out_has_a_reason(role: str) -> None:
    assert PAGES[role]["page"].startswith("docs.aws.amazon.com/")
    assert all(len(reason.split()) > 4 for reason in PAGES[role]["left_out"].values())
