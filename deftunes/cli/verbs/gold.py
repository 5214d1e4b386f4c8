"""`deftunes gold`: all of gold, built anew of silver as it stands."""

import os
from contextlib import ExitStack

from deftunes import target
from deftunes.cli.checkout import ROOT, is_embedded, is_on_aws, lake_answers, services_down
from deftunes.cli.output import show
from deftunes.system.lock import run_lock
from spark_jobs.problem import Problem


def gold() -> None:
    """Build, test and publish all of gold of silver's newest state: what a changed model comes to."""
    from deftunes.run.steps import SERVING
    from deftunes.run.task import task_pipeline

    if is_on_aws():
        raise Problem(
            "Gold is built by a job on AWS",
            "gold",
            "--target aws",
            "start it: deftunes task gold --from … --to … --target aws (docs/aws.md)",
        )
    if not lake_answers():
        raise services_down()
    with ExitStack() as stack:
        if is_embedded():  # elsewhere tasks lock the table
            stack.enter_context(run_lock(ROOT))
        line = stack.enter_context(task_pipeline(ROOT, target.current(ROOT), SERVING, os.environ))
        show(line.rebuild_gold, "gold, all days", False)
