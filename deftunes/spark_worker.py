"""The warm Spark session of one run: a process of the spark environment that takes jobs until its input ends.

Each line of standard input is a JSON list, the number of a job and the arguments that `spark_jobs.main` takes; each
line written back is the number and the job's summary. Jobs run side by side, each in a session of its own. When the
run dies, input ends and the worker and its JVM go with it.
"""

import json
import os
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TextIO

from pyspark.sql import SparkSession

from spark_jobs import main

SIDE_BY_SIDE = 3


def work(jobs: TextIO, answers: TextIO, conf: dict[str, str]) -> None:
    """Runs the jobs as they come; the session starts while the first, which need none, are already at work."""
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
    spark = builder.getOrCreate()
    # Every F.col() asks the JVM what `functions` is, and the answer is looked for in each of Spark's jars: a fifth of
    # a day's run. Names kept on the view are not asked for again.
    view = spark._jvm
    for name in ("functions", "PythonSQLUtils", "PythonUtils"):
        setattr(view, name, getattr(view, name))
    return spark


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
