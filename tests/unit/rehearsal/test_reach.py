"""Reach: a job in the VPC speaks to what endpoints, routes and rules leave open, and a missing one closes it."""

from typing import Any

import pytest

from rehearsal.glue.reach import EVERYWHERE, reach

DATABASE = ("10.9.0.7", 5432)


def vpc() -> dict[str, list[dict[str, Any]]]:
    """What terraform/ makes for the job that reads the database, with a database of one's own."""
    rule = {"security_group_id": "jobs", "ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": None}
    rule |= {"prefix_list_id": None, "referenced_security_group_id": None}
    endpoint = {"vpc_id": "vpc", "vpc_endpoint_type": "Interface", "private_dns_enabled": True}
    requirements = {"subnet_id": "private", "security_group_id_list": ["jobs"]}
    return {
        "aws_glue_job": [
            {"name": "land-api", "connections": [], "default_arguments": {}},
            {"name": "land-postgres", "connections": ["beside"], "default_arguments": {}},
        ],
        "aws_glue_connection": [{"name": "beside", "physical_connection_requirements": [requirements]}],
        "aws_subnet": [{"id": "private", "vpc_id": "vpc", "cidr_block": "10.42.0.0/20"}],
        "aws_route_table_association": [{"subnet_id": "private", "route_table_id": "table"}],
        "aws_route": [],
        "aws_vpc_endpoint": [
            {"vpc_id": "vpc", "vpc_endpoint_type": "Gateway", "service_name": "com.amazonaws.eu-west-1.s3",
             "route_table_ids": ["table"], "prefix_list_id": "pl-s3"},
            {**endpoint, "service_name": "com.amazonaws.eu-west-1.secretsmanager", "security_group_ids": ["endpoints"]},
        ],
        "aws_vpc_security_group_egress_rule": [
            {**rule, "prefix_list_id": "pl-s3"},
            {**rule, "referenced_security_group_id": "endpoints"},
            {**rule, "cidr_ipv4": "10.9.0.0/24", "from_port": 5432, "to_port": 5432},
        ],
        "aws_vpc_security_group_ingress_rule": [
            {**rule, "security_group_id": "endpoints", "cidr_ipv4": "10.42.0.0/16"}
        ],
    }  # fmt: skip


def state(made: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The same, as Terraform writes its state."""
    return {
        "resources": [
            {"mode": "managed", "type": kind, "instances": [{"attributes": each} for each in instances]}
            for kind, instances in made.items()
        ]
    }


def test_job_outside_of_the_vpc_reaches_everything() -> None:
    assert reach(state(vpc()), "land-api") == EVERYWHERE


def test_job_in_the_vpc_reaches_s3_its_secret_its_database_and_what_glue_carries() -> None:
    found = reach(state(vpc()), "land-postgres")
    assert found.services == {"glue", "logs", "monitoring", "s3", "secretsmanager"}
    assert found.holds(*DATABASE)
    assert not found.holds(DATABASE[0], 5433)
    assert not found.holds("10.10.0.7", DATABASE[1])


@pytest.mark.parametrize(
    ("kind", "place", "closed"),
    [
        ("aws_vpc_endpoint", 0, "s3"),
        ("aws_vpc_endpoint", 1, "secretsmanager"),
        ("aws_route_table_association", 0, "s3"),
        ("aws_vpc_security_group_egress_rule", 0, "s3"),
        ("aws_vpc_security_group_egress_rule", 1, "secretsmanager"),
        ("aws_vpc_security_group_ingress_rule", 0, "secretsmanager"),
    ],
)
def test_what_is_missing_closes_the_service(kind: str, place: int, closed: str) -> None:
    made = vpc()
    del made[kind][place]
    assert closed not in reach(state(made), "land-postgres").services


@pytest.mark.parametrize(
    ("kind", "place", "name", "value"),
    [
        ("aws_vpc_endpoint", 1, "private_dns_enabled", False),
        ("aws_vpc_endpoint", 1, "vpc_id", "another"),
        ("aws_vpc_security_group_egress_rule", 1, "to_port", 442),
        ("aws_vpc_security_group_ingress_rule", 0, "cidr_ipv4", "10.43.0.0/16"),
    ],
)
def test_what_is_otherwise_closes_the_secret(kind: str, place: int, name: str, value: Any) -> None:
    made = vpc()
    made[kind][place][name] = value
    if name == "to_port":
        made[kind][place]["from_port"] = value
    assert "secretsmanager" not in reach(state(made), "land-postgres").services


def test_without_glues_proxy_only_endpoints_are_left() -> None:
    made = vpc()
    made["aws_glue_job"][1]["default_arguments"]["--disable-proxy-v2"] = "true"
    assert reach(state(made), "land-postgres").services == {"s3", "secretsmanager"}


def test_internet_needs_a_rule_and_a_route() -> None:
    made = vpc()
    rule = {**made["aws_vpc_security_group_egress_rule"][2], "cidr_ipv4": "0.0.0.0/0", "from_port": 443, "to_port": 443}
    made["aws_vpc_security_group_egress_rule"].append(rule)
    assert not reach(state(made), "land-postgres").holds("93.184.215.14", 443)
    made["aws_route"].append({"route_table_id": "table", "destination_cidr_block": "0.0.0.0/0"})
    found = reach(state(made), "land-postgres")
    assert found.holds("93.184.215.14", 443)
    assert "sts" in found.services


@pytest.mark.parametrize("is_warehouse", [True, False])
def test_warehouse_and_database_of_a_demonstration_want_a_rule_of_both_groups(is_warehouse: bool) -> None:
    made, address = vpc(), ("127.0.0.1", 20000)
    endpoint, port = {"address": address[0], "port": address[1]}, 5439 if is_warehouse else 5432
    if is_warehouse:
        made["aws_redshiftserverless_workgroup"] = [{"security_group_ids": ["house"], "endpoint": [endpoint]}]
    else:
        made["aws_db_instance"] = [{**endpoint, "vpc_security_group_ids": ["house"]}]
    rule = {**made["aws_vpc_security_group_egress_rule"][1], "from_port": port, "to_port": port}
    out = {**rule, "referenced_security_group_id": "house"}
    into = {**rule, "security_group_id": "house", "referenced_security_group_id": "jobs"}
    assert not reach(state(made), "land-postgres").holds(*address)
    made["aws_vpc_security_group_egress_rule"].append(out)
    assert not reach(state(made), "land-postgres").holds(*address)
    made["aws_vpc_security_group_ingress_rule"].append(into)
    assert reach(state(made), "land-postgres").holds(*address)
