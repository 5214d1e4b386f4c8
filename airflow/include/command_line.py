"""The command line as a launcher: `deftunes task`, in the image that Airflow runs in; its words are logged."""

from airflow.exceptions import AirflowException
from airflow.providers.standard.hooks.subprocess import SubprocessHook

ROOT = "/opt/deftunes"


class CommandLine:
    """Starts one program, which does all steps of the table."""

    def __init__(self) -> None:
        self._process = SubprocessHook()

    def run(self, table: str, first: str, last: str, maintain: bool) -> None:
        done = self._process.run_command(command(table, first, last, maintain), cwd=ROOT)
        if done.exit_code != 0:
            raise AirflowException(f"{table} of {first} to {last} was stopped (exit code {done.exit_code}): see above")

    def stop(self) -> None:
        self._process.send_sigterm()


def command(table: str, first: str, last: str, maintain: bool) -> list[str]:
    """The command line of one table's steps."""
    return ["deftunes", "task", table, "--from", first, "--to", last, *(["--maintain"] if maintain else [])]
