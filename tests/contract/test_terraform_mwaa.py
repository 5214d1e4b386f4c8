"""MWAA's startup script, as Terraform makes it and a component runs it: tasks know their target, nothing is slow."""

import re
import subprocess
from pathlib import Path

TEMPLATE = Path(__file__).parents[2] / "terraform/modules/orchestration/startup.sh.tftpl"


def script() -> str:
    """The script with one setting."""
    return re.sub(r"%\{ for .*?%\{ endfor ~\}\n", "export DBT_TARGET='aws'\n", TEMPLATE.read_text(), flags=re.DOTALL)


def test_tasks_of_mwaa_know_their_target() -> None:
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", f"{script()}\necho target=$DBT_TARGET\n"],
        env={},
        capture_output=True,
        text=True,
        check=True,
        timeout=50,
    )
    assert done.stdout == "target=aws\n"


def test_startup_of_mwaa_installs_nothing() -> None:
    """Past 300 s MWAA's entry point finds no variables and stops the component; exporting them takes no time."""
    commands = [line for line in script().splitlines() if line and not line.startswith("#")]
    assert commands == ["export DBT_TARGET='aws'"]
