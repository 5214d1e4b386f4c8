"""Reach: what a Glue job's network lets it speak to, read from the state of Terraform.

A job without a connection stands in Glue's own network and reaches AWS and the internet. One with a connection stands
in its subnet: an address is reached when a rule of its groups lets it out and a route or an endpoint leads there. Glue
carries the calls to its own catalog and to CloudWatch by a proxy of its own, unless the job says `--disable-proxy-v2`
(page connection-VPC-disable-proxy); what the job reads and writes in S3 goes through the subnet.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

HTTPS, POSTGRES, REDSHIFT = 443, 5432, 5439
# What the platform's jobs could ask. Names of others are not known to them.
SERVICES = ("glue", "kms", "logs", "monitoring", "s3", "secretsmanager", "sts")
BY_PROXY = frozenset({"glue", "logs", "monitoring"})

State = Mapping[str, Any]


@dataclass(frozen=True)
class Reach:
    """`services` of AWS by their names in addresses; `ranges` of addresses with their first and last port."""

    services: frozenset[str]
    ranges: tuple[tuple[str, int, int], ...]

    def holds(self, address: str, port: int) -> bool:
        """True if a TCP connection to this address leaves the job's network."""
        return any(
            ip_address(address) in ip_network(cidr) and first <= port <= last for cidr, first, last in self.ranges
        )


EVERYWHERE = Reach(frozenset(SERVICES), (("0.0.0.0/0", 0, 65535),))


def reach(state: State, job: str) -> Reach:
    """Of the job with this name. Raises LookupError if the state has no such job, connection or subnet."""
    definition = _one(state, "aws_glue_job", name=job)
    if not definition["connections"]:
        return EVERYWHERE
    stand = _one(state, "aws_glue_connection", name=definition["connections"][0])["physical_connection_requirements"][0]
    place = _Place(state, stand["subnet_id"], frozenset(stand["security_group_id_list"]))
    proxied = BY_PROXY if definition["default_arguments"].get("--disable-proxy-v2") != "true" else frozenset[str]()
    return Reach(frozenset(place.services()) | proxied, tuple(place.ranges()))


class _Place:
    """A subnet and the groups of an interface in it."""

    def __init__(self, state: State, subnet: str, groups: frozenset[str]) -> None:
        self._state, self._groups = state, groups
        self._subnet = _one(state, "aws_subnet", id=subnet)
        tables = [each["route_table_id"] for each in attributes(state, "aws_route_table_association")
                  if each["subnet_id"] == subnet]  # fmt: skip
        self._table = tables[0] if tables else ""
        self._out = [each for each in attributes(state, "aws_vpc_security_group_egress_rule")
                     if each["security_group_id"] in groups]  # fmt: skip

    def services(self) -> Iterator[str]:
        if any(cidr == "0.0.0.0/0" and first <= HTTPS <= last for cidr, first, last in self.ranges()):
            yield from SERVICES
        for endpoint in attributes(self._state, "aws_vpc_endpoint"):
            if endpoint["vpc_id"] == self._subnet["vpc_id"] and self._leads_to(endpoint):
                yield endpoint["service_name"].rsplit(".", 1)[1]

    def ranges(self) -> Iterator[tuple[str, int, int]]:
        """What rules with addresses let out; the internet only where a route leads there."""
        has_route = any(
            route["route_table_id"] == self._table and route["destination_cidr_block"] == "0.0.0.0/0"
            for route in attributes(self._state, "aws_route")
        )
        for rule in self._out:
            if rule["cidr_ipv4"] and (rule["cidr_ipv4"] != "0.0.0.0/0" or has_route):
                yield rule["cidr_ipv4"], *_ports(rule)
        for workgroup in attributes(self._state, "aws_redshiftserverless_workgroup"):
            yield from self._open_address(set(workgroup["security_group_ids"]), REDSHIFT, workgroup["endpoint"][0])
        for database in attributes(self._state, "aws_db_instance"):
            yield from self._open_address(set(database["vpc_security_group_ids"]), POSTGRES, database)

    def _open_address(self, groups: set[str], port: int, there: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
        """The address of a thing in these groups; at another port than AWS's, where it stands on this machine."""
        if self._is_let_out(groups, port) and self._is_let_in(groups, port):
            yield f"{there['address']}/32", there["port"], there["port"]

    def _leads_to(self, endpoint: Mapping[str, Any]) -> bool:
        if endpoint["vpc_endpoint_type"] == "Gateway":
            lists = {endpoint["prefix_list_id"]}
            is_let_out = any(rule["prefix_list_id"] in lists and _holds(rule, HTTPS) for rule in self._out)
            return self._table in endpoint["route_table_ids"] and is_let_out
        groups = set(endpoint["security_group_ids"])
        is_open = self._is_let_out(groups, HTTPS) and self._is_let_in(groups, HTTPS)
        return bool(endpoint["private_dns_enabled"]) and is_open

    def _is_let_out(self, groups: set[str], port: int) -> bool:
        return any(rule["referenced_security_group_id"] in groups and _holds(rule, port) for rule in self._out)

    def _is_let_in(self, groups: set[str], port: int) -> bool:
        for rule in attributes(self._state, "aws_vpc_security_group_ingress_rule"):
            if rule["security_group_id"] not in groups or not _holds(rule, port):
                continue
            if rule["referenced_security_group_id"] in self._groups:
                return True
            network = ip_network(self._subnet["cidr_block"])
            if rule["cidr_ipv4"] and network.subnet_of(ip_network(rule["cidr_ipv4"])):  # type: ignore[arg-type]
                return True
        return False


def attributes(state: State, kind: str) -> list[Mapping[str, Any]]:
    """The attributes of each resource of this type."""
    return [
        instance["attributes"]
        for resource in state["resources"]
        if resource["type"] == kind and resource["mode"] == "managed"
        for instance in resource["instances"]
    ]


def _one(state: State, kind: str, **known: str) -> Mapping[str, Any]:
    for each in attributes(state, kind):
        if all(each[name] == value for name, value in known.items()):
            return each
    raise LookupError(f"Terraform made no {kind} with {known}")


def _ports(rule: Mapping[str, Any]) -> tuple[int, int]:
    return (0, 65535) if rule["ip_protocol"] == "-1" else (rule["from_port"], rule["to_port"])


def _holds(rule: Mapping[str, Any], port: int) -> bool:
    first, last = _ports(rule)
    return first <= port <= last
