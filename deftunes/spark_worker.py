"""The warm Spark session of one run: a process of the spark environment that takes jobs until its input ends.

Each line of standard input is a JSON list, the number of a job and the arguments that `spark_jobs.main` takes; each
line written back is the number and the job's summary. Jobs run side by side, each in a session of its own. When the
run dies, input ends and the worker and its JVM go with it.
"""

import json
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TextIO

from py4j.java_gateway import JavaPackage, JVMView  # type: ignore[import-untyped]
from pyspark.sql import SparkSession

from spark_jobs import main

SIDE_BY_SIDE = 3


def work(jobs: TextIO, answers: TextIO, conf: dict[str, str]) -> None:
    """Runs the jobs as they come; the session starts while the first, which need none, are already at work."""
    _remember_names()
    with ThreadPoolExecutor(1) as starter, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        session = starter.submit(_session, conf)
        one_at_a_time = threading.Lock()
        for line in jobs:
            number, argv = json.loads(line)
            pool.submit(_answer, number, argv, session, answers, one_at_a_time)
        os._exit(0)  # whoever asked is gone: leave no job half way into a second run


def _session(conf: dict[str, str]) -> SparkSession:
    builder = SparkSession.builder.appName("deftunes")
    for key, value in conf.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def _remember_names() -> None:
    """Lets py4j ask only once what a name of the JVM is.

    Every F.col() asks what `functions` is, every `scala.collection` what `scala` is, and each time the answer is looked
    for in all of Spark's jars: a fifth of the time of a day's run.
    """
    for kind in (JavaPackage, JVMView):
        kind.__getattr__ = _remembering(kind.__getattr__)


def _remembering(ask: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    def answer(self: Any, name: str) -> Any:
        known = ask(self, name)
        self.__dict__[name] = known
        return known

    return answer


def _answer(
    number: int, argv: list[str], session: "Future[SparkSession]", answers: TextIO, one_at_a_time: threading.Lock
) -> None:
    summary: dict[str, Any] = main.run(argv, lambda: session.result().newSession())
    with one_at_a_time:
        answers.write(json.dumps([number, summary]) + "\n")
        answers.flush()


def _main() -> None:
    conf = json.loads(sys.stdin.readline())
    # Java and its libraries print to standard output; answers get a channel of their own.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    work(sys.stdin, answers, conf)


if __name__ == "__main__":
    _main()
