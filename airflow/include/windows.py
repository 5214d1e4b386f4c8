"""The window of a DAG run: its params, else what woke it, else its data interval."""

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from airflow.sdk import Param

DAY = {"type": ["null", "string"], "format": "date"}
PARAMS = {
    "first": Param(None, **DAY, title="First day", description="with the last day: a window of your own, in one run"),
    "last": Param(None, **DAY, title="Last day", description="included"),
}


def first_scheduled_day() -> datetime:
    """The first day that is planned without being asked for: SCHEDULE_FROM."""
    return datetime.fromisoformat(os.environ["SCHEDULE_FROM"]).replace(tzinfo=UTC)


def window(context: Mapping[str, Any]) -> tuple[str, str]:
    """First and last day of a run, both included. Raises ValueError when nothing says which."""
    params = context["params"]
    if params["first"] or params["last"]:
        return params["first"] or params["last"], params["last"] or params["first"]
    events = [event for found in (context.get("triggering_asset_events") or {}).values() for event in found]
    if events:
        return of_events(event.extra for event in events)
    if context.get("data_interval_start"):
        return of_interval(context["data_interval_start"], context["data_interval_end"])
    raise ValueError("no day to run for: give the run `first` and `last`, or a data interval")


def of_interval(start: datetime, end: datetime) -> tuple[str, str]:
    """The days from `start` to `end`, which itself belongs to the next interval."""
    first: date = start.date()
    return str(first), str(max(first, (end - timedelta(microseconds=1)).date()))


def of_events(extras: Iterable[Mapping[str, str]]) -> tuple[str, str]:
    """One window over those of several runs."""
    spans = [(extra["first"], extra["last"]) for extra in extras]
    return min(first for first, _ in spans), max(last for _, last in spans)
