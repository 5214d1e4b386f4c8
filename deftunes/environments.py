"""The Python environments under .venv, each an exact copy of its lock.

`python3.11 -m deftunes.environments lake` makes or repairs .venv/lake; a stamp file in it, written last, is what make
looks at. This runs before any package is there: standard library only.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from deftunes import certificates, runtimes

VERSION = (3, 11)  # what AWS Glue 5.1 runs; targets/runtime.toml
NAMES = (
    *("uv", "lake", "spark", "airflow", "superset", "check", "iac", "go", "rehearsal"),
    *("lake-test", "spark-test", "airflow-test", "lake-browser", "lake-redshift"),
)
STAMP = ".complete"
# What a run imports, ours and others'.
IMPORTED = {
    "lake": (
        "deftunes.cli",
        "deftunes.gold",
        "deftunes.outcome",
        "deftunes.pipeline",
        "deftunes.publish",
        "deftunes.services",
        "dbt.adapters.duckdb",
        "mock_api.__main__",
        "mock_api.load",
        "pyiceberg.catalog.rest",
        "supervisor.supervisord",
    ),
    "spark": ("deftunes.spark_worker", "pydeequ.dqdl"),
}
PIP_SETTINGS = {  # pip's option -> uv's variable, and what stands between its values
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
}


class SetupError(Exception):
    """An environment cannot be made; the message holds what the installer said and the way out."""


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
    run([*pip, "--require-hashes", "--requirement", lock(root, "uv")], os.environ)


def fill(root: Path, name: str) -> None:
    create(root, name, "--without-pip")
    uv(root, "sync", "--require-hashes", "--python", folder(root, name), lock(root, name))
    if name == "lake":
        uv(root, "install", "--no-deps", "--no-build-isolation", "--python", folder(root, name), "--editable", root)
        share_java_classes(root)
    if name in IMPORTED:
        compile_modules(root, name)


def compile_modules(root: Path, name: str) -> None:
    """Import what a run does: Python compiles a module the first time, some 5 s in all, and keeps it if it may.

    Where PYTHONDONTWRITEBYTECODE is set, as in many images, every run would compile all of it again.
    """
    environ = {**os.environ, "SPARK_VERSION": "3.5"}  # pydeequ asks when it is imported
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    run([folder(root, name) / "bin/python", "-c", f"import {', '.join(IMPORTED[name])}"], environ)


def share_java_classes(root: Path) -> None:
    """Give the wheel's Java the archive of its own classes that it is shipped without: every start is 0.5 s faster."""
    run([runtimes.java(root), "-Xshare:dump"], os.environ)


def create(root: Path, name: str, *options: str) -> None:
    """An empty environment, unless a sound one is there; the remains of a broken one are removed first."""
    place = folder(root, name)
    if is_sound(place):
        return
    shutil.rmtree(place, ignore_errors=True)
    run([sys.executable, "-m", "venv", *options, place], os.environ)


def is_sound(place: Path) -> bool:
    """True if the environment's interpreter is there and starts."""
    python = place / "bin/python"
    return python.exists() and subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def uv(root: Path, *arguments: str | Path) -> None:
    program = folder(root, "uv") / "bin/uv"
    command: list[str | Path] = [program, "--quiet", "pip", *arguments]
    run(command, uv_environment(root, os.environ))


def uv_environment(root: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` with the user's pip settings in uv's words: what pip may fetch and from where, uv may."""
    settings = {"UV_PYTHON_DOWNLOADS": "never"}
    for option, (name, separator) in PIP_SETTINGS.items():
        if value := pip_setting(root, option, environ):
            settings[name] = separator.join(value.split())
    if authorities := certificates.bundle(environ):
        settings["SSL_CERT_FILE"] = str(authorities)
    return {**settings, **environ}


def pip_setting(root: Path, option: str, environ: Mapping[str, str]) -> str:
    """pip's `option` from its environment variable or configuration files, else empty."""
    if value := environ.get(f"PIP_{option.upper().replace('-', '_')}"):
        return value
    pip = [str(folder(root, "uv") / "bin/python"), "-m", "pip"]
    done = subprocess.run([*pip, "config", "get", f"global.{option}"], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def run(command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        said = (done.stderr + done.stdout).strip()[-2000:]
        raise SetupError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{said}")


def folder(root: Path, name: str) -> Path:
    return root / ".venv" / name


def lock(root: Path, name: str) -> Path:
    return root / f"requirements/{name}.txt"


def main() -> None:
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name not in NAMES:
        sys.exit(f"usage: python3.11 -m deftunes.environments {'|'.join(NAMES)}")
    started = time.monotonic()
    sys.stderr.write(f"  .venv/{name:<12}")
    sys.stderr.flush()
    try:
        make(Path.cwd(), name)
    except SetupError as error:
        sys.exit(f"failed\n{error}")
    sys.stderr.write(f"{time.monotonic() - started:6.1f} s\n")


if __name__ == "__main__":
    main()
