"""The warm Spark session of a checkout: a process of the spark environment that takes jobs, one run after the other.

A run comes as a connection. It brings the run's lock, then a line of JSON (Spark's settings, environment), then its
jobs: the number of a job, the arguments that `spark_jobs.main` takes and whether some rules must wait; a later line,
number and yes or no, ends that waiting. Each line written back is the number and the job's summary. Jobs run side by
side, each in a session of its own. When a run dies with jobs at work, the worker and its JVM go with it, and only then
is the lock free. A run that ends in good order leaves the worker warm for the next, for a quarter of an hour.
"""

import importlib
import json
import linecache
import os
import socket
import sys
import threading
import traceback
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn, TextIO

from py4j.java_gateway import JavaPackage, JVMView  # type: ignore[import-untyped]
from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

from spark_jobs import main
from spark_jobs.problem import Problem, line_of_code
from spark_jobs.silver import TABLES

# Beside the jobs that may wait for others before they publish: these could else take all places.
SIDE_BY_SIDE = 2
WARM_S = 900.0
NO_SESSION = 70


class KnownJvm(JVMView):  # type: ignore[misc]
    """The JVM's names, each asked for once.

    Every F.col() asks py4j what `functions` is, every `scala.collection` what `scala` is, and each time the answer is
    looked for in all of Spark's jars: a fifth of the time of a day's run.
    """

    def __getattr__(self, name: str) -> Any:
        return _keep(self, name, super().__getattr__(name))


class KnownPackage(JavaPackage):  # type: ignore[misc]
    """A package of the JVM, whose names are asked for once."""

    def __getattr__(self, name: str) -> Any:
        return _keep(self, name, super().__getattr__(name))


def _keep(place: Any, name: str, found: Any) -> Any:
    if isinstance(found, JavaPackage):
        found = KnownPackage(found._fqn, found._gateway_client, found._jvm_id)
    place.__dict__[name] = found
    return found


def look_names_up_once() -> None:
    """Gives Spark's context, which is there, a view of the JVM that asks for each name once."""
    jvm = SparkContext._jvm
    SparkContext._jvm = KnownJvm(jvm._gateway_client, jvm._jvm_name, jvm._id)  # type: ignore[union-attr]


class Worker:
    """The session and the jobs at work in it."""

    def __init__(self, *, loads_code_anew: bool = False) -> None:
        """`loads_code_anew`: spark_jobs is read again for each job, as its files are then. Jobs come one by one."""
        self._loads_code_anew = loads_code_anew
        self._pool = ThreadPoolExecutor(SIDE_BY_SIDE + sum(bool(table.references) for table in TABLES.values()))
        self._session: Future[SparkSession] | None = None
        self._environment: dict[str, str] = {}
        self._one_at_a_time = threading.Lock()

    def serve(self, channel: socket.socket) -> None:
        """Does what one run asks for, until it goes. Ends the process if it goes while jobs are at work."""
        _, locks, _, _ = socket.recv_fds(channel, 1, 1)
        at_work: set[int] = set()
        references_passed: dict[int, Future[bool]] = {}
        with channel, channel.makefile("r") as lines, channel.makefile("w") as answers:
            for line in lines:
                message = json.loads(line)
                match message:
                    case {"conf": conf, "secret_conf": secret_conf, "environment": environment}:
                        self._take(environment)
                        self._session = self._session or ThreadPoolExecutor(1).submit(spark_session, conf, secret_conf)
                    case [number, [*argv], waits]:
                        if waits:
                            references_passed[number] = Future()
                        at_work.add(number)
                        self._pool.submit(self._answer, number, argv, references_passed.get(number), answers, at_work)
                    case [number, bool(passed)]:
                        references_passed[number].set_result(passed)
            if at_work:
                end_with_jvm(0)
            for lock in locks:  # before the run can see that we let it go, and another one begins
                os.close(lock)

    def _take(self, environment: dict[str, str]) -> None:
        """Sets the variables of this run; those that only the run before it had are gone."""
        for name in self._environment:
            os.environ.pop(name, None)
        os.environ.update(environment)
        self._environment = environment

    def _answer(
        self, number: int, argv: list[str], go: "Future[bool] | None", answers: TextIO, at_work: set[int]
    ) -> None:
        session = self._session
        assert session is not None  # settings come before jobs
        run = run_reloaded if self._loads_code_anew else main.run
        summary = run(argv, lambda: session.result().newSession(), go.result if go else None)
        at_work.remove(number)  # before the run knows, which may go at once
        with self._one_at_a_time:
            answers.write(json.dumps([number, summary]) + "\n")
            answers.flush()


def run_reloaded(argv: list[str], sessions: main.Sessions, references: main.References | None) -> dict[str, Any]:
    """The summary of one job by the code as its files are now; the problem, if they cannot be loaded."""
    for name in [name for name in sys.modules if name.partition(".")[0] == main.__name__.partition(".")[0]]:
        del sys.modules[name]
    importlib.invalidate_caches()
    linecache.checkcache()
    try:
        code = importlib.import_module(main.__name__)
    except Exception as error:
        return {
            "problem": Problem(
                "The code cannot be loaded",
                line_of_code(error, "/spark_jobs/"),
                f"{type(error).__name__}: {error}",
                "correct that file",
                "Nothing was changed.",
            ).as_dict()
        }
    summary: dict[str, Any] = code.run(argv, sessions, references)
    return summary


def end_with_jvm(code: int) -> NoReturn:
    """Ends this process and its JVM at once: whoever asked is gone, and no job may get half way into another run."""
    gateway = SparkContext._gateway
    if gateway is not None:
        gateway.proc.kill()  # pyspark.java_gateway.launch_gateway sets it
        gateway.proc.wait()
    os._exit(code)


def spark_session(conf: dict[str, str], secret_conf: dict[str, str]) -> SparkSession:
    """The session, or the end of the process: no later run shall meet a worker without one."""
    try:
        # What a JVM is started with stands in its command line, which everybody on the machine can read.
        SparkContext._ensure_initialized(conf=SparkConf(loadDefaults=False).setAll(list(conf.items())))
        look_names_up_once()
        builder = SparkSession.builder.appName("deftunes")
        for key, value in {**conf, **secret_conf}.items():
            builder = builder.config(key, value)
        session = builder.getOrCreate()
    except Exception:
        traceback.print_exc()
        end_with_jvm(NO_SESSION)
    threading.Thread(target=_end_after_jvm, daemon=True).start()
    return session


def _end_after_jvm() -> None:
    """A worker without its JVM, as when memory was short, is of no use to the next run."""
    code = SparkContext._gateway.proc.wait()  # type: ignore[union-attr]
    sys.stderr.write(f"the JVM ended with exit code {code}\n")
    sys.stderr.flush()
    os._exit(NO_SESSION)


def runs(place: str) -> socket.socket:
    """Listens where runs knock: a socket below the working directory, since a whole path can get too long."""
    path = Path(place)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    os.umask(0o077)
    listener.bind(place)
    listener.listen()
    return listener


def _main() -> None:
    os.dup2(2, 1)  # Java and its libraries print to standard output
    worker = Worker(loads_code_anew="--load-code-anew" in sys.argv)
    if sys.argv[1] == "--only":  # one run, which hands over its end of the connection
        worker.serve(socket.socket(fileno=int(sys.argv[2])))
        end_with_jvm(0)
    with runs(sys.argv[2]) as listener:
        listener.settimeout(WARM_S)
        while True:
            try:
                channel, _ = listener.accept()
            except TimeoutError:
                Path(sys.argv[2]).unlink(missing_ok=True)
                end_with_jvm(0)
            channel.settimeout(None)
            worker.serve(channel)


if __name__ == "__main__":
    _main()
