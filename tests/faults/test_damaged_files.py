"""Files of ours that a disk or somebody changed: what can be made anew is, what cannot is named, and soon."""

import gzip
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deftunes.run.job_arguments import job_arguments
from deftunes.run.runner import StepFailedError
from spark_jobs.problem import Problem
from tests.end_to_end.conftest import Lake
from tests.layers import layers

DAY = "2020-02-28", "2020-02-28"
PATIENCE_S = 60  # Iceberg alone tries for 92 s, and each of its clients asks several times


def test_files_that_were_changed(lakes: Callable[[str], Lake]) -> None:
    lake = lakes("lake")
    lake.run(*DAY)
    before = layers(lake.root)

    changed_price_is_not_believed(lake)
    lake.run(*DAY)  # lands the day again
    assert layers(lake.root) == before

    cut(lake.root / "var/warehouse/warehouse.duckdb")
    cut(lake.root / "var/serving/serving.duckdb")
    lake.run(*DAY)
    assert layers(lake.root) == before

    lost_data_file_is_named(lake)
    cut_metadata_is_named_in_time(lake)


def changed_price_is_not_believed(lake: Lake) -> None:
    page = next(lake.root.glob("var/lake/landing/api/sessions/ingest_on=2020-02-28/page-*"))
    page.write_bytes(gzip.compress(gzip.decompress(page.read_bytes()).replace(b'"price":', b'"price":1', 1)))

    with pytest.raises(Problem, match=rf"{page.name}.*expected sha256 .*FROM=2020-02-28 TO=2020-02-28"):
        refine(lake, "sessions")


def lost_data_file_is_named(lake: Lake) -> None:
    file = next(lake.root.glob("var/lake/warehouse/deftunes_silver/users/data/*.parquet"))
    kept = file.read_bytes()
    file.unlink()

    with pytest.raises(Problem, match=r"A file of table deftunes_silver.users is missing or damaged.*" + file.name):
        refine(lake, "users")

    file.write_bytes(kept)


def cut_metadata_is_named_in_time(lake: Lake) -> None:
    folder = lake.root / "var/lake/warehouse/deftunes_silver/sessions/metadata"
    newest = max(folder.glob("*.metadata.json"), key=lambda path: path.stat().st_mtime_ns)
    cut(newest)
    started = time.monotonic()

    with pytest.raises(StepFailedError, match=r"deftunes_silver.sessions is missing or damaged.*" + newest.name):
        lake.run(*DAY)

    assert time.monotonic() - started < PATIENCE_S


def refine(lake: Lake, table: str) -> None:
    assert lake.line.jobs is not None
    lake.line.jobs.run(job_arguments(lake.line.ends.target, "refine", table, *DAY, "damaged"))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
