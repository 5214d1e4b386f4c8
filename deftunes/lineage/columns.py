"""What each column is made of, from the events below var/lineage: gold and bi by dbt, silver by Spark.

The programs name a table each in their own way (a file, a catalog's name, a branch of it); here it has one name:
`gold.fact_session`, `deftunes_silver.sessions`, `landing/api/sessions`. Standard library only: `make site` reads it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BRANCH = re.compile(r"\.(branch|tag)_\w+$")
LANDING, SILVER = "landing/", "deftunes_silver."
SHOWN = ("gold.", "bi.")


@dataclass(frozen=True, order=True)
class Column:
    """A column of a table, or of the files that landing has of one."""

    table: str
    name: str

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


@dataclass
class Lineage:
    """`made_of`: column -> the columns that its newest event names. unread: lines that were no event."""

    made_of: dict[Column, tuple[Column, ...]] = field(default_factory=dict)
    unread: int = 0

    def column(self, text: str) -> Column:
        """The column written as `gold.fact_session.price`. Raises KeyError when no event is about it."""
        table, _, name = text.rpartition(".")
        if Column(table, name) not in self.made_of:
            raise KeyError(text)
        return Column(table, name)

    def origins(self, column: Column, layer: str) -> list[Column]:
        """The columns of a layer (LANDING, SILVER) that a column goes back to, over any number of steps."""
        return sorted(each for each in self._all_behind(column) if each.table.startswith(layer))

    def _all_behind(self, column: Column) -> set[Column]:
        seen, unread = set[Column](), list(self.made_of.get(column, ()))
        while unread:
            each = unread.pop()
            if each not in seen:
                seen.add(each)
                unread += self.made_of.get(each, ())
        return seen


def read(folder: Path, landing_uri: str) -> Lineage:
    """The lineage that all events of the folder come to; of several events about a table the last one holds.

    A killed run may leave half a line: it is counted and passed over.
    """
    lineage = Lineage()
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                lineage.unread += 1
            else:
                lineage.made_of |= dict(_columns(event, landing_uri))
    return lineage


def _columns(event: Mapping[str, Any], landing_uri: str) -> Iterator[tuple[Column, tuple[Column, ...]]]:
    for dataset in event.get("outputs", ()):
        table = _name(dataset, landing_uri)
        for name, made_of in dataset.get("facets", {}).get("columnLineage", {}).get("fields", {}).items():
            inputs = {Column(_name(each, landing_uri), each["field"]) for each in made_of["inputFields"]}
            yield Column(table, name), tuple(sorted(inputs - {Column(table, name)}))


def _name(dataset: Mapping[str, Any], landing_uri: str) -> str:
    links = dataset.get("facets", {}).get("symlinks", {}).get("identifiers", ())
    name = next((link["name"] for link in links if link.get("type", "TABLE") == "TABLE"), dataset["name"])
    place = f"{dataset['namespace']}{'/' if '://' in dataset['namespace'] else '://'}{dataset['name']}"
    if place.startswith(f"{landing_uri}/"):
        source, table = place.removeprefix(f"{landing_uri}/").split("/")[:2]
        return f"{LANDING}{source}/{table}"
    if "/" in name:  # a table that an event names by its folder alone
        return ".".join(name.rstrip("/").split("/")[-2:])
    return ".".join(BRANCH.sub("", name).split(".")[-2:])


def page(lineage: Lineage) -> str:
    """A page of Markdown: every column of gold and bi, what it is made of, and where that was landed."""
    lines = [
        "# Lineage of columns",
        "",
        "The OpenLineage events of the runs in this checkout say this. `value` of landing is a record as the",
        "API sent it, one JSON text. A column that is made of none counts rows, or is a constant.",
    ]
    shown = sorted(column for column in lineage.made_of if column.table.startswith(SHOWN))
    for table in dict.fromkeys(column.table for column in shown):
        lines += ["", f"## {table}", "", "| column | made of | silver | landing |", "|---|---|---|---|"]
        for column in (each for each in shown if each.table == table):
            cells = (lineage.made_of[column], lineage.origins(column, SILVER), lineage.origins(column, LANDING))
            lines.append(f"| `{column.name}` | {' | '.join(_cell(each) for each in cells)} |")
    return "\n".join([*lines, ""])


def _cell(columns: Any) -> str:
    return ", ".join(f"`{column}`" for column in columns)
