"""The command line. `make` wraps its verbs; every verb has `--help`, and `--json` where a machine may ask.

Exit codes: 0 done, 1 stopped by the data or a step, 2 wrong arguments, 3 a service or the machine, 4 another run is
going, 128 and its number a signal: 130 after Ctrl-C.
"""

import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import typer

from deftunes.cli import screen, verbs
from deftunes.cli.exit_codes import BUSY, MACHINE, STOPPED, WRONG
from deftunes.cli.output import print_json
from deftunes.run.runner import StepFailedError
from deftunes.services import lifecycle
from deftunes.system import interruption
from deftunes.system.lock import AnotherRunError
from spark_jobs.problem import Problem

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
for name in ("run", "task", "status", "query", "rules", "history", "diff", "rollback", "refill", "lineage", "metrics",
             "watch", "gold", "dbt", "shell", "notebook", "spark_shell", "dashboards", "dashboards_export", "docs",
             "bench", "doctor", "up", "down", "clean"):  # fmt: skip
    app.command()(getattr(import_module(f"{verbs.__name__}.{name}"), name))


def main() -> None:
    """The command line: errors become one paragraph and an exit code. Raises Interruption when a signal came."""
    try:
        code = app(standalone_mode=False, prog_name="deftunes")
    except typer._click.exceptions.ClickException as wrong:
        _refuse(wrong)
    except Exception as error:
        if interrupted := interruption.current_interruption():
            raise interrupted from error
        _explain(error)
    sys.exit(code or 0)  # Typer returns the code of a typer.Exit


def _refuse(wrong: Any) -> NoReturn:
    """Wrong arguments: how the verb is used, and what is wrong."""
    if "--json" in sys.argv:
        print_json({"problem": {"what": wrong.format_message()}})
    wrong.show()
    sys.exit(WRONG)


def _explain(error: Exception) -> NoReturn:
    """Prints the paragraph and leaves. An error nobody foresaw keeps its trace."""
    codes = ((AnotherRunError, BUSY), (StepFailedError, STOPPED), (Problem, STOPPED), (lifecycle.ServiceError, MACHINE))
    code = next((code for kind, code in codes if isinstance(error, kind)), None)
    if code is None and "DEFTUNES_TRACE" in os.environ:
        raise error
    if "--json" in sys.argv:
        problem = error.problem if isinstance(error, StepFailedError) else error
        print_json({"problem": problem.as_dict() if isinstance(problem, Problem) else {"what": str(problem)}})
    else:
        errors = screen.Screen(stderr=True)
        errors.print(screen.trouble(error, is_framed=errors.is_terminal))
    sys.exit(MACHINE if code is None else code)
