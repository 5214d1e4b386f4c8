"""The launcher: how a task starts its work. By the command line, which asks the Spark cluster; its words are logged."""

from collections.abc import Mapping
from typing import Any

from airflow.exceptions import AirflowException
from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.sdk import BaseOperator
from include.windows import window

ROOT = "/opt/deftunes"


class TableOperator(BaseOperator):
    """All steps of one table for the window of the run. Its assets are told the window."""

    def __init__(self, *, table: str, maintain: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.table, self.maintain = table, maintain

    def execute(self, context: Mapping[str, Any]) -> None:
        first, last = window(context)
        self._process = SubprocessHook()
        done = self._process.run_command(command(self.table, first, last, self.maintain), cwd=ROOT)
        if done.exit_code != 0:
            raise AirflowException(
                f"{self.table} of {first} to {last} was stopped (exit code {done.exit_code}): see above"
            )
        for asset in self.outlets:
            context["outlet_events"][asset].extra = {"first": first, "last": last}

    def on_kill(self) -> None:
        self._process.send_sigterm()


def command(table: str, first: str, last: str, maintain: bool) -> list[str]:
    """The command line of one table's steps."""
    return ["deftunes", "task", table, "--from", first, "--to", last, *(["--maintain"] if maintain else [])]
