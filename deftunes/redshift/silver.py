"""Silver as the job `build` sees it: the state of its tables by Glue's catalog, the snapshots of sessions by Spark."""

from collections.abc import Mapping
from typing import Any, Protocol

from deftunes.gold.catching_up import TAG, Commit, Span, days_to_build

DATABASE = "deftunes_silver"
MAIN = "main"


class Sessions(Protocol):
    """What spark_jobs/lake/gold_tag.py gives of silver.sessions."""

    def references(self) -> dict[str, int]: ...

    def snapshots(self) -> list[tuple[int, int | None, str, str | None]]: ...

    def mark(self, snapshot_id: int) -> None: ...


class GlueSilver:
    """`glue` is boto3's client."""

    def __init__(self, glue: Any, sessions: Sessions) -> None:
        self._glue, self._sessions = glue, sessions
        self._references: dict[str, int] = {}

    def state(self) -> Mapping[str, str]:
        """Table -> address of its newest metadata; another address is another state of the table."""
        pages = self._glue.get_paginator("get_tables").paginate(DatabaseName=DATABASE)
        tables = [table for page in pages for table in page["TableList"]]
        return {table["Name"]: table.get("Parameters", {}).get("metadata_location", "") for table in tables}

    def snapshot_id(self) -> int | None:
        """The snapshot of main; none of a table that has none yet."""
        self._references = self._sessions.references()
        return self._references.get(MAIN)

    def days_to_build(self, window: Span) -> Span | None:
        """Of the state that snapshot_id() read."""
        commits = [Commit(*each) for each in self._sessions.snapshots()]
        return days_to_build(window, commits, self._references.get(MAIN), self._references.get(TAG))

    def mark_built(self, snapshot_id: int) -> None:
        if self._references.get(TAG) != snapshot_id:
            self._sessions.mark(snapshot_id)
