"""`make aws-smoke`: the whole platform once, in an account of AWS, from nothing to nothing.

It says what it will cost and asks, makes the bucket of the state, applies terraform/ with the sources of a
demonstration, runs one day by `deftunes run --target aws`, evaluates a ruleset in the catalog, compares every table
with the embedded target's of the same day, asks Terraform for a second plan, which must be empty, destroys everything,
and lists what is left.

Nothing of the checkout's own platform is touched: the names begin with NAME (default `smoke`); the copy that is
deployed, its state and its values stand below var/smoke. Where AWS answers is what the environment says
(AWS_ENDPOINT_URL). Exit code 0 when all of it went well, 1 when a step failed; what was built
is destroyed then too, unless KEEP=1.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal import left
from rehearsal.checkout import checkout
from rehearsal.parity.compare import Comparison
from rehearsal.parity.comparison import compared
from rehearsal.parity.targets import Aws, local
from rehearsal.processes import why

# What an hour of the platform costs, what a day of data does (docs/aws-costs.md), and what is spared for slips, USD.
EXPECTED_USD, MOST_USD = 2, 5
DAY = "2020-01-01"
DESTROY_TRIES, DESTROY_PAUSE_S = 4, 120  # Glue gives its network interfaces back some minutes after the last run
Say = Callable[[str], None]


class SmokeError(Exception):
    """A step failed; the message says which, and its output."""


@dataclass(frozen=True)
class Account:
    """Where it is built, and under which name."""

    account_id: str
    region: str
    name: str
    alert_email: str


@dataclass(frozen=True)
class Dataset:
    """What the demonstration's sources make up."""

    seed: int
    scale: float


class Terraform:
    """A root of the copy, and the variables it is given. `state` is the file of a root that keeps it here."""

    def __init__(self, folder: Path, variables: Mapping[str, Any], state: Path | None = None) -> None:
        self._folder = folder
        self._state = [f"-state={state}"] if state else []
        written = {name: value if isinstance(value, str) else json.dumps(value) for name, value in variables.items()}
        self._variables = [part for name, value in written.items() for part in ("-var", f"{name}={value}")]

    def init(self, *options: str) -> None:
        self._run("init", "-input=false", *options)

    def apply(self) -> None:
        self._run("apply", "-auto-approve", "-input=false", *self._state, *self._variables)

    def destroy(self) -> None:
        self._run("destroy", "-auto-approve", "-input=false", *self._state, *self._variables)

    def check_plan_is_empty(self) -> None:
        """Raises SmokeError with the plan when Terraform would change what it has just made."""
        done = self._done("plan", "-input=false", "-detailed-exitcode", *self._variables)
        if done.returncode == 2:
            changes = [line for line in done.stdout.splitlines() if line.startswith("  #")]
            raise SmokeError(f"a second plan is not empty:\n{chr(10).join(changes)}")
        if done.returncode:
            raise SmokeError(f"terraform plan: {done.stderr.strip()[-2000:]}")

    def outputs(self) -> dict[str, str]:
        return {
            name: str(each["value"]) for name, each in json.loads(self._run("output", "-json", *self._state)).items()
        }

    def _run(self, verb: str, *options: str) -> str:
        done = self._done(verb, *options)
        if done.returncode:
            raise SmokeError(f"terraform {verb}: {done.stderr.strip()[-2000:]}")
        return done.stdout

    def _done(self, verb: str, *options: str) -> "subprocess.CompletedProcess[str]":
        command = ["terraform", f"-chdir={self._folder}", verb, *(["-no-color"] if verb != "output" else []), *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        (self._folder / f"smoke-{verb}.log").write_text(done.stdout + done.stderr)
        return done


@dataclass
class Smoke:
    """One smoke test: `root` is the copy that is deployed."""

    root: Path
    account: Account
    dataset: Dataset
    say: Say

    def run(self) -> None:
        """All of it. Raises SmokeError for the first step that failed, after everything was destroyed."""
        with self.destroyed_afterwards("the bucket of the state", self.bootstrap()) as bootstrap:
            backend = self.root / "terraform/backend.hcl"
            backend.write_text(bootstrap.outputs()["backend"])
            with self.destroyed_afterwards("the platform", self.platform(), f"-backend-config={backend}") as platform:
                self.use(platform)
        self.check_nothing_is_left()

    def bootstrap(self) -> Terraform:
        given = {"name": self.account.name, "account_id": self.account.account_id, "region": self.account.region}
        state = self.root.parent / f"{self.account.name}.tfstate"  # outlives the copy
        return Terraform(self.root / "terraform/bootstrap", {**given, "on_destroy": "delete"}, state)

    def platform(self) -> Terraform:
        given = {
            "account_id": self.account.account_id,
            "region": self.account.region,
            "name": self.account.name,
            "alert_email": self.account.alert_email,
            "monthly_budget_usd": MOST_USD,
            "demonstration": {"seed": self.dataset.seed, "scale": self.dataset.scale},
            "warehouse_monthly_rpu_hours": 10,
            "on_destroy": "delete",
        }
        return Terraform(self.root / "terraform", given)

    @contextmanager
    def destroyed_afterwards(self, what: str, terraform: Terraform, *options: str) -> Iterator[Terraform]:
        """What Terraform makes of a root, and unmakes however the context ends; a failure leaves it if KEEP is set."""
        terraform.init(*options)
        try:
            self.say(f"apply: {what}")
            terraform.apply()
            yield terraform
        except BaseException:
            if os.environ.get("KEEP"):
                self.say(f"KEEP is set: {what} stays, and is paid; without it the same command takes it down")
            else:
                self.destroy(what, terraform)
            raise
        self.destroy(what, terraform)

    def destroy(self, what: str, terraform: Terraform) -> None:
        """Raises SmokeError when it cannot be destroyed after DESTROY_TRIES."""
        self.say(f"destroy: {what}")
        for number in range(1, DESTROY_TRIES + 1):
            try:
                terraform.destroy()
                break
            except SmokeError as error:
                if number == DESTROY_TRIES:
                    raise
                self.say(f"once more in {DESTROY_PAUSE_S} s: {why(str(error))[:300]}")
                time.sleep(DESTROY_PAUSE_S)

    def use(self, platform: Terraform) -> None:
        """What is done with a platform that was applied."""
        values = {name.upper(): value for name, value in platform.outputs().items()}
        self.say(f"one day, {DAY}: deftunes run --target aws")
        self.deftunes(values, "run", "--target", "aws", "--from", DAY, "--to", DAY, "--json")
        self.say("the rules of users, evaluated in the catalog")
        self.say(f"  {len(self.evaluate(values))} rules passed")
        self.say("the same day on the embedded target, and parity")
        dataset = ("--seed", str(self.dataset.seed), "--scale", str(self.dataset.scale))
        self.deftunes({}, "run", "--from", DAY, "--to", DAY, *dataset, "--json")
        try:
            check_parity(self.compare(values))
        finally:
            self.deftunes({}, "down")
        self.say("a second plan")
        platform.check_plan_is_empty()

    def deftunes(self, values: Mapping[str, str], *arguments: str) -> str:
        """The program of the copy, which finds these values in its environment. Raises SmokeError."""
        command = [sys.executable, "-m", "deftunes", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(self.root), **values}
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)
        (self.root / f"smoke-{arguments[0]}.log").write_text(done.stdout + done.stderr)
        if done.returncode:
            raise SmokeError(f"deftunes {' '.join(arguments)}: {(done.stdout + done.stderr).strip()[-2000:]}")
        return done.stdout

    def evaluate(self, values: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
        """The rules of an evaluation in the catalog, each of which passed. Raises Problem."""
        from deftunes.launchers.platform import Platform
        from deftunes.launchers.rulesets import Rulesets

        return Rulesets(Platform.of(values)).run("users")

    def compare(self, values: Mapping[str, str]) -> list[Comparison]:
        """Every table of the account against the embedded target's."""
        from pyiceberg.catalog import load_catalog

        from deftunes.launchers.data_api import Warehouse
        from deftunes.launchers.platform import Platform

        platform = Platform.of(values)
        s3 = platform.client("s3")
        # Arrow does not look for S3's address where boto3 finds it.
        store = {"s3.region": platform.region, "s3.endpoint": s3.meta.endpoint_url}
        catalog = load_catalog("lake", type="glue", **{"glue.region": platform.region, **store})
        there = Aws(catalog, s3, values["LANDING_URI"], Warehouse(platform).rows)
        with local(self.root) as here:
            return compared(here, there)

    def check_nothing_is_left(self) -> None:
        """Raises SmokeError when something with the name of this platform is still there."""
        self.say("what is left")
        there = left.resources(self.account.region, self.account.name)
        for each in there:
            self.say(f"  {each}")
        if paid := [each for each in there if not each.is_going]:
            raise SmokeError(f"{len(paid)} things are left: {', '.join(map(str, paid))}")
        self.say("  nothing else" if there else "  nothing")


def check_parity(found: Sequence[Comparison]) -> None:
    """Raises SmokeError when a table is not the same on both targets, or there is nothing to compare."""
    differing = [f"{each.table.name}: {each.differences}" for each in found if not each.is_equal]
    if differing or not any(each.left_rows for each in found):
        raise SmokeError(f"the targets differ: {'; '.join(differing) or 'both are empty'}")


def account_id_of_caller(region: str) -> str:
    """The account of whoever asks. Raises Problem."""
    import boto3  # type: ignore[import-untyped]

    from deftunes.launchers.aws_errors import aws_problems

    with aws_problems("say who asks", region):
        return str(boto3.client("sts", region_name=region).get_caller_identity()["Account"])


def is_agreed(account: Account) -> bool:
    """True if the person wants it: YES=1 says so beforehand."""
    text = f"""
  This builds the platform in account {account.account_id}, {account.region}, under the name {account.name},
  runs one day through it, and destroys it: an hour, about {EXPECTED_USD} USD, and below {MOST_USD} if nothing hangs.
  A budget of {MOST_USD} USD tells {account.alert_email} what passes it. If this program is
  killed, what it made stays and is paid, 1 USD a day: the same command with the same NAME takes it down in the end.

"""
    sys.stdout.write(text)
    if os.environ.get("YES"):
        return True
    sys.stdout.write("  Type yes to begin: ")
    sys.stdout.flush()
    return sys.stdin.readline().strip() == "yes"


def account_of_environment(parser: argparse.ArgumentParser) -> Account:
    """The account by credentials and environment; ends the program when something is not said."""
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        parser.error("AWS_REGION must say where to build, for example AWS_REGION=eu-west-1")
    email = os.environ.get("ALERT_EMAIL")
    if not email:
        parser.error("ALERT_EMAIL must be the address that AWS tells of failures and of cost")
    return Account(account_id_of_caller(region), region, os.environ.get("NAME") or "smoke", email)


def main() -> int:
    from spark_jobs.problem import Problem

    parser = argparse.ArgumentParser(prog="aws-smoke", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or 42))
    parser.add_argument("--scale", type=float, default=float(os.environ.get("SCALE") or 0.1))
    args = parser.parse_args()
    started = time.monotonic()

    def say(text: str) -> None:
        sys.stdout.write(f"  {time.monotonic() - started:6.1f} s  {text}\n")
        sys.stdout.flush()

    try:
        account = account_of_environment(parser)
        if not is_agreed(account):
            sys.stdout.write("  Nothing was done.\n")
            return 1
        root = checkout(Path.cwd(), Path.cwd() / "var/smoke/checkout")
        Smoke(root, account, Dataset(args.seed, args.scale), say).run()
    except Problem as problem:
        sys.stderr.write(
            "\n  {what}. Where: {where}. Value: {value}. What to do: {way_out}\n".format(**problem.as_dict())
        )
        return 1
    except SmokeError as error:
        sys.stderr.write(f"\n  The smoke test failed: {error}\n")
        return 1
    say("the platform was built, ran, holds what the embedded target holds, and is gone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
