"""The commands of everyday work on a lake that a run has made: dbt, gold, DuckDB's shell and Spark's."""

import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checkout import Checkout, checkout

SALES = "select count(*), sum(price) from gold.fact_session"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """One day, and its services."""
    made = checkout(tmp_path_factory.mktemp("inner") / "lake")
    try:
        done = made.deftunes("run", "--from", "2020-03-01", "--seed", "7", "--scale", "0.05")
        assert done.returncode == 0, done.stdout + done.stderr
        yield made
    finally:
        made.deftunes("down")


def typed(lake: Checkout, verb: str, text: str) -> str:
    """What the shell says to these lines, errors too."""
    done = subprocess.run(
        [lake.python, "-m", "deftunes", verb],
        input=text,
        cwd=lake.root,
        env=lake.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return done.stdout


def test_changed_model_is_published_by_gold_alone(lake: Checkout) -> None:
    sold = lake.query(SALES)
    model = lake.root / "dbt/models/bi/sales_per_artist_vw.sql"
    model.write_text(
        model.read_text().replace("artists.artist_name,\n", "upper(artists.artist_name) as artist_name,\n", 1)
    )

    done = lake.deftunes("gold")

    assert done.returncode == 0, done.stdout + done.stderr
    lower = "select count(*) as artists from bi.sales_per_artist_vw where artist_name <> upper(artist_name)"
    assert lake.query(lower) == [{"artists": 0}]
    assert lake.query(SALES) == sold


def test_dbt_shows_a_model_and_says_what_it_refuses(lake: Checkout) -> None:
    [[items]] = [list(row.values()) for row in lake.query("select count(*) from gold.fact_session")]

    shown = lake.deftunes("dbt", "--", "show", "--inline", "select count(*) as items from {{ ref('fact_session') }}")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert f"| {items} |" in " ".join(shown.stdout.split())

    refused = lake.deftunes("dbt", "--", "build", "--select", "no_such_model+", "--warn-error")
    assert refused.returncode == 1
    assert "no_such_model" in refused.stdout


def test_shell_of_duckdb_reads_the_lake_and_cannot_write_to_it(lake: Checkout) -> None:
    [sold] = lake.query("select count(*) as items from lake.deftunes_silver.sessions")

    printed = typed(
        lake,
        "shell",
        ".mode csv\nselect 'items', count(*) from lake.deftunes_silver.sessions;\n"
        "delete from lake.deftunes_silver.sessions;\ndelete from gold.fact_session;\n",
    )

    assert f"items,{sold['items']}\n" in printed
    assert 'on database "lake" which is attached in read-only mode' in printed
    assert 'on database "serving" which is attached in read-only mode' in printed


def test_shell_of_spark_has_the_session_of_a_job(lake: Checkout) -> None:
    [sold] = lake.query("select count(*) as items from lake.deftunes_silver.sessions")

    printed = typed(lake, "spark-shell", "print('items', spark.table('sessions').count())\n")

    assert f"items {sold['items']}\n" in printed


def test_metrics_are_printed_and_filed_and_answered_to_a_scrape(lake: Checkout, tmp_path: Path) -> None:
    [sold] = lake.query("select count(*) as items from lake.deftunes_silver.sessions")
    line = f'deftunes_table_rows{{table="sessions"}} {float(sold["items"])}'

    printed = lake.deftunes("metrics")
    filed = lake.deftunes("metrics", "--file", str(tmp_path / "deftunes.prom"))

    assert line in printed.stdout.splitlines()
    assert printed.stdout.endswith("# EOF\n")
    assert filed.returncode == 0, filed.stderr
    assert (tmp_path / "deftunes.prom").read_text() == printed.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["deftunes.prom"]
    assert line in scrape(lake)


def scrape(lake: Checkout) -> list[str]:
    """What `deftunes metrics --listen` answers, as text of the older format that a client without wishes gets."""
    program = lake.start("metrics", "--listen", "0")
    try:
        log, deadline = lake.root / "started.log", time.monotonic() + 120
        while not log.read_text().endswith("/metrics\n"):
            assert program.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        with urllib.request.urlopen(log.read_text().strip(), timeout=120) as answer:
            return str(answer.read().decode()).splitlines()
    finally:
        program.terminate()
        program.wait(timeout=30)
