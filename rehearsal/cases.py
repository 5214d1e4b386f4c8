"""Cases: what happens to a platform in its weeks, run on both targets from the same sources and the same code.

Each case changes the sources, runs the week after the dataset on either side by the command that people give, and
compares everything both hold. It also says what must have happened: one that did nothing fails.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from rehearsal import run
from rehearsal.environment import Environment, Say
from rehearsal.parity.report import Case
from rehearsal.run import Dataset
from spark_jobs.window import Window

UNKNOWN = "select count(*) from gold.purchases_vw where country_code = 'ZZ'"


class CaseError(Exception):
    """A case could not be run as it is meant; the message says what did not happen."""


@dataclass
class Both:
    """Both targets of a stage, in the week that follows the dataset."""

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

    def ask(self, sql: str) -> tuple[Any, ...]:
        """The one row of a question to the warehouse on AWS."""
        return self.env.warehouse.rows(sql)[1][0]

    def differences(self) -> list[str]:
        """Where the tables of both are not the same now."""
        found = [each for each in run.parity(self.env) if not each.is_equal]
        return [f"{each.table.layer}.{each.table.name}: {'; '.join(each.differences) or 'types'}" for each in found]


def play(env: Environment, dataset: Dataset, say: Say) -> Iterator[Case]:
    """All cases, one after the other, each a run of the week after the dataset. Raises CaseError."""
    both = Both(env, dataset, say)
    for case in (late_user,):
        name, shows = case.__name__.replace("_", " "), (case.__doc__ or "").splitlines()[0]
        say(f"case: {name}")
        yield Case(name, shows, tuple(case(both)))
    env.api.faults()


def late_user(both: Both) -> list[str]:
    """Users of a day are not delivered yet: what they buy in the week has no country."""
    before = both.ask(UNKNOWN)[0]
    both.env.api.faults({"kind": "empty", "path": "/users", "day": str(both.week.first)})
    both.run_well()
    if both.ask(UNKNOWN)[0] <= before:
        raise CaseError("no buyer was unknown though the users of a day were left out")
    return both.differences()
