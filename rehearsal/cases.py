"""Cases: what happens to a platform in its weeks, run on both targets from the same sources and the same code.

It is the same week four times. Each case changes the sources or the code, runs the week on either side by the command
that people give, and compares everything both hold. It also says what must have happened: one that did nothing fails.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb

from rehearsal import run
from rehearsal.checkout import package
from rehearsal.environment import Environment, Say
from rehearsal.parity.compare import Comparison
from rehearsal.parity.report import Case
from rehearsal.run import Dataset
from spark_jobs.window import Window

# What readers see on both sides, in an order that both can give.
PUBLISHED = (
    "select session_date, currency, items_sold, total_sales from bi.daily_sales_vw order by 1, 2",
    "select session_year, session_month, country_code, currency, total_sales from bi.sales_per_country_vw"
    " order by 1, 2, 3, 4",
    "select count(*), sum(price), sum(case when liked then 1 else 0 end) from gold.purchases_vw",
)
UNKNOWN = "select count(*) from gold.purchases_vw where country_code = 'ZZ'"
LIKES = "select count(*), sum(price), sum(case when liked then 1 else 0 end) from gold.purchases_vw"

# Texts that are inserted into files of the code: file, text, what it is inserted before.
STRICT_RULE = ("quality/sessions.dqdl", "    RowCount > 1000000,\n", '    IsComplete "user_id"')
BROKEN_TEST = "dbt/tests/a_test_that_fails.sql"
DECLARATION, TRANSFORM = "spark_jobs/silver/users.py", "spark_jobs/silver/transforms/users.py"
# A field that users get at their source, and a column of silver that a release declares for it.
NEW_COLUMN = (
    (DECLARATION, "segment:string, ", "user_since:string>"),
    (DECLARATION, '        Column("segment", "string"),\n', '        Column("ingest_on"'),
    (TRANSFORM, '        F.col("record.segment").alias("segment"),\n', '        F.col("record.user_name")'),
    (TRANSFORM, '"segment", ', '"ingest_on", "landed_at", "file"'),
)
NEW_FIELD = {"kind": "schema", "path": "/users", "change": "add", "field": "segment"}


class CaseError(Exception):
    """A case could not be run as it is meant; the message says what did not happen."""


@dataclass
class Both:
    """Both targets of a rehearsal, in the week that follows the dataset."""

    env: Environment
    dataset: Dataset
    say: Say

    @property
    def week(self) -> Window:
        """The seven days after the dataset's last."""
        last = date.fromisoformat(self.dataset.last)
        return Window(last + timedelta(days=1), last + timedelta(days=7))

    def run(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What `deftunes run` of the week says on AWS and on the embedded target, `problem` if it was stopped."""
        with ThreadPoolExecutor(1) as beside:
            here = beside.submit(run.run_embedded, self.env, self.dataset, self.week)
            return run.run_on_aws(self.env, self.week), here.result()

    def run_well(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The same, where nothing stops it. Raises CaseError."""
        answers = self.run()
        if problems := [each["problem"] for each in answers if "problem" in each]:
            raise CaseError(f"the run of {self.week} was stopped: {problems}")
        return answers

    def run_stopped(self, what: str) -> list[str]:
        """Runs the week, which must be stopped by the same problem on both; where they differ. Raises CaseError."""
        before = self.published()
        problems = [answer.get("problem") for answer in self.run()]
        if any(problem is None or what not in problem["what"] for problem in problems):
            raise CaseError(f"{what!r} did not stop the run of {self.week} on both targets: {problems}")
        there, here = (each["what"] for each in problems if each)
        found = [] if there == here else [f"the run was stopped by {there!r} on AWS, by {here!r} here"]
        if self.published() != before:
            found.append("readers see something else although the run was stopped")
        return found

    def published(self) -> tuple[list[list[tuple[Any, ...]]], list[list[tuple[Any, ...]]]]:
        """What readers see on AWS, and in the file that is served here."""
        there = [self.env.warehouse.rows(sql)[1] for sql in PUBLISHED]
        with duckdb.connect(str(self.env.root / "var/serving/serving.duckdb"), read_only=True) as served:
            return there, [served.execute(sql).fetchall() for sql in PUBLISHED]

    def query(self, sql: str) -> tuple[Any, ...]:
        """The one row of a question to the warehouse on AWS."""
        return self.env.warehouse.rows(sql)[1][0]

    def differences(self, layers: Callable[[Comparison], bool] = lambda _: True) -> list[str]:
        """Where the tables of both are not the same now."""
        found = [each for each in run.parity(self.env) if layers(each) and not each.is_equal]
        return [f"{each.table.layer}.{each.table.name}: {'; '.join(each.differences) or 'types'}" for each in found]

    def insert(self, path: str, text: str, before: str) -> None:
        """Inserts a text into the code that both targets run. Raises CaseError if its place is not there once."""
        file = self.env.root / path
        if file.read_text().count(before) != 1:
            raise CaseError(f"{before!r} does not stand once in {path}")
        file.write_text(file.read_text().replace(before, text + before))

    def remove(self, path: str, text: str, _: str) -> None:
        """Removes it again."""
        file = self.env.root / path
        file.write_text(file.read_text().replace(text, ""))

    def deploy(self) -> None:
        """Packs the code and applies terraform/ again."""
        package(self.env.root)
        self.env.platform.apply(self.env.source)


def run_cases(env: Environment, dataset: Dataset, say: Say) -> Iterator[Case]:
    """All cases, one after the other, each a run of the week after the dataset. Raises CaseError."""
    both = Both(env, dataset, say)
    for case in (late_user, failed_rule, failed_build, same_window_again):
        name, shows = case.__name__.replace("_", " "), (case.__doc__ or "").splitlines()[0]
        say(f"case: {name}")
        yield Case(name, shows, tuple(case(both)))
    env.api.faults()


def late_user(both: Both) -> list[str]:
    """Users of a day are not delivered yet: what they buy in the week has no country."""
    before = both.query(UNKNOWN)[0]
    day = both.week.first + timedelta(days=2)  # of few users: where many are unknown, a rule stops the run
    both.env.api.faults({"kind": "empty", "path": "/users", "day": str(day)})
    both.run_well()
    if both.query(UNKNOWN)[0] <= before:
        raise CaseError("no buyer was unknown though the users of a day were left out")
    return both.differences()


def failed_rule(both: Both) -> list[str]:
    """The users come and likes have changed, but a rule of sessions fails: what readers see stays."""
    likes = {"kind": "likes", "path": "/sessions", "day": str(both.week.first), "share": 0.5}
    both.env.api.faults(NEW_FIELD, likes)
    both.insert(*STRICT_RULE)
    both.deploy()
    found = both.run_stopped("of the rules of sessions failed")
    return [*found, *both.differences()]


def failed_build(both: Both) -> list[str]:
    """A release declares a column that users have by now; one of its tests of gold fails: nothing is published."""
    both.remove(*STRICT_RULE)
    for each in NEW_COLUMN:
        both.insert(*each)
    (both.env.root / BROKEN_TEST).write_text("select 1 as broken\n")
    both.deploy()
    found = both.run_stopped("Gold was not built")
    return [*found, *both.differences(lambda each: each.table.layer not in ("gold", "bi"))]


def same_window_again(both: Both) -> list[str]:
    """The test is mended: the lake stays; gold gets the country of old sales and the likes, and no row more."""
    (both.env.root / BROKEN_TEST).unlink()
    both.deploy()
    rows, sales, likes = both.query(LIKES)
    unknown = both.query(UNKNOWN)[0]
    answers = both.run_well()
    now = both.query(LIKES)
    if now[:2] != (rows, sales) or now[2] == likes or both.query(UNKNOWN)[0] >= unknown:
        raise CaseError(f"likes or users did not change, or rows did: {(rows, sales, likes)} and {now}")
    if not both.query("select count(*) from deftunes_silver.users where segment = 'new'")[0]:
        raise CaseError("silver has no value in its new column")
    changed = [
        f"{side}: {step['step']} changed something"
        for side, answer in zip(("AWS", "here"), answers, strict=True)
        for step in answer["steps"][0]
        if step.get("is_changed")
    ]
    return [*changed, *both.differences()]
