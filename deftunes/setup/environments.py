"""The Python environments under .venv, each an exact copy of its lock.

`python3.11 -m deftunes.setup.environments lake` makes or repairs .venv/lake; a stamp file in it, written last, is what
make looks at. This runs before any package is there: standard library only.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from deftunes import target
from deftunes.setup import runtimes
from deftunes.setup.installers import SetupError, pip_environment, run, uv_environment
from deftunes.system import var
from deftunes.system.program_environment import set_up_environment

VERSION = (3, 11)  # what AWS Glue 5.1 runs; targets/runtime.toml
NAMES = (
    *("uv", "lake", "spark", "airflow", "superset", "check", "iac", "go", "rehearsal", "site"),
    *("lake-test", "spark-test", "airflow-test", "lake-browser", "lake-redshift", "lake-shell", "lake-lineage"),
    *("spark-mutation", "lake-notebook", "airflow-openlineage"),
)
STAMP = ".complete"
# What a run imports, ours and others'.
IMPORTED = {
    "lake": (
        "deftunes.cli.main",
        "deftunes.gold.build",
        "deftunes.cli.totals",
        "deftunes.run.pipeline",
        "deftunes.gold.publish",
        "deftunes.services.lifecycle",
        "dbt.adapters.duckdb",
        "mock_api.__main__",
        "mock_api.load",
        "pyiceberg.catalog.rest",
        "supervisor.supervisord",
    ),
    "spark": ("deftunes.run.worker", "pydeequ.dqdl"),
}
# -I: no module, encoding or warning of the shell's reaches Python, not even while it starts.
LAUNCHER = """#!/bin/sh
place=$0; [ -L "$0" ] && place=$(readlink -f "$0")
exec "$(dirname "$place")/python" -I -m deftunes "$@"
"""


def make(root: Path, name: str) -> None:
    """Make the environment `name` as its lock says, or add a lock to it: lake-test has lake and test."""
    check_python()
    if name == "uv":
        make_uv(root)
    elif "-" in name:
        base, extra = name.split("-")
        uv(root, "install", "--require-hashes", "--python", folder(root, base), "--requirement", lock(root, extra))
    else:
        fill(root, name)
    base, _, extra = name.partition("-")
    (folder(root, base) / f"{STAMP}{extra and '-'}{extra}").touch()


def check_python() -> None:
    """Raises SetupError unless this is Python 3.11 with what it takes to make environments."""
    if sys.version_info[:2] != VERSION:
        raise SetupError(
            f"this is Python {sys.version.split()[0]}, but Spark on AWS Glue 5.1 is Python 3.11: PYTHON=python3.11"
        )
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            raise SetupError(f"{sys.executable} has no module {module}: apt-get install python3.11-venv")


def make_uv(root: Path) -> None:
    create(root, "uv")
    pip: list[str | Path] = [
        folder(root, "uv") / "bin/python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    run([*pip, "--require-hashes", "--requirement", lock(root, "uv")], pip_environment(root, os.environ))


def fill(root: Path, name: str) -> None:
    create(root, name, "--without-pip")
    uv(root, "sync", "--require-hashes", "--python", folder(root, name), lock(root, name))
    if name == "lake":
        write_launcher(root)
        share_java_classes(root)
    if name in IMPORTED:
        compile_modules(root, name)


def write_launcher(root: Path) -> None:
    """The program `deftunes` of the checkout around it, found from where it lies: a checkout may be moved."""
    (root / runtimes.LAKE / runtimes.PACKAGES / "deftunes.pth").write_text("../../../../..\n")
    launcher = folder(root, "lake") / "bin/deftunes"
    launcher.write_text(LAUNCHER)
    launcher.chmod(0o755)


def compile_modules(root: Path, name: str) -> None:
    """Import what a run does: Python compiles a module the first time, some 5 s in all, and keeps it if it may."""
    environ = {**set_up_environment(root, os.environ), "SPARK_VERSION": "3.5"}  # pydeequ asks when it is imported
    run([folder(root, name) / "bin/python", "-c", f"import {', '.join(IMPORTED[name])}"], environ)


def share_java_classes(root: Path) -> None:
    """Give the wheel's Java the archive of its own classes that it is shipped without: every start is 0.5 s faster."""
    if (java := runtimes.wheel_java(root) / "bin/java").exists():
        run([java, "-Xshare:dump"], set_up_environment(root, os.environ))


def create(root: Path, name: str, *options: str) -> None:
    """An empty environment, unless a sound one is there; the remains of another are removed first."""
    place = folder(root, name)
    if is_sound(place):
        return
    shutil.rmtree(place, ignore_errors=True)
    run([sys.executable, "-m", "venv", *options, place], set_up_environment(root, os.environ))


def is_sound(place: Path) -> bool:
    """True if it was made here, since its programs name their interpreter by a whole path, and its Python starts."""
    python, made = place / "bin/python", place / "pyvenv.cfg"
    if not python.exists() or not made.is_file() or not made.read_text(encoding="utf-8").rstrip().endswith(f" {place}"):
        return False
    return subprocess.run([python, "-I", "-c", ""], capture_output=True, check=False).returncode == 0


def uv(root: Path, *arguments: str | Path) -> None:
    program = folder(root, "uv") / "bin/uv"
    command: list[str | Path] = [program, "--quiet", "pip", *arguments]
    run(command, uv_environment(root, os.environ))


def folder(root: Path, name: str) -> Path:
    return root / ".venv" / name


def lock(root: Path, name: str) -> Path:
    return root / f"requirements/{name}.txt"


def main() -> None:
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name not in NAMES:
        sys.exit(f"usage: python3.11 -m deftunes.setup.environments {'|'.join(NAMES)}")
    started = time.monotonic()
    sys.stderr.write(f"  .venv/{name:<12}")
    sys.stderr.flush()
    try:
        root = target.usable_root(Path.cwd())
        var.check_environments(root)
        make(root, name)
    except (SetupError, target.TargetError, var.VarError) as error:
        sys.exit(f"failed\n{error}")
    sys.stderr.write(f"{time.monotonic() - started:6.1f} s\n")


if __name__ == "__main__":
    main()
