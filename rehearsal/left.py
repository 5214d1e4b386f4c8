"""What of a platform is still in an account: of each service by name, and of all by the tag that Terraform sets."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Left:
    """`is_going`: AWS deletes it by itself after its days of waiting, and does not ask for money until then."""

    service: str
    name: str
    is_going: bool = False

    def __str__(self) -> str:
        return f"{self.service}: {self.name}{' (waits to be deleted, not paid)' if self.is_going else ''}"


# Service, question, key of the answer's list, key of a name. Services whose things carry no tag, or none that is shown.
BY_NAME = (
    ("budgets", "describe_budgets", "Budgets", "BudgetName"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("events", "list_rules", "Rules", "Name"),
    ("glue", "get_connections", "ConnectionList", "Name"),
    ("glue", "get_databases", "DatabaseList", "Name"),
    ("glue", "get_jobs", "Jobs", "Name"),
    ("glue", "list_data_quality_rulesets", "Rulesets", "Name"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("kms", "list_aliases", "Aliases", "AliasName"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    ("redshift-serverless", "list_namespaces", "namespaces", "namespaceName"),
    ("redshift-serverless", "list_workgroups", "workgroups", "workgroupName"),
    ("s3", "list_buckets", "Buckets", "Name"),
    ("scheduler", "list_schedules", "Schedules", "Name"),
    ("secretsmanager", "list_secrets", "SecretList", "Name"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("stepfunctions", "list_state_machines", "stateMachines", "name"),
)
# What the questions by name answer for wholly: of these, tags are told for a while after they are gone. AWS page
# API_GetResources of the tagging API: "tagged or previously tagged resources".
ANSWERED_BY_NAME = {("glue", kind) for kind in ("connection", "database", "job", "dataQualityRuleset")}
OF_THE_PLATFORM = ("deftunes_silver", "deftunes_ops")  # databases of the catalog, of which an account has one each


def resources(region: str, name: str) -> list[Left]:
    """All that there is, by service and name."""
    import boto3  # type: ignore[import-untyped]

    session = boto3.Session(region_name=region)
    found = {*resources_by_name(session, name), *resources_by_tag(session, name)}
    return sorted(found, key=lambda each: (each.service, each.name))


def resources_by_name(session: Any, name: str) -> Iterator[Left]:
    """What has the name in its own."""
    for service, question, listed, key in BY_NAME:
        for each in everything(session, service, question, listed):
            if is_ours(str(each[key]), name):
                yield Left(service, str(each[key]), is_going="DeletedDate" in each)


def is_ours(found: str, name: str) -> bool:
    """True of a thing's name that begins with the platform's, also below a path or at the end of an ARN."""
    last = found.rsplit(":", 1)[-1]
    parts = last.strip("/").split("/")
    return any(part == name or part.startswith((f"{name}-", f"{name}_")) for part in parts) or found in OF_THE_PLATFORM


def everything(session: Any, service: str, question: str, listed: str) -> Iterator[dict[str, Any]]:
    """The items of all pages."""
    client = session.client(service)
    options: dict[str, Any] = {}
    if service == "budgets":
        options["AccountId"] = session.client("sts").get_caller_identity()["Account"]
    if client.can_paginate(question):
        for page in client.get_paginator(question).paginate(**options):
            yield from page.get(listed, [])
    else:
        yield from getattr(client, question)(**options).get(listed, [])


def resources_by_tag(session: Any, name: str) -> Iterator[Left]:
    """What has the tag `project`; network interfaces, subnets and the like have no other name."""
    pages = session.client("resourcegroupstaggingapi").get_paginator("get_resources")
    keys = session.client("kms")
    for page in pages.paginate(TagFilters=[{"Key": "project", "Values": [name]}]):
        for each in page["ResourceTagMappingList"]:
            service, kind = each["ResourceARN"].split(":")[2], each["ResourceARN"].split(":")[5].split("/")[0]
            if (service, kind) in ANSWERED_BY_NAME:
                continue
            is_going = service == "kms" and is_waiting(keys, each["ResourceARN"])
            yield Left(service, each["ResourceARN"], is_going)


def is_waiting(keys: Any, arn: str) -> bool:
    return bool(keys.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] == "PendingDeletion")
