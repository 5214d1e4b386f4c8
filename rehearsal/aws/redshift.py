"""Redshift Serverless and the Data API, which moto has not: workgroups, limits, and statements that are run.

A workgroup's endpoint is the front over PostgreSQL. Its administrator's password lies in Secrets Manager, as on AWS.
"""

import json
import time
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import redshift_connector
from moto.secretsmanager.models import secretsmanager_backends

from rehearsal.aws.answers import Answer, AwsError
from rehearsal.glue.emulators import ACCOUNT, REGION

# What GetWorkgroup answers of a workgroup whose parameters nobody set.
PARAMETERS = {
    "auto_mv": "true",
    "datestyle": "ISO, MDY",
    "enable_case_sensitive_identifier": "false",
    "enable_user_activity_logging": "true",
    "max_query_execution_time": "14400",
    "query_group": "default",
    "require_ssl": "true",
    "search_path": "$user, public",
    "use_fips_ssl": "false",
}
# What it answers of a workgroup beside what it was asked to make.
WORKGROUP = {
    "enhancedVpcRouting": False, "ipAddressType": "ipv4", "patchVersion": "1.0", "port": 5439,
    "pricePerformanceTarget": {"status": "DISABLED"}, "publiclyAccessible": False, "trackName": "current",
    "workgroupVersion": "1.0",
}  # fmt: skip
ARN = f"arn:aws:redshift-serverless:{REGION}:{ACCOUNT}"


class Warehouse:
    """The front's address, and the administrator it knows."""

    def __init__(self, host: str, port: int, database: str, user: str, password: str) -> None:
        self._endpoint = {"address": host, "port": port, "vpcEndpoints": []}
        self._database, self._user, self._password = database, user, password
        self._namespaces: dict[str, dict[str, Any]] = {}
        self._workgroups: dict[str, dict[str, Any]] = {}
        self._limits: dict[str, dict[str, Any]] = {}
        self._statements: dict[str, dict[str, Any]] = {}
        self._results: dict[str, dict[str, Any]] = {}
        self._tags: dict[str, list[dict[str, str]]] = {}

    def answers(self) -> dict[str, Answer]:
        serverless = {
            "CreateNamespace": self._create_namespace,
            "GetNamespace": lambda request: {"namespace": _lookup(self._namespaces, request["namespaceName"])},
            "ListNamespaces": lambda _: {"namespaces": list(self._namespaces.values())},
            "UpdateNamespace": lambda request: {"namespace": _lookup(self._namespaces, request["namespaceName"])},
            "DeleteNamespace": lambda request: {"namespace": self._namespaces.pop(request["namespaceName"])},
            "CreateWorkgroup": self._create_workgroup,
            "GetWorkgroup": lambda request: {"workgroup": _lookup(self._workgroups, request["workgroupName"])},
            "ListWorkgroups": lambda _: {"workgroups": list(self._workgroups.values())},
            "UpdateWorkgroup": self._update_workgroup,
            "DeleteWorkgroup": lambda request: {"workgroup": self._workgroups.pop(request["workgroupName"])},
            "CreateUsageLimit": self._create_limit,
            "GetUsageLimit": lambda request: {"usageLimit": _lookup(self._limits, request["usageLimitId"])},
            "DeleteUsageLimit": lambda request: {"usageLimit": self._limits.pop(request["usageLimitId"])},
            "ListTagsForResource": lambda request: {"tags": self._tags.get(request["resourceArn"], [])},
        }
        data = {
            "ExecuteStatement": self._execute,
            "DescribeStatement": lambda request: _lookup(self._statements, request["Id"]),
            "GetStatementResult": lambda request: _lookup(self._results, request["Id"]),
        }
        return {f"RedshiftServerless.{name}": answer for name, answer in serverless.items()} | {
            f"RedshiftData.{name}": answer for name, answer in data.items()
        }

    def _create_namespace(self, request: dict[str, Any]) -> dict[str, Any]:
        name, number = request["namespaceName"], str(uuid.uuid4())
        secret = secretsmanager_backends[ACCOUNT][REGION].create_managed_secret(
            service_name="redshift",
            secret_id=f"redshift!{name}-{request['adminUsername']}",
            secret_string=json.dumps({"username": request["adminUsername"], "password": self._password}),
        )
        arn = secret.arn if hasattr(secret, "arn") else json.loads(secret)["ARN"]
        self._namespaces[name] = {
            **{key: value for key, value in request.items() if key not in ("manageAdminPassword", "tags")},
            "namespaceArn": f"{ARN}:namespace/{number}",
            "namespaceId": number,
            "status": "AVAILABLE",
            "creationDate": _now(),
            "adminPasswordSecretArn": arn,
        }
        self._tags[self._namespaces[name]["namespaceArn"]] = request.get("tags", [])
        return {"namespace": self._namespaces[name]}

    def _create_workgroup(self, request: dict[str, Any]) -> dict[str, Any]:
        name, number = request["workgroupName"], str(uuid.uuid4())
        self._workgroups[name] = {
            **WORKGROUP,
            **{key: value for key, value in request.items() if key != "tags"},
            "configParameters": _parameters(PARAMETERS | _config_parameters(request)),
            "workgroupArn": f"{ARN}:workgroup/{number}",
            "workgroupId": number,
            "status": "AVAILABLE",
            "creationDate": _now(),
            "endpoint": self._endpoint,
        }
        self._tags[self._workgroups[name]["workgroupArn"]] = request.get("tags", [])
        return {"workgroup": self._workgroups[name]}

    def _update_workgroup(self, request: dict[str, Any]) -> dict[str, Any]:
        """Like AWS, refuses to change parameters into what they are."""
        workgroup, given = _lookup(self._workgroups, request["workgroupName"]), _config_parameters(request)
        known = {each["parameterKey"]: each["parameterValue"] for each in workgroup["configParameters"]}
        if given and known | given == known:
            message = "You didn't specify any changes to the configuration parameters."
            raise AwsError("ValidationException", message)
        workgroup |= {key: value for key, value in request.items() if key not in ("workgroupName", "configParameters")}
        workgroup["configParameters"] = _parameters(known | given)
        return {"workgroup": workgroup}

    def _create_limit(self, request: dict[str, Any]) -> dict[str, Any]:
        number = str(uuid.uuid4())
        self._limits[number] = {
            **request, "usageLimitId": number, "usageLimitArn": f"{ARN}:usagelimit/{number}"
        }  # fmt: skip
        return {"usageLimit": self._limits[number]}

    def _execute(self, request: dict[str, Any]) -> dict[str, Any]:
        number, now = str(uuid.uuid4()), time.time()
        statement = {
            "Id": number, "Database": request["Database"], "QueryString": request["Sql"],
            "CreatedAt": now, "UpdatedAt": now,
            "SecretArn": request.get("SecretArn"), "WorkgroupName": request.get("WorkgroupName"), "Status": "FINISHED",
        }  # fmt: skip
        try:
            self._results[number] = self._run(request["Database"], request["Sql"])
            statement |= {"HasResultSet": True, "ResultRows": len(self._results[number]["Records"])}
        except Exception as error:
            statement |= {"Status": "FAILED", "Error": str(error)}
        self._statements[number] = statement
        return {"Id": number, "CreatedAt": now, "Database": request["Database"]}

    def _run(self, database: str, sql: str) -> dict[str, Any]:
        """Takes the statement to the front, with Redshift's own driver; what GetStatementResult answers of it."""
        connection = redshift_connector.connect(
            host=self._endpoint["address"],
            port=self._endpoint["port"],
            database=database,
            user=self._user,
            password=self._password,
            ssl=False,
        )
        try:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(sql)
            described = cursor.description or []
            rows = cursor.fetchall() if described else []
        finally:
            connection.close()
        names = [each[0].decode() if isinstance(each[0], bytes) else str(each[0]) for each in described]
        kinds = [_kind([row[at] for row in rows]) for at in range(len(names))]
        columns = [{"name": name, "label": name, "typeName": kind} for name, kind in zip(names, kinds, strict=True)]
        records = [[_field(value) for value in row] for row in rows]
        return {"ColumnMetadata": columns, "Records": records, "TotalNumRows": len(records)}


def _kind(values: list[Any]) -> str:
    """Redshift's name of a column's type, by its values."""
    names = {bool: "bool", int: "int8", float: "float8", Decimal: "numeric", date: "date", datetime: "timestamp"}
    return next((names.get(type(value), "varchar") for value in values if value is not None), "varchar")


def _field(value: Any) -> dict[str, Any]:
    """A value as the Data API gives it: what JSON has no type for is text."""
    if value is None:
        return {"isNull": True}
    names = {bool: "booleanValue", int: "longValue", float: "doubleValue"}
    return {names[type(value)]: value} if type(value) in names else {"stringValue": str(value)}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _config_parameters(request: dict[str, Any]) -> dict[str, str]:
    return {each["parameterKey"]: each["parameterValue"] for each in request.get("configParameters", [])}


def _parameters(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"parameterKey": key, "parameterValue": value} for key, value in sorted(values.items())]


def _lookup(known: dict[str, dict[str, Any]], name: str) -> Any:
    if name not in known:
        raise AwsError("ResourceNotFoundException", f"{name} is not there")
    return known[name]
