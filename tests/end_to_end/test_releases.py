"""Lakes that earlier releases wrote are carried over by this code: nothing is lost, sums agree."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from deftunes import target
from deftunes.run.pipeline import Pipeline, RunRequest, pipeline
from deftunes.run.runner import Progress
from deftunes.services import lifecycle
from spark_jobs.window import Window
from tests.checkout import checkout
from tests.layers import ask, landed_records, snapshots
from tests.releases.lake import archives, enter, place
from tests.releases.record import FIRST, LAST, SCALE, SEED
from tests.source import Source, serve

SILVER = """
select
  (select count(*) from lake.deftunes_silver.sessions), (select sum(price) from lake.deftunes_silver.sessions),
  (select count(*) from lake.deftunes_silver.users), (select count(*) from lake.deftunes_silver.songs),
  (select string_agg(record_id, ',' order by record_id) from lake.deftunes_silver.quarantine_sessions),
  (select count(*) from lake.deftunes_ops.moved_sessions)
"""
GOLD = """
select
  (select count(*) from gold.fact_session), (select sum(price) from gold.fact_session),
  (select count(*) from gold.dim_users), (select count(*) from gold.dim_songs),
  (select sum(total_sales) from bi.sales_per_country_vw), (select sum(total_sales) from bi.daily_sales_vw)
"""


@dataclass(frozen=True)
class Carried:
    """A release's lake in a checkout of this code, whose source has the records that its landing has."""

    root: Path
    line: Pipeline

    def run(self, first: str = FIRST, last: str = LAST) -> list[Progress]:
        window = Window(date.fromisoformat(first), date.fromisoformat(last))
        return self.line.run_window(window, lambda progress: None)


def figures(root: Path) -> list[tuple[object, ...]]:
    """Rows and sums of the lake and of the warehouse."""
    with duckdb.connect(str(root / "var/warehouse/warehouse.duckdb"), read_only=True) as warehouse:
        return [*ask(root, SILVER), *warehouse.execute(GOLD).fetchall()]


def silver_states(root: Path) -> dict[str, int]:
    """The snapshot each silver table stands at; quarantine names the window too, which is another one here."""
    return {name: snapshot for name, snapshot in snapshots(root).items() if not name.startswith("quarantine")}


@pytest.fixture
def carry(tmp_path: Path) -> Iterator[Callable[..., Carried]]:
    """Places an archive in a checkout of this code, with a pipeline that is ready to run."""
    with ExitStack() as stack:

        def carry(archive: Path) -> Carried:
            root = checkout(tmp_path / archive.name.removesuffix(".tar.xz")).root
            place(archive, root)
            source = stack.enter_context(serve(Source()))
            source.users, source.sessions = landed_records(root, "users"), landed_records(root, "sessions")
            stack.callback(lifecycle.down, root)
            request = RunRequest((), SEED, SCALE, None, accept_sources=True)
            wanted = target.load("embedded", root, {"API_URL": source.url})
            line = stack.enter_context(pipeline(wanted, request, lambda message: None))
            enter(root)
            return Carried(root, line)

        yield carry


@pytest.mark.parametrize("archive", archives(), ids=lambda path: path.name.removesuffix(".tar.xz"))
def test_lake_of_an_earlier_release_keeps_all_rows_and_sums_when_this_code_runs_on_it(
    carry: Callable[..., Carried], archive: Path
) -> None:
    carried = carry(archive)
    before, states = figures(carried.root), silver_states(carried.root)
    assert all(before[0])  # of everything there is some: a sale, a row in quarantine, a session that moved

    carried.run()

    assert figures(carried.root) == before
    assert ask(carried.root, GOLD) == before[1:]  # what is served
    assert silver_states(carried.root) == states  # the same deliveries publish nothing
    [(runs,)] = ask(carried.root, "select count(distinct run_id) from lake.deftunes_ops.runs")
    assert runs == 3  # the two of the release, and this one


def test_every_release_has_its_lake() -> None:
    changelog = (Path(__file__).parents[2] / "CHANGELOG.md").read_text()
    releases = [line.split()[1] for line in changelog.splitlines() if line.startswith("## ") and line[3].isdigit()]
    assert releases
    assert sorted(releases) == [path.name.removesuffix(".tar.xz") for path in archives()]
