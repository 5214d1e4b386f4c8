"""Questions to Redshift by its Data API, which answers wherever there are credentials; it has no other address."""

import re
import time
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from deftunes.launchers.aws_errors import aws_problems
from deftunes.launchers.platform import Platform
from spark_jobs.problem import Problem

UNCHANGED = "Nothing was changed: questions only read."
PATIENCE_S = 300.0
POLL_S = 0.5
READABLE = {"FINISHED"}
GOING = {"SUBMITTED", "PICKED", "STARTED"}


class Warehouse:
    """The platform's Redshift, asked as its administrator, whose secret whoever asks must be allowed to read."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def rows(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Column names and rows of one question. `lake.` may stand before a schema of the lake, as on other targets.

        Raises Problem when it is no question, or cannot be answered.
        """
        check_is_question(sql)
        text = re.sub(r"\blake\.(?=deftunes_)", "", sql)
        client, name = self._platform.client("redshift-data"), self._platform.name
        with aws_problems("ask the warehouse", name):
            statement = client.execute_statement(
                WorkgroupName=name, Database=self._platform.database, SecretArn=self._platform.secret_arn, Sql=text
            )
            description = self._until_it_ended(client, statement["Id"])
            if description["Status"] not in READABLE:
                raise Problem(
                    "The question cannot be answered",
                    "SQL",
                    str(description.get("Error", description["Status"])),
                    "tables are gold.*, bi.*, lake.deftunes_silver.* and lake.deftunes_ops.*, in Redshift's SQL",
                    UNCHANGED,
                )
            pages = client.get_paginator("get_statement_result").paginate(Id=statement["Id"])
            return _table(list(pages))

    def _until_it_ended(self, client: Any, number: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while (description := client.describe_statement(Id=number))["Status"] in GOING:
            if time.monotonic() > deadline:
                client.cancel_statement(Id=number)
                way_out = "ask for less, or raise warehouse_base_rpu"
                raise Problem(f"The warehouse had no answer in {PATIENCE_S:.0f} s", "SQL", number, way_out, UNCHANGED)
            time.sleep(POLL_S)
        return dict(description)


def check_is_question(sql: str) -> None:
    """Raises Problem unless this is one select: whoever is asked may do everything, and a question reads."""
    text = re.sub(r"--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL).strip().rstrip(";").strip()
    plain = re.sub(r"'(?:[^']|'')*'|\"[^\"]*\"", "''", text).lower()
    if re.match(r"(select|with|show|explain)\b", plain) and ";" not in plain and not re.search(r"\binto\b", plain):
        return
    way_out = "write one select, with, show or explain, which has no into"
    raise Problem("This is not one question", "SQL", sql.strip()[:80] or "nothing", way_out, UNCHANGED)


def _table(pages: list[dict[str, Any]]) -> tuple[list[str], list[tuple[Any, ...]]]:
    columns = pages[0]["ColumnMetadata"]
    names = [str(each.get("label") or each["name"]) for each in columns]
    types = [str(each.get("typeName", "")).lower() for each in columns]
    records = [record for page in pages for record in page["Records"]]
    return names, [tuple(map(_value, record, types)) for record in records]


def _value(given: dict[str, Any], kind: str) -> Any:
    """What the Data API gives of one value: a number of fixed point, a day and a moment come as text."""
    if given.get("isNull"):
        return None
    value = next(iter(given.values()))
    if kind in ("numeric", "decimal"):
        return Decimal(str(value))
    if kind in ("timestamp", "timestamptz"):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if kind == "date" else value
