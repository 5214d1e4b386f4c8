"""`deftunes notebook`: a notebook that walks through the lake, in Jupyter."""

import os

from deftunes.cli.checkout import ROOT, is_embedded, lake_answers, services_down
from deftunes.run.notebook import CONFIG, notebook_environment
from deftunes.services import ports
from deftunes.setup import runtimes
from spark_jobs.problem import Problem


def notebook() -> None:
    """Jupyter on loopback with notebooks/lake.ipynb: tables, history, quarantine, time travel. Ends by Ctrl-C."""
    if not is_embedded():
        raise Problem("The notebook reads the lake of a checkout", "notebook", "another target", "open it on embedded")
    if not lake_answers():
        raise services_down()
    program = ROOT / runtimes.LAKE / "bin/jupyter-lab"
    if not program.exists():
        raise Problem("Jupyter is not installed", "deftunes notebook", str(program), "make notebook installs it")
    port = ports.any_free(f"{ROOT}/notebook", set(ports.last_ports(ROOT).values()))
    command = [str(program), f"--config={ROOT / CONFIG}", f"--ServerApp.port={port}"]
    os.umask(0o077)
    os.execve(program, command, {**os.environ, **notebook_environment(ROOT)})  # noqa: S606  this process becomes Jupyter
