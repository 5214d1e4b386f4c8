"""terraform/costs.py: a kind of resource without a price, and a price without one, stop the page."""

import re
from collections import Counter
from typing import Any

import pytest

from tests.contract.test_terraform_target import ROOT, script

COSTS = script("costs.py")
PRICES = {
    "aws_db_instance": {"paid": "by the hour", "usd": 10, "reach": "vpc", "page": "aws.amazon.com/rds"},
    "aws_vpc_endpoint.s3": {"paid": "nothing", "reach": "nothing", "page": "aws.amazon.com/vpc"},
    "aws_vpc_endpoint": {"paid": "by the hour", "usd": 7, "use": 1, "reach": "vpc", "page": "p", "sure": False},
}
CONDITIONS = {"date": "2026-01-01", "region": "us-east-1", "hours": 730}


def change(kind: str, mode: str = "managed", action: str = "create") -> dict[str, Any]:
    return {"type": kind, "name": "this", "mode": mode, "change": {"actions": [action]}}


def test_resources_that_are_made_are_counted_and_data_that_are_read_are_not() -> None:
    changes = [change("aws_db_instance"), change("aws_vpc", "data", "read"), change("aws_lb", action="no-op")]
    assert list(COSTS.resources({"resource_changes": changes})) == [("aws_db_instance", "this")]


def test_a_price_of_one_name_goes_before_that_of_its_type() -> None:
    found = [("aws_vpc_endpoint", "s3"), ("aws_vpc_endpoint", "service"), ("aws_vpc_endpoint", "service")]
    assert COSTS.count_kinds(found, PRICES) == {"aws_vpc_endpoint.s3": 1, "aws_vpc_endpoint": 2}


def test_a_kind_without_a_price_is_refused() -> None:
    with pytest.raises(COSTS.CostsError, match="no price for aws_nat_gateway"):
        COSTS.count_kinds([("aws_nat_gateway", "this"), ("aws_db_instance", "this")], PRICES)


def test_a_price_of_what_is_not_made_is_refused() -> None:
    counts = Counter({"aws_db_instance": 1, "aws_vpc_endpoint": 1})
    with pytest.raises(COSTS.CostsError, match=r"not made: aws_vpc_endpoint\.s3"):
        COSTS.page({"defaults": counts, "everything": counts}, PRICES, CONDITIONS)


def test_sums_are_those_of_the_rows() -> None:
    defaults = Counter({"aws_db_instance": 1, "aws_vpc_endpoint.s3": 1})
    everything = defaults + Counter({"aws_db_instance": 1, "aws_vpc_endpoint": 3})
    page = COSTS.page({"defaults": defaults, "everything": everything}, PRICES, CONDITIONS)
    assert "| paid whether anything runs or not | 10 | 41 |" in page
    assert "| with what is used | 10 | 44 |" in page
    assert "| aws_vpc_endpoint | 0 | 3 | by the hour | 8.00 ? | the VPC | p |" in page


def test_the_page_names_every_kind_and_says_that_nobody_was_billed() -> None:
    """`make check-terraform` compares all of it; here Terraform is not needed."""
    page = (ROOT / "docs/aws-costs.md").read_text(encoding="utf-8")
    known, _ = COSTS.prices((ROOT / "terraform/prices.toml").read_text(encoding="utf-8"))
    assert sorted(re.findall(r"^\| (aws_[\w.]+) \|", page, re.MULTILINE)) == sorted(known)
    assert "Nobody was billed" in page
