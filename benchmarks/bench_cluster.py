"""How refining divides: one window on Spark's standalone cluster with one, two and four executors of a core each.

`python benchmarks/bench_cluster.py [DAYS] [SCALE]` lands and refines so many days (31) of the mock source (scale 20) in
a checkout of its own, then refines them again on a cluster of this machine. Each of these runs reads, types and writes
all rows to a branch and must find that main holds the same. Then one day is delivered anew with the items of all of
them, to see what a day does that is far larger than the others. The table is printed and kept under benchmarks/results.
"""

import gzip
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from benchmarks.bench import Figures, keep  # noqa: E402  the project is found by the line above
from deftunes import target  # noqa: E402
from deftunes.lake.catalog import secret_spark_settings  # noqa: E402
from deftunes.run.job_arguments import job_arguments  # noqa: E402
from deftunes.run.pipeline import RunRequest, pipeline  # noqa: E402
from deftunes.run.steps import REFINING, new_run_id  # noqa: E402
from deftunes.run.worker_client import SparkJobs, environment, worker_of_its_own  # noqa: E402
from deftunes.services import lifecycle, ports  # noqa: E402
from deftunes.system.program_environment import program_environment  # noqa: E402
from spark_jobs import pages  # noqa: E402
from spark_jobs.lake.landing import Landing  # noqa: E402
from spark_jobs.window import Window  # noqa: E402
from tests.checkout import checkout  # noqa: E402

SEED, FIRST = 42, date(2020, 1, 1)
EXECUTORS = (1, 2, 4)
EXECUTOR_MB = 1024
C1_ONLY = "-XX:TieredStopAtLevel=1"  # the embedded target's, for small windows
START_S = 60.0


def main() -> None:
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 31
    scale = float(sys.argv[2]) if len(sys.argv) > 2 else 20.0
    window = Window(FIRST, FIRST + timedelta(days=days - 1))
    with tempfile.TemporaryDirectory(prefix="deftunes-bench-") as folder, ExitStack() as stack:
        root = checkout(Path(folder) / "checkout").root
        stack.callback(lifecycle.down, root)
        wanted = target.load("embedded", root)
        with pipeline(wanted, RunRequest((window,), SEED, scale, None), _ignore) as line:
            line.run_window(window, _ignore, REFINING)
        lifecycle.up(wanted, SEED, scale, None)
        cluster = stack.enter_context(standalone_cluster(root))
        figures: Figures = []
        alone_s = 0.0
        for executors in EXECUTORS:
            done = refine(root, cluster, executors, window)
            if done.summary["is_changed"]:
                sys.exit(f"{executors} executors wrote other rows than one JVM did: {done.summary}")
            alone_s = alone_s or done.seconds
            items = f"{done.summary['silver_rows']:,} items"
            figures.append((f"refine sessions, {items}, {executors} executors of one core", done.text(alone_s), ""))
        enlarge(root, window)
        done = refine(root, cluster, 2, Window(window.last, window.last))
        items = f"{done.summary['silver_rows']:,} items"
        figures.append((f"refine sessions, one day of {items}, 2 executors", done.text(done.seconds), ""))
    keep("cluster", figures)


@dataclass
class Cluster:
    """The address of a master, and the secret of all of its parts."""

    url: str
    secret: str


@dataclass
class Refined:
    """One refinement: its summary and wall time; of its tasks how many each executor had and how long they were."""

    summary: Mapping[str, Any]
    seconds: float
    tasks: Counter[str]
    task_seconds: Counter[str]
    longest_s: float
    largest_result_bytes: int

    def text(self, alone_s: float) -> str:
        shares = "/".join(f"{seconds:.0f}" for _, seconds in sorted(self.task_seconds.items()))
        return (
            f"{self.seconds:.1f} s, {alone_s / self.seconds:.2f} times one; {self.tasks.total()} tasks, "
            f"{shares} s by executor, the longest {self.longest_s:.1f} s; "
            f"the largest result of a task {self.largest_result_bytes / 1024:,.0f} KiB"
        )


@contextmanager
def standalone_cluster(root: Path) -> Iterator[Cluster]:
    """A master and a worker of as many cores as the largest run wants, on loopback; gone afterwards."""
    taken: set[int] = set()
    port, master_page, worker_page = (ports.any_free(name, taken) for name in ("MASTER", "MASTER_UI", "WORKER_UI"))
    cluster = Cluster(f"spark://127.0.0.1:{port}", secrets.token_hex(16))
    size = ["--cores", str(max(EXECUTORS)), "--memory", f"{(EXECUTOR_MB + 512) * max(EXECUTORS)}m"]
    programs = (
        ["master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(master_page)],
        ["worker.Worker", "--host", "127.0.0.1", "--webui-port", str(worker_page), *size, cluster.url],
    )
    with ExitStack() as stack:
        for words in programs:
            log = root / f"var/logs/{words[0]}.log"
            process = subprocess.Popen(
                daemon(root, words),
                env={**daemon_environment(root), "_SPARK_AUTH_SECRET": cluster.secret},
                stdout=stack.enter_context(log.open("wb")),
                stderr=subprocess.STDOUT,
                cwd=root / "var",
                start_new_session=True,
            )
            stack.callback(_end, process)
            _wait_for(log, "I have been elected leader" if "Master" in words[0] else "Successfully registered")
        yield cluster


def daemon(root: Path, words: list[str]) -> list[str]:
    jars = root / ".venv/spark/lib/python3.11/site-packages/pyspark/jars/*"
    options = ("-Xmx256m", "-Dspark.authenticate=true", "-Dspark.network.crypto.enabled=true")
    java = Path(environment(root, os.environ)["JAVA_HOME"]) / "bin/java"
    return [str(java), *options, "-cp", str(jars), f"org.apache.spark.deploy.{words[0]}", *words[1:]]


def daemon_environment(root: Path) -> dict[str, str]:
    own = environment(root, os.environ)
    home = str(root / ".venv/spark/lib/python3.11/site-packages/pyspark")
    return {**program_environment(root), **own, "SPARK_HOME": home}


def refine(root: Path, cluster: Cluster, executors: int, window: Window) -> Refined:
    """Refines sessions of the window in a driver of its own on the cluster."""
    wanted = target.load("embedded", root)
    events = root / f"var/events-{executors}-{window.first}"
    events.mkdir()
    conf = {
        **wanted.spark_conf,
        "spark.driver.extraJavaOptions": wanted.spark_conf["spark.driver.extraJavaOptions"].replace(C1_ONLY, ""),
        "spark.master": cluster.url,
        "spark.cores.max": str(executors),
        "spark.executor.cores": "1",
        "spark.executor.memory": f"{EXECUTOR_MB}m",
        "spark.executor.extraClassPath": wanted.spark_conf["spark.driver.extraClassPath"],
        "spark.scheduler.minRegisteredResourcesRatio": "1.0",
        "spark.scheduler.maxRegisteredResourcesWaitingTime": f"{START_S:g}s",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": f"file://{events}",
    }
    secret_conf = {**secret_spark_settings(wanted), "spark.authenticate.secret": cluster.secret}
    arguments = job_arguments(wanted, "refine", "sessions", str(window.first), str(window.last), new_run_id())
    log = root / f"var/logs/spark-{executors}.log"
    with (
        (root / "var/run/bench.lock").open("wb") as lock,
        worker_of_its_own(root, log) as channel,
        SparkJobs(channel, conf, secret_conf, {}, lock.fileno(), log) as jobs,
    ):
        started = time.monotonic()
        summary = jobs.run(arguments)
        taken = time.monotonic() - started
    tasks = [each for each in _events(events) if each["Event"] == "SparkListenerTaskEnd"]
    task_seconds: Counter[str] = Counter()
    for each in tasks:
        task_seconds[each["Task Info"]["Executor ID"]] += each["Task Metrics"]["Executor Run Time"] / 1000
    return Refined(
        summary,
        taken,
        Counter(each["Task Info"]["Executor ID"] for each in tasks),
        task_seconds,
        max(each["Task Metrics"]["Executor Run Time"] for each in tasks) / 1000,
        max(each["Task Metrics"]["Result Size"] for each in tasks),
    )


def enlarge(root: Path, window: Window) -> None:
    """Delivers the last day anew, with the sessions of all days as if they had been on it."""
    landing = Landing(target.load("embedded", root)["LANDING_URI"], "api", "sessions")
    found = landing.manifest(window.last)
    assert found is not None  # it was landed above
    files = []
    for number, manifest in enumerate(landing.manifests(window.days())):
        for file in manifest.files:
            path = Path(landing.folder_of(manifest).removeprefix("file://")) / file.name
            records = json.loads(gzip.decompress(path.read_bytes()))
            for each in records:
                each["session_id"] = f"{number:08x}{each['session_id'][8:]}"
                each["session_start_time"] = f"{window.last}{each['session_start_time'][10:]}"
            body = json.dumps(records).encode()
            count = pages.count(body, "session_id")
            files.append(
                landing.write(
                    window.last, len(files) + 1, body, count.records, count.unreadable, is_malformed=count.is_malformed
                )
            )
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    landing.commit(replace(found, files=files, started_at=now, finished_at=now, landed_at=now))


def _events(folder: Path) -> Iterator[dict[str, Any]]:
    for file in folder.iterdir():
        yield from map(json.loads, file.read_text().splitlines())


def _wait_for(log: Path, words: str) -> None:
    deadline = time.monotonic() + START_S
    while words not in log.read_text(errors="replace"):
        if time.monotonic() > deadline:
            sys.exit(
                f"{log.name} does not say {words!r} within {START_S:g} s:\n{log.read_text(errors='replace')[-2000:]}"
            )
        time.sleep(0.1)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait(timeout=30)


def _ignore(_: object) -> None:
    """Nobody looks at the progress."""


if __name__ == "__main__":
    main()
