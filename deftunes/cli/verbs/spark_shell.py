"""`deftunes spark-shell`: Python with a Spark session over the lake."""

import json
import os

from deftunes import target
from deftunes.cli.checkout import ROOT, is_on_aws, lake_answers, services_down
from spark_jobs.problem import Problem


def spark_shell() -> None:
    """Python with `spark`, a session of its own over the lake, as jobs have it: what is written there is written."""
    from deftunes.lake.catalog import secret_spark_settings
    from deftunes.run import worker_client
    from deftunes.system.program_environment import program_environment

    if is_on_aws():
        raise Problem(
            "The lake on AWS is not opened by a Spark of this machine",
            "spark-shell",
            "--target aws",
            "ask it in SQL: deftunes query --target aws, or open a notebook of Glue",
        )
    if not lake_answers():
        raise services_down()
    program = ROOT / ".venv/spark/bin/python"
    if not program.exists():
        raise Problem("Spark is not installed", "deftunes spark-shell", str(program), "make spark-shell installs it")
    values = target.current(ROOT)
    read, write = os.pipe()  # the secrets stand in no file and in no command line
    os.write(write, json.dumps([dict(values.spark_conf), secret_spark_settings(values)]).encode())
    os.close(write)
    os.set_inheritable(read, True)
    environment = {**os.environ, **program_environment(ROOT), **worker_client.environment(ROOT, os.environ)}
    command = [str(program), "-i", "-m", "deftunes.run.spark_shell", str(read)]
    os.execve(program, command, environment)  # noqa: S606  this process becomes the shell
