"""land: a source's answer to landing, one delivery a day.

The API is asked day by day, days side by side, each page stored as received. The first delivery of
users also asks for everybody who registered before the window, so that sales of known buyers join.
The song catalogue is a full snapshot, filed under the window's last day.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pyspark.sql import SparkSession

from spark_jobs.lake import records
from spark_jobs.lake.landing import LandedFile, Landing, Manifest
from spark_jobs.sources.api import Api, api_pages
from spark_jobs.sources.song_database import SongDatabase, song_snapshot
from spark_jobs.window import Window

SIDE_BY_SIDE = 4


def land_api(api: Api, landing: Landing, window: Window) -> dict[str, Any]:
    """Lands users or sessions of the window. Returns days, files, rows, bytes and is_changed."""
    asked: list[tuple[date | None, date]] = [(day, day) for day in window.days()]
    if landing.table == "users" and not landing.has_before(window.first):
        asked.insert(0, (None, window.first - timedelta(days=1)))
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        deliveries = list(pool.map(lambda ask: _deliver(api, landing, *ask), asked))
    return _summary(deliveries)


def land_songs(
    spark: Callable[[], SparkSession], database: SongDatabase, landing: Landing, day: date
) -> dict[str, Any]:
    """Lands the catalogue as it is now, as Parquet under `day`. Returns files, rows, bytes and is_changed."""
    started_at = _now()
    request = f"{database.jdbc_url} deftunes.songs"
    snapshot = song_snapshot(spark(), database).sortWithinPartitions("track_id")
    files = records.write_snapshot(snapshot, landing, day)
    return _summary([_commit(landing, None, day, request, started_at, files)])


def _deliver(api: Api, landing: Landing, first: date | None, last: date) -> tuple[Manifest, bool]:
    started_at, files, request, identified = _now(), [], "", 0
    keys: set[str] = set()
    for number, page in enumerate(api_pages(api, landing.table, first, last), 1):
        request = request or page.url
        files.append(landing.write(last, number, page.body, page.count.records, page.count.unreadable))
        keys.update(page.count.keys)
        identified += len(page.count.keys)
    return _commit(landing, first, last, request, started_at, files, repeated=identified - len(keys))


def _commit(
    landing: Landing,
    first: date | None,
    last: date,
    request: str,
    started_at: str,
    files: list[LandedFile],
    repeated: int = 0,
) -> tuple[Manifest, bool]:
    window = {"first": str(first) if first else None, "last": str(last)}
    manifest = Manifest(landing.table, str(last), window, request, started_at, _now(), files, repeated)
    return manifest, landing.commit(manifest)


def _summary(deliveries: list[tuple[Manifest, bool]]) -> dict[str, Any]:
    manifests = [manifest for manifest, _ in deliveries]
    return {
        "days": len(manifests),
        "files": sum(len(manifest.files) for manifest in manifests),
        "landed_records": sum(manifest.rows for manifest in manifests),
        "bytes": sum(manifest.bytes for manifest in manifests),
        "is_changed": any(changed for _, changed in deliveries),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
