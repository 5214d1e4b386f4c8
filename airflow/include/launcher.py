"""The launcher: how a task starts the work on its table. The one place where DAGs differ between targets.

Beside the stack's containers the command line does it, which asks the Spark cluster; on AWS, Glue jobs and dbt do. Who
starts them is chosen by DEFTUNES_TARGET (tests/dags/test_launchers.py).
"""

import os
from collections.abc import Mapping
from typing import Any, Protocol

from airflow.sdk import BaseOperator
from include.command_line import CommandLine
from include.windows import window


class Launcher(Protocol):
    """Does the work on one table for a window of days, and raises AirflowException when it was stopped."""

    def run(self, table: str, first: str, last: str, maintain: bool) -> None: ...

    def stop(self) -> None: ...


class TableOperator(BaseOperator):
    """All steps of one table for the window of the run. Its assets are told the window."""

    def __init__(self, *, table: str, maintain: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.table, self.maintain = table, maintain

    def execute(self, context: Mapping[str, Any]) -> None:
        first, last = window(context)
        self._launcher = launcher(os.environ)
        self._launcher.run(self.table, first, last, self.maintain)
        for asset in self.outlets:
            context["outlet_events"][asset].extra = {"first": first, "last": last}

    def on_kill(self) -> None:
        self._launcher.stop()


def launcher(environ: Mapping[str, str]) -> Launcher:
    """The launcher of the target that DEFTUNES_TARGET names."""
    if environ.get("DEFTUNES_TARGET") == "aws":
        from include.glue import Glue  # Amazon's provider takes seconds to load

        return Glue.of(environ)
    return CommandLine()
