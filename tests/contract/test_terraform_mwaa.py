"""MWAA's startup script, as Terraform makes it and a worker runs it: tasks know their target, dbt comes of its lock."""

import re
import subprocess
import time
from pathlib import Path

import pytest

TEMPLATE = Path(__file__).parents[2] / "terraform/modules/orchestration/startup.sh.tftpl"


def startup_script(
    tmp_path: Path, component: str = "worker", limit_s: int = 30, slow: str = "", **answers: int
) -> subprocess.CompletedProcess[str]:
    """MWAA's startup script as Terraform makes it, with programs that note how they were called and exit as told.

    `slow` is a program that does not end within a minute.
    """
    text = TEMPLATE.read_text()
    text = re.sub(r"%\{ for .*?%\{ endfor ~\}\n", "export DBT_TARGET='aws'\n", text, flags=re.DOTALL)
    text = text.replace("${dbt_lock}", "s3://code/airflow/dbt.txt").replace("${region}", "eu-west-1")
    text = text.replace("${limit_s}", str(limit_s))
    assert "${" not in text
    pip = tmp_path / "dbt/bin/pip"
    pip.parent.mkdir(parents=True)
    for path in (tmp_path / "python3", tmp_path / "aws", pip):
        last = "exec sleep 60" if path.name == slow else f"exit {answers.get(path.name, 0)}"
        path.write_text(f'#!/bin/sh\necho {path.name} "$@" >> {tmp_path}/calls\n{last}\n')
        path.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "AIRFLOW_HOME": str(tmp_path)}
    script = f"{text}\necho DBT=$DBT target=$DBT_TARGET\n"
    return subprocess.run(
        ["/bin/sh", "-u", "-c", f"DBT=; MWAA_AIRFLOW_COMPONENT={component}\n{script}"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=50,
    )


def test_workers_of_mwaa_get_dbt_of_its_lock(tmp_path: Path) -> None:
    done = startup_script(tmp_path)

    assert done.stdout == f"DBT={tmp_path}/dbt/bin/dbt target=aws\n"
    assert (tmp_path / "calls").read_text().splitlines() == [
        f"python3 -m venv {tmp_path}/dbt",
        f"aws s3 cp --quiet --region eu-west-1 s3://code/airflow/dbt.txt {tmp_path}/dbt/dbt.txt",
        f"pip install --quiet --require-hashes --requirement {tmp_path}/dbt/dbt.txt",
    ]


def test_startup_of_mwaa_says_so_when_dbt_is_not_there(tmp_path: Path) -> None:
    done = startup_script(tmp_path, pip=1)

    assert done.stdout == "DBT= target=aws\n"
    assert done.stderr == "dbt was not installed from s3://code/airflow/dbt.txt: tasks that build gold will fail\n"


@pytest.mark.parametrize("slow", ["python3", "aws", "pip"])
def test_startup_of_mwaa_ends_what_is_slow_and_keeps_the_variables(tmp_path: Path, slow: str) -> None:
    started = time.monotonic()
    done = startup_script(tmp_path, limit_s=1, slow=slow)
    assert time.monotonic() - started < 20
    assert done.stdout == "DBT= target=aws\n"
    assert "tasks that build gold will fail" in done.stderr


def test_startup_of_mwaa_takes_no_longer_than_mwaa_waits() -> None:
    """Past 300 s MWAA's entry point finds no variables and stops the component; some of them it needs itself."""
    module = (TEMPLATE.parent / "main.tf").read_text()
    assert [int(limit) <= 240 for limit in re.findall(r"limit_s += (\d+)", module)] == [True]


def test_only_what_runs_tasks_installs_dbt(tmp_path: Path) -> None:
    for component in ("scheduler", "webserver", "dag-processor", "triggerer"):
        folder = tmp_path / component
        assert startup_script(folder, component).stdout == "DBT= target=aws\n"
        assert not (folder / "calls").exists()
    assert "dbt/bin/dbt" in startup_script(tmp_path / "hybrid", "hybrid").stdout
