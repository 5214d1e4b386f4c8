"""The warm Spark session: it serves one run after the other, and goes with a run that dies."""

import multiprocessing
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from deftunes import target
from deftunes.lake.catalog import secret_spark_settings
from deftunes.run.job_arguments import job_arguments
from deftunes.run.worker_client import SparkJobs, connect
from deftunes.services import lifecycle, passwords, supervision
from deftunes.system import processes
from deftunes.system.lock import AnotherRunError, run_lock
from spark_jobs.problem import Problem
from tests import spark_ports

DAY = ("2020-01-01", "2020-01-01")


@contextmanager
def at_work(root: Path) -> Iterator[tuple[SparkJobs, Any]]:
    """The jobs of a run, as the pipeline holds them, and its target."""
    with run_lock(root) as held, ExitStack() as stack:
        jobs: list[SparkJobs] = []

        def begin(ends: lifecycle.Endpoints) -> None:
            log = supervision.log_file(root, "spark")
            conf = ends.target.spark_conf, secret_spark_settings(ends.target)
            password = {"SOURCE_PASSWORD": ends.source_password}
            jobs.append(stack.enter_context(SparkJobs(connect(root), *conf, password, held, log)))

        ends = lifecycle.up(target.load("embedded", root, {}), 42, 0.02, None, begin)
        yield jobs[0], ends.target


def worker(root: Path) -> int:
    [number] = [each.pid for each in lifecycle.status(root) if each.name == "spark" and each.pid]
    return number


def wait_until_gone(number: int) -> bool:
    return processes.wait_until_gone([number], 20)


def run(jobs: SparkJobs, values: Any, verb: str, table: str) -> dict[str, Any]:
    return jobs.run(job_arguments(values, verb, table, *DAY, "test"))


def test_worker_serves_the_next_run_too_and_keeps_its_session(another: Path) -> None:
    with at_work(another) as (jobs, values):
        first, warm = worker(another), run(jobs, values, "land", "songs")
    with at_work(another) as (jobs, values):
        again = run(jobs, values, "land", "songs")
        assert worker(another) == first
        for number in (first, jvm_of(first)):
            arguments = Path(f"/proc/{number}/cmdline").read_text()
            assert [name for name, word in passwords.load(another).items() if word in arguments] == []
        found = spark_ports.listening_ports(jvm_of(first))
        assert found
        assert [port for port in found if spark_ports.looks_for_blocks(port)] == []
    assert again["landed_records"] == warm["landed_records"] > 0
    assert not again["is_changed"]


def test_worker_goes_with_a_run_that_dies_and_holds_its_lock_until_then(another: Path) -> None:
    dying = multiprocessing.get_context("spawn").Process(target=run_with_sleeping_worker, args=(another,))
    dying.start()
    number = sleeping_worker(another)
    dying.kill()
    dying.join(20)
    with pytest.raises(AnotherRunError), run_lock(another):
        pass
    os.kill(number, signal.SIGCONT)
    assert wait_until_gone(number)
    wait_until_free(another)


def wait_until_free(root: Path) -> None:
    """A process that was just being started holds the lock a moment longer."""
    deadline = time.monotonic() + 20
    while True:
        try:
            with run_lock(root):
                return
        except AnotherRunError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def run_with_sleeping_worker(root: Path) -> None:
    with at_work(root) as (jobs, values):
        os.kill(worker(root), signal.SIGSTOP)
        run(jobs, values, "land", "songs")


def sleeping_worker(root: Path) -> int:
    deadline = time.monotonic() + 60
    while True:
        for each in lifecycle.status(root):
            if (
                each.name == "spark"
                and each.pid
                and Path(f"/proc/{each.pid}/stat").read_text().rpartition(") ")[2][0] == "T"
            ):
                return each.pid
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_run_fails_because_the_jvm_died_and_the_next_has_another(another: Path) -> None:
    with at_work(another) as (jobs, values):
        run(jobs, values, "land", "songs")
        number = worker(another)
        os.kill(jvm_of(number), signal.SIGKILL)
        with pytest.raises(Problem, match=r"The Spark session ended|The job broke"):
            run(jobs, values, "refine", "songs")
        assert wait_until_gone(number)
        with pytest.raises(Problem, match="The Spark session ended"):
            run(jobs, values, "refine", "songs")
    with at_work(another) as (jobs, values):
        assert run(jobs, values, "refine", "songs")["silver_rows"] > 0


def test_changed_settings_get_a_worker_of_their_own(another: Path) -> None:
    with at_work(another):
        first = worker(another)
    (another / "targets").unlink()
    (another / "targets").mkdir()
    for file in (Path(__file__).parents[3] / "targets").iterdir():
        text = re.sub(r"(spark.sql.shuffle.partitions +)\d+", r"\g<1>5", file.read_text())
        (another / "targets" / file.name).write_text(text)
    with at_work(another):
        assert worker(another) != first


def jvm_of(number: int) -> int:
    deadline = time.monotonic() + 20
    while not (children := Path(f"/proc/{number}/task/{number}/children").read_text().split()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return int(children[0])
