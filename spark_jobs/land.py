"""land: a source's answer to landing, one delivery a day.

The API is asked day by day, days side by side, each page stored as received. Of an endpoint with history also those
records are asked for that lie before the window and that no delivery holds, so that sales of known buyers join: since
ever at first, later the days between two windows. A table of the database is a full snapshot, filed under the window's
last day.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pyspark.sql import SparkSession

from spark_jobs.completeness.comparisons import UNPROVEN
from spark_jobs.completeness.figures import Ask, Figures
from spark_jobs.completeness.proofs import proofs
from spark_jobs.lake import records
from spark_jobs.lake.landing import LandedFile, Landing, Manifest
from spark_jobs.silver.declaration import DatabaseTable, Endpoint
from spark_jobs.sources.api import Api, Page, api_pages
from spark_jobs.sources.database import Database, reading, table_snapshot
from spark_jobs.sources.trouble import BadRequestError
from spark_jobs.window import Window

SIDE_BY_SIDE = 4
DAY = timedelta(days=1)

# First and last day of a question, both inclusive; first None: since ever.
Question = tuple[date | None, date]
# The figures of a delivery, when it started, and its files.
Delivered = tuple[Figures, str, list[LandedFile]]


def land_api(api: Api, endpoint: Endpoint, landing: Landing, window: Window) -> dict[str, Any]:
    """Lands the window of an endpoint. Returns days, files, rows, bytes, is_changed, unproven: how many
    deliveries are not shown to be whole, and warnings if there are any.

    No manifest is written before all answers of the window are there and shown to be whole, as far as that can be: what
    is left when it breaks off before is files that no manifest lists.
    """
    landed_at = _now()  # one time for all deliveries: which of two is newer then does not hang on which came first
    gap = gap_before(landing, window.first) if endpoint.has_history else None
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        before = pool.submit(_deliver_gap, api, endpoint, landing, *gap) if gap else None
        deliveries = list(pool.map(lambda day: _deliver(api, endpoint, landing, day, day), window.days()))
        answer = before.result() if before else None
    if isinstance(answer, tuple):
        deliveries.insert(0, answer)
    figures = [figures for figures, _, _ in deliveries]
    ask, ask_unlimited = _asks(api, endpoint), _asks(replace(api, page_limit=0), endpoint)
    shown = proofs(figures, api.page_limit, ask, ask_unlimited)
    summary = _summary(
        [
            _commit(landing, _manifest(landing, landed_at, delivery, proof))
            for delivery, proof in zip(deliveries, shown, strict=True)
        ]
    )
    return {**summary, "warnings": [answer]} if isinstance(answer, str) else summary


def gap_before(landing: Landing, day: date) -> Question | None:
    """The days before `day` that deliveries do not hold without a break since ever: from the first of them on.

    That a day is landed proves nothing of the days before it. A delivery of several days is mostly the first after a
    break, so that few manifests are read; all of them only before something is asked for.
    """
    days = landing.days_before(day)
    after_a_break = set(days) - {each + DAY for each in days}
    held = _complete_until([*((each, each) for each in days), *_spans(landing, after_a_break)])
    if held is None or held + DAY < day:
        held = _complete_until(_spans(landing, days))
    if held is None:
        return None, day - DAY
    return (held + DAY, day - DAY) if held + DAY < day else None


def _complete_until(spans: list[Question]) -> date | None:
    """The last day of those that the spans hold without a break since ever; None if none begins there."""
    until = max((last for first, last in spans if first is None), default=None)
    for first, last in sorted((first, last) for first, last in spans if first is not None):
        if until is not None and first <= until + DAY:
            until = max(until, last)
    return until


def _spans(landing: Landing, days: Iterable[date]) -> list[Question]:
    """What the deliveries filed under the days were asked for; none for a manifest that cannot be read."""
    manifests = [manifest for each in days if (manifest := landing.readable(each)) is not None]
    firsts = [manifest.window["first"] for manifest in manifests]
    return [
        (date.fromisoformat(first) if first else None, manifest.day)
        for first, manifest in zip(firsts, manifests, strict=True)
    ]


def land_snapshot(
    spark: Callable[[], SparkSession], database: Database, source: DatabaseTable, landing: Landing, day: date
) -> dict[str, Any]:
    """Lands the table as it is now, as Parquet under `day`. Returns files, rows, bytes and is_changed."""
    started_at = _now()
    request = f"{database.jdbc_url} {source.name}"
    with reading(database, source):
        files = records.write_snapshot(table_snapshot(spark(), database, source), landing, day)
    delivery = Figures(None, day, request), started_at, files
    return _summary([_commit(landing, _manifest(landing, started_at, delivery, "snapshot"))])


def _deliver_gap(api: Api, endpoint: Endpoint, landing: Landing, first: date | None, last: date) -> Delivered | str:
    """The delivery of the days before the window, or why there is none: then the next landing asks again."""
    try:
        return _deliver(api, endpoint, landing, first, last)
    except BadRequestError as problem:
        if first is None:  # a source may refuse days before its own beginning
            return f"{landing.table.capitalize()} before {last + DAY} are not known: {problem.what}, {problem.value}"
        problem.way_out = f"land these days by themselves, then run again: FROM={first} TO={last}"
        raise


def _deliver(api: Api, endpoint: Endpoint, landing: Landing, first: date | None, last: date) -> Delivered:
    started_at, files = _now(), list[LandedFile]()

    def stored() -> Iterator[Page]:
        for number, page in enumerate(api_pages(api, endpoint, first, last), 1):
            count = page.count
            files.append(landing.write(last, number, page.body, count.records, count.unreadable, count.is_malformed))
            yield page

    return Figures.of(first, last, stored()), started_at, files


def _asks(api: Api, endpoint: Endpoint) -> Ask:
    """Asks the API without storing what it says."""
    return lambda first, last: Figures.of(first, last, api_pages(api, endpoint, first, last))


def _manifest(landing: Landing, landed_at: str, delivery: Delivered, proof: str) -> Manifest:
    figures, started_at, files = delivery
    day, window = str(figures.last), {"first": str(figures.first) if figures.first else None, "last": str(figures.last)}
    repeated = figures.records - figures.distinct
    return Manifest(landing.table, day, window, figures.url, started_at, _now(), files, repeated, proof, landed_at)


def _commit(landing: Landing, manifest: Manifest) -> tuple[Manifest, bool]:
    return manifest, landing.commit(manifest)


def _summary(deliveries: list[tuple[Manifest, bool]]) -> dict[str, Any]:
    manifests = [manifest for manifest, _ in deliveries]
    return {
        "days": len(manifests),
        "files": sum(len(manifest.files) for manifest in manifests),
        "landed_records": sum(manifest.rows for manifest in manifests),
        "bytes": sum(manifest.bytes for manifest in manifests),
        "is_changed": any(changed for _, changed in deliveries),
        "unproven": sum(manifest.proof == UNPROVEN for manifest in manifests),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
