"""The commands of everyday work on a lake that a run has made: dbt, gold, watch, the notebook, both shells."""

import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

from deftunes.run.notebook import notebook_environment
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


@contextmanager
def watching(lake: Checkout, table: str) -> Iterator[Callable[[], str]]:
    """`deftunes watch`, and what its next trial prints."""
    command = [lake.python, "-m", "deftunes", "watch", table]
    with subprocess.Popen(
        command, cwd=lake.root, env=lake.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        lines = process.stdout

        def next_trial() -> str:
            printed: list[str] = []
            for line in lines:
                printed.append(line)
                if "waiting for saves" in line:
                    return "".join(printed)
            raise AssertionError("".join(printed))

        try:
            yield next_trial
        finally:
            process.terminate()
            process.communicate(timeout=60)


def test_watch_shows_what_each_save_of_a_silver_function_makes_and_publishes_nothing(lake: Checkout) -> None:
    published = "select count(*) as items, sum(price) as sold, max(price) as dearest from lake.deftunes_silver.sessions"
    [before], states = lake.query(published), lake.deftunes("history", "--json").stdout
    [rejected] = lake.query("select count(*) as items from lake.deftunes_silver.quarantine_sessions")
    function = lake.root / "spark_jobs/silver/transforms/sessions.py"
    good = function.read_text()
    try:
        with watching(lake, "sessions") as next_trial:
            first = next_trial()
            assert f" {before['items']:,} rows, {rejected['items']} quarantined" in first
            assert "15 rules passed" in first

            function.write_text(good.replace("def open_items(landed", "def open_items(landed:"))
            assert "spark_jobs/silver/transforms/sessions.py, line 22: def open_items(landed::" in next_trial()

            dear = 'reason(F.col("price") > 1, "price is too high", price)'
            changed = good.replace('reason(has_item & F.col("price").isNull(), "price is no number", price)', dear)
            assert changed != good
            function.write_text(changed)
            [cheap] = lake.query("select count(*) as items from lake.deftunes_silver.sessions where price <= 1")
            shown = next_trial()
            assert (
                f" {cheap['items']:,} rows, {before['items'] - cheap['items'] + rejected['items']} quarantined" in shown
            )
            assert "price is too high: 1." in shown
    finally:
        function.write_text(good)
    assert lake.query(published) == [before]
    assert lake.deftunes("history", "--json").stdout == states


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


def executed(lake: Checkout, monkeypatch: pytest.MonkeyPatch) -> str:
    """All that the notebook says, run from top to bottom by the kernel that `make notebook` has."""
    for name, value in {**lake.environment(), **notebook_environment(lake.root), "PYTHONPATH": str(lake.root)}.items():
        monkeypatch.setenv(name, value)
    book = nbformat.read(lake.root / "notebooks/lake.ipynb", as_version=4)
    place = {"metadata": {"path": str(lake.root / "notebooks")}}
    settings = Config({"KernelManager": {"transport_encryption": "required"}})
    NotebookClient(
        book, timeout=300, startup_timeout=300, kernel_name="lake", resources=place, config=settings
    ).execute()
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join(str(each.get("text") or each.get("data", {}).get("text/plain", "")) for each in outputs)


@pytest.mark.kit
def test_notebook_walks_through_the_lake_and_travels_in_time(lake: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = "select count(*) as items, sum(price) as sold from lake.deftunes_silver.sessions"
    [first] = lake.query(counts)
    [dear] = lake.query("select quantile_disc(price, 0.8) as price from lake.deftunes_silver.sessions")
    rules = lake.root / "quality/sessions.dqdl"  # one that the dearest rows of the second day break
    rules.write_text(rules.read_text().replace('"price" <= 2', f'"price" <= {dear["price"]}'))
    day = ("--from", "2020-03-02", "--seed", "7", "--scale", "0.05")
    done = lake.deftunes("run", *day, MAX_QUARANTINE_SHARE="0.9")
    assert done.returncode == 0, done.stdout + done.stderr
    [both] = lake.query(counts)

    shown = " ".join(executed(lake, monkeypatch).replace("│", " ").split())

    assert f" {first['items']} {first['sold']:.2f} " in shown
    assert f" {both['items']} {both['sold']:.2f} " in shown
    assert f"'sessions': {{'added': {both['items'] - first['items']}, 'changed': 0, 'removed': 0}}" in shown
    assert f' fails ColumnValues "price" <= {dear["price"]} ' in shown
    assert "'landed last': '2020-03-02'" in shown


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
