"""land: a source's answer to landing, one delivery a day.

The API is asked day by day, days side by side, each page stored as received. The first delivery of
users also asks for everybody who registered before the window, so that sales of known buyers join.
The song catalogue is a full snapshot, filed under the window's last day.
"""

from collections.abc import Callable, Iterator
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
from spark_jobs.sources.api import Api, Page, api_pages
from spark_jobs.sources.song_database import SongDatabase, reading, song_snapshot
from spark_jobs.window import Window

SIDE_BY_SIDE = 4


def land_api(api: Api, landing: Landing, window: Window) -> dict[str, Any]:
    """Lands users or sessions of the window. Returns days, files, rows, bytes, is_changed and unproven: how many
    deliveries are not shown to be whole.

    No manifest is written before all answers of the window are there and shown to be whole, as far as that can be: what
    is left when it breaks off before is files that no manifest lists.
    """
    asked: list[tuple[date | None, date]] = [(day, day) for day in window.days()]
    if landing.table == "users" and not landing.has_before(window.first):
        asked.insert(0, (None, window.first - timedelta(days=1)))
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        deliveries = list(pool.map(lambda ask: _deliver(api, landing, *ask), asked))
    figures = [figures for figures, _, _ in deliveries]
    ask, ask_unlimited = _asks(api, landing.table), _asks(replace(api, page_limit=0), landing.table)
    shown = proofs(figures, api.page_limit, ask, ask_unlimited)
    return _summary(
        [
            _commit(landing, each.first, each.last, each.url, started_at, files, proof, each.records - each.distinct)
            for (each, started_at, files), proof in zip(deliveries, shown, strict=True)
        ]
    )


def land_songs(
    spark: Callable[[], SparkSession], database: SongDatabase, landing: Landing, day: date
) -> dict[str, Any]:
    """Lands the catalogue as it is now, as Parquet under `day`. Returns files, rows, bytes and is_changed."""
    started_at = _now()
    request = f"{database.jdbc_url} deftunes.songs"
    with reading(database):
        files = records.write_snapshot(song_snapshot(spark(), database), landing, day)
    return _summary([_commit(landing, None, day, request, started_at, files, "snapshot")])


def _deliver(api: Api, landing: Landing, first: date | None, last: date) -> tuple[Figures, str, list[LandedFile]]:
    """The figures of a delivery, when it started, and its files."""
    started_at, files = _now(), list[LandedFile]()

    def stored() -> Iterator[Page]:
        for number, page in enumerate(api_pages(api, landing.table, first, last), 1):
            count = page.count
            files.append(landing.write(last, number, page.body, count.records, count.unreadable, count.is_malformed))
            yield page

    return Figures.of(first, last, stored()), started_at, files


def _asks(api: Api, table: str) -> Ask:
    """Asks the API without storing what it says."""
    return lambda first, last: Figures.of(first, last, api_pages(api, table, first, last))


def _commit(
    landing: Landing,
    first: date | None,
    last: date,
    request: str,
    started_at: str,
    files: list[LandedFile],
    proof: str,
    repeated: int = 0,
) -> tuple[Manifest, bool]:
    window = {"first": str(first) if first else None, "last": str(last)}
    manifest = Manifest(landing.table, str(last), window, request, started_at, _now(), files, repeated, proof)
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
