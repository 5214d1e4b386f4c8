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
from deftunes.run.refill import parse_column, refill
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
    """Places an archive in a checkout; `change` may alter the checkout's code before it runs."""
    with ExitStack() as stack:

        def carry(archive: Path, change: Callable[[Path], None] = lambda root: None) -> Carried:
            root = checkout(tmp_path / archive.name.removesuffix(".tar.xz")).root
            change(root)
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


def edit(path: Path, *replacements: tuple[str, str]) -> None:
    """Replaces texts of a file, each of which stands there."""
    text = path.read_text()
    for old, new in replacements:
        assert old in text, f"{path}: {old}"
        text = text.replace(old, new)
    path.write_text(text)


def declare_otherwise(root: Path) -> None:
    """A column of sessions is added, two are made wider, one is renamed; gold's fact gets the one that is added."""
    edit(
        root / "spark_jobs/silver/sessions.py",
        ('Column("item_number", "int")', 'Column("item_number", "bigint")'),
        ('Column("price", "decimal(10,2)")', 'Column("price", "decimal(12,2)"), Column("price_text", "string")'),
        ('Column("song_name", "string")', 'Column("track_name", "string", renamed_from="song_name")'),
    )
    edit(
        root / "spark_jobs/silver/transforms/sessions.py",
        ('.alias("song_name")', '.alias("track_name"), F.col("item.price").alias("price_text")'),
        ('"song_name", ', '"track_name", "price_text", '),
    )
    edit(
        root / "dbt/models/staging/stg_silver__sessions.sql",
        ("cast(song_name as varchar(1024)) as song_name", "cast(track_name as varchar(1024)) as song_name"),
        ("        -- likes", "        cast(price_text as varchar(32)) as price_text,"),
    )
    edit(root / "dbt/models/gold/fact_session.sql", ("        price,\n", "        price,\n        price_text,\n"))
    edit(
        root / "dbt/models/gold/fact_session.yml",
        ("      - name: currency\n", "      - {name: price_text, data_type: varchar(32)}\n      - name: currency\n"),
    )


def test_lake_of_the_last_release_takes_an_added_a_wider_and_a_renamed_column_in_one_plain_run(
    carry: Callable[..., Carried],
) -> None:
    carried = carry(archives()[-1], declare_otherwise)
    root, before = carried.root, figures(carried.root)
    names = ask(root, "select session_id, item_number, song_name from lake.deftunes_silver.sessions order by all")

    carried.run(LAST, LAST)

    assert figures(root) == before
    types = ask(root, "select column_name, column_type from (describe lake.deftunes_silver.sessions)")
    assert {("item_number", "BIGINT"), ("price", "DECIMAL(12,2)"), ("track_name", "VARCHAR")} <= set(types)
    assert ask(root, "select session_id, item_number, track_name from lake.deftunes_silver.sessions order by all") == [
        *names
    ]
    last_day = f"session_start_time >= timestamptz '{LAST} 00:00:00+00'"
    for table, time in (("lake.deftunes_silver.sessions", last_day), ("gold.fact_session", last_day.replace("tz", ""))):
        [(filled, of_the_day)] = ask(root, f"select count(price_text), count(*) filter ({time}) from {table}")
        assert filled == of_the_day > 0, table

    done = refill(carried.line, parse_column("sessions.price_text"), lambda title, act: act(lambda progress: None))

    assert (done.filled_before, done.filled_after) == (of_the_day, before[0][0])
    assert figures(root) == before
    for table in ("lake.deftunes_silver.sessions", "gold.fact_session"):
        equal = f"select count(*) from {table} where cast(price_text as decimal(12, 2)) = price"
        assert ask(root, equal) == [(done.rows,)], table


def test_every_release_has_its_lake() -> None:
    changelog = (Path(__file__).parents[2] / "CHANGELOG.md").read_text()
    releases = [line.split()[1] for line in changelog.splitlines() if line.startswith("## ") and line[3].isdigit()]
    assert releases
    assert sorted(releases) == [path.name.removesuffix(".tar.xz") for path in archives()]
