"""Histories: what happens to a lake, in an order that a program draws, held after each step to a plain dictionary.

Hypothesis draws deliveries, corrections, runs, deaths of Spark, failed tests of gold, rollbacks and maintenance. The
dictionary knows what the source delivered on which day and when, and nothing of tables; from that alone follows what
landing, silver, quarantine, gold and the served file must hold. A history that fails is printed as Python; it becomes
a test with a name.

HISTORIES and STEPS say how many histories there are and how long each is at most; HISTORY_SEED draws others.
"""

import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import psutil
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from deftunes import target
from deftunes.lake.catalog import open_catalog
from deftunes.run.pipeline import Pipeline, RunRequest, pipeline
from deftunes.run.rollback import roll_back_all
from deftunes.run.runner import StepFailedError
from deftunes.run.steps import MAINTENANCE, new_run_id
from deftunes.services import lifecycle
from deftunes.states.silver import SilverTables
from spark_jobs.window import Window
from tests.checkout import checkout
from tests.layers import ask, landed_records
from tests.source import Source, serve

HISTORIES, STEPS = int(os.environ.get("HISTORIES", "1")), int(os.environ.get("STEPS", "8"))
SEED = int(os.environ.get("HISTORY_SEED", "20201"))
SCALE = 0.01
FIRST_DAY = date(2020, 2, 1)
DAYS = 3  # of one history; the next one has the days after them
USER = "00000000-0000-4000-8000-000000000001"
PRICES = {"cheap": "0.49", "plain": "1.03", "dear": "9.99", "unreadable": "dear"}  # the rules let 2.00 pass
REJECTED = {"dear", "unreadable"}
ITEMS = "select session_id, item_number, cast(session_start_time as date), price, liked from {} order by all"
BROKEN_TEST = "dbt/tests/a_test_that_fails.sql"

Items = list[tuple[str, bool]]  # price's name, whether it is liked


@dataclass
class Session:
    """A session as the source has it now: the day it lies on, and its items."""

    day: date
    items: Items


@dataclass
class Delivery:
    """What was delivered of a day, and when: deliveries are numbered."""

    number: int
    sessions: dict[str, Session]


@dataclass
class Oracle:
    """The dictionary: what was delivered, by day; what follows from it."""

    source: dict[str, Session] = field(default_factory=dict)
    deliveries: dict[date, Delivery] = field(default_factory=dict)
    count: int = 0

    def deliver(self, first: date, last: date) -> None:
        """The source is asked for these days. What it says again of a day is no news."""
        for day in days(first, last):
            listed = {key: deepcopy(one) for key, one in self.source.items() if one.day == day}
            known = self.deliveries.get(day)
            if known is None or known.sessions != listed:
                self.count += 1
                self.deliveries[day] = Delivery(self.count, listed)

    def current(self) -> dict[str, Session]:
        """The newest delivery of each session, over all days."""
        by_age = sorted(self.deliveries.items(), key=lambda each: (each[1].number, each[0]))
        return {key: one for _, delivery in by_age for key, one in delivery.sessions.items()}

    def silver(self) -> list[tuple[str, int, date, Decimal, bool]]:
        """Session, item, day, price, liked: the rows that may enter."""
        return sorted(
            (key, number, one.day, Decimal(PRICES[price]), liked)
            for key, one in self.current().items()
            for number, (price, liked) in enumerate(one.items, 1)
            if price not in REJECTED
        )

    def quarantine(self) -> list[tuple[str, date]]:
        """Record and day of the rows that may not; a session without items is one."""
        rows = []
        for key, one in self.current().items():
            rows += [
                (f"{key}#{number}", one.day) for number, (price, _) in enumerate(one.items, 1) if price in REJECTED
            ]
            if not one.items:
                rows.append((key, one.day))
        return sorted(rows)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def record(key: str, session: Session, track: dict[str, str]) -> dict[str, Any]:
    """A session as the API delivers it."""
    return {
        "user_id": USER, "session_id": key, "user_agent": "Opera",
        "session_start_time": f"{session.day}T12:00:00.000000",
        "session_items": [
            {**track, "price": PRICES[price] if price == "unreadable" else float(PRICES[price]), "currency": "USD",
             "liked": liked, "liked_since": f"{session.day}T12:00:01.000000" if liked else None}
            for price, liked in session.items
        ],
    }  # fmt: skip


class Lake:
    """A checkout with a pipeline, which is opened anew when Spark has died."""

    def __init__(self, root: Path, source: Source) -> None:
        self.root, self.source = root, source
        self._open: ExitStack = ExitStack()
        self.line: Pipeline
        self.track: dict[str, str] = {}

    def open(self) -> None:
        given = {"API_URL": self.source.url, "MAX_QUARANTINE_SHARE": "1"}
        wanted = target.load("embedded", self.root, given)
        request = RunRequest((), 7, SCALE, None)
        self.line = self._open.enter_context(pipeline(wanted, request, lambda message: None))

    def close(self) -> None:
        self._open.close()

    def run(self, first: date, last: date) -> None:
        """One window, as a run of its own. Raises StepFailedError."""
        self.line.run_id = new_run_id()
        self.line.run_window(Window(first, last), lambda progress: None)

    def kill_spark_after(self, seconds: float) -> "Future[int]":
        """Kills the JVM in the middle of its jobs. Returns how many: there is one, also between two runs."""

        def kill() -> int:
            time.sleep(seconds)
            jvms = [
                process
                for process in psutil.process_iter(["cmdline"])
                if str(self.root) in " ".join(words := process.info["cmdline"] or [])
                and any("org.apache.spark.deploy.SparkSubmit" in word for word in words)
            ]
            for process in jvms:
                process.kill()
            return len(jvms)

        pool = ThreadPoolExecutor(1)
        killed = pool.submit(kill)
        pool.shutdown(wait=False)
        return killed


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    root = checkout(tmp_path_factory.mktemp("histories") / "checkout").root
    with serve(Source()) as source:
        location = ["46.32313", "-0.45877", "Niort", "FR", "Europe/Paris"]
        source.users = [
            {"user_id": USER, "user_name": "Elizabeth", "user_lastname": "Carey", "user_location": location,
             "user_since": "2020-01-01T00:00:00.000000"}
        ]  # fmt: skip
        lake = Lake(root, source)
        try:
            lake.open()
            lake.run(FIRST_DAY - timedelta(days=1), FIRST_DAY - timedelta(days=1))
            [song] = ask(root, "select track_id, title, artist_id, artist_name from lake.deftunes_silver.songs limit 1")
            lake.track = dict(zip(("song_id", "song_name", "artist_id", "artist_name"), song, strict=True))
            yield lake
        finally:
            lake.close()
            lifecycle.down(root)


class History(RuleBasedStateMachine):
    """One history: three days of its own, sessions of its own, in the lake of all."""

    lake: ClassVar[Lake]
    oracle: ClassVar[Oracle]
    histories: ClassVar[int] = 0

    sessions = Bundle("sessions")
    items = st.lists(st.tuples(st.sampled_from(sorted(PRICES)), st.booleans()), max_size=3)
    windows = st.tuples(st.integers(0, DAYS - 1), st.integers(0, DAYS - 1))

    @initialize()
    def begin(self) -> None:
        cls = type(self)
        self.first = FIRST_DAY + timedelta(days=DAYS * cls.histories)
        self.number, self.made = cls.histories, 0
        cls.histories += 1

    def day(self, number: int) -> date:
        return self.first + timedelta(days=number)

    def window(self, ends: tuple[int, int]) -> tuple[date, date]:
        return self.day(min(ends)), self.day(max(ends))

    @rule(target=sessions, day=st.integers(0, DAYS - 1), items=items)
    def sell(self, day: int, items: Items) -> str:
        """A session is there from now on; of some items, or none, the price cannot be read or is too high."""
        self.made += 1
        key = f"{self.number:08x}-0000-4000-8000-{self.made:012x}"
        self.oracle.source[key] = Session(self.day(day), list(items))
        return key

    @rule(key=sessions, items=items)
    def correct(self, key: str, items: Items) -> None:
        """The source has other items of it, or likes."""
        if key in self.oracle.source:
            self.oracle.source[key].items = list(items)

    @rule(key=sessions, day=st.integers(0, DAYS - 1))
    def move(self, key: str, day: int) -> None:
        """The source corrects its start: it lies on another day."""
        if key in self.oracle.source:
            self.oracle.source[key].day = self.day(day)

    @rule(key=sessions)
    def vanish(self, key: str) -> None:
        """The source has it no more."""
        self.oracle.source.pop(key, None)

    @rule(ends=windows)
    def run(self, ends: tuple[int, int]) -> None:
        """A window goes through all layers."""
        self.deliver(ends)
        self.lake.run(*self.window(ends))

    @rule(ends=windows, seconds=st.floats(0.2, 8))
    def run_after_a_death(self, ends: tuple[int, int], seconds: float) -> None:
        """Spark dies somewhere in a run; the same window again ends as if it had not."""
        self.deliver(ends)
        killed = self.lake.kill_spark_after(seconds)
        with suppress(StepFailedError):  # it may die after the last job
            self.lake.run(*self.window(ends))
        assert killed.result() == 1
        self.lake.close()
        self.lake.open()
        self.lake.run(*self.window(ends))

    @rule(ends=windows)
    def run_with_a_failing_test(self, ends: tuple[int, int]) -> None:
        """A test of gold fails: what readers see stays; with the test mended the same window is there."""
        served = self.served()
        self.deliver(ends)
        broken = self.lake.root / BROKEN_TEST
        broken.write_text("select 1 as broken\n")
        try:
            with pytest.raises(StepFailedError):
                self.lake.run(*self.window(ends))
        finally:
            broken.unlink()
        assert self.served() == served
        self.lake.run(*self.window(ends))

    @rule(back=st.integers(1, 3))
    def roll_back_and_forth(self, back: int) -> None:
        """The lake goes back to an older state, and from there to where it was."""
        states = SilverTables(open_catalog(self.lake.line.ends.target)).states()
        done = roll_back_all(self.lake.line, states[min(back, len(states) - 1)].name, lambda progress: None)
        if done["was_at"]:
            roll_back_all(self.lake.line, done["was_at"], lambda progress: None)

    @rule()
    def maintain(self) -> None:
        """Files are compacted and snapshots expire."""
        today = date.today()
        self.lake.line.run_window(Window(today, today), lambda progress: None, MAINTENANCE)

    def deliver(self, ends: tuple[int, int]) -> None:
        """The source answers as the dictionary has it, and the dictionary notes what will be landed."""
        source, oracle = self.lake.source, self.oracle
        source.sessions = [record(key, one, self.lake.track) for key, one in oracle.source.items()]
        oracle.deliver(*self.window(ends))

    @invariant()
    def layers_hold_what_was_delivered(self) -> None:
        oracle, root = self.oracle, self.lake.root
        delivered = [key for delivery in oracle.deliveries.values() for key in delivery.sessions]
        assert sorted(each["session_id"] for each in landed_records(root, "sessions")) == sorted(delivered)
        rows = oracle.silver()
        assert ask(root, ITEMS.format("lake.deftunes_silver.sessions")) == rows
        quarantine = "select record_id, ingest_on from lake.deftunes_silver.quarantine_sessions order by all"
        assert ask(root, quarantine) == oracle.quarantine()
        with duckdb.connect(str(root / "var/warehouse/warehouse.duckdb"), read_only=True) as gold:
            assert gold.execute(ITEMS.format("gold.fact_session")).fetchall() == rows
        assert self.served() == (rows, sum((row[3] for row in rows), Decimal(0)))

    def served(self) -> tuple[list[Any], Any]:
        """What readers see: the facts, and all sales as bi sums them."""
        with duckdb.connect(str(self.lake.root / "var/serving/serving.duckdb"), read_only=True) as file:
            [(sales,)] = file.execute("select coalesce(sum(total_sales), 0) from bi.daily_sales_vw").fetchall()
            return file.execute(ITEMS.format("gold.fact_session")).fetchall(), sales


def test_every_layer_holds_what_was_delivered_whatever_happens(lake: Lake) -> None:
    History.lake, History.oracle = lake, Oracle()
    settled = settings(
        max_examples=HISTORIES, stateful_step_count=STEPS, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate], print_blob=False,
    )  # fmt: skip
    run_state_machine_as_test(seed(SEED)(History), settings=settled)
