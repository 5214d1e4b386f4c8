"""`deftunes shell`: DuckDB's own shell over the star schema and the lake."""

import os

from deftunes import target
from deftunes.cli.checkout import ROOT, lake_answers
from deftunes.setup import runtimes
from spark_jobs.problem import Problem


def shell() -> None:
    """DuckDB's shell over gold.*, bi.* and, while the services run, lake.deftunes_silver.*: to read only."""
    from deftunes.lake import queries

    # Without the package's own Python, which keeps no pipe.
    program = ROOT / runtimes.LAKE / runtimes.PACKAGES / "duckdb_cli/duckdb"
    if not program.exists():
        raise Problem("DuckDB's shell is not installed", "deftunes shell", str(program), "make shell installs it")
    script = queries.shell_script(target.current(ROOT), ROOT, lake_answers())
    read, write = os.pipe()  # the script holds the catalog's token, and stands in no file
    os.write(write, script.encode())
    os.close(write)
    os.set_inheritable(read, True)
    os.execv(program, [str(program), "-init", f"/dev/fd/{read}"])  # noqa: S606  this process becomes the shell
