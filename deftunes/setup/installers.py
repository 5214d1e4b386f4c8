"""pip and uv: what they are told of the user's settings, and what they say. Standard library only: they come first."""

import ast
import os
import subprocess
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from deftunes.system import certificates
from deftunes.system.program_environment import set_up_environment

PIP_SETTINGS = {  # pip's option -> uv's variable, and what stands between its values
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
}
PIP_ONLY = ("cert", "client-cert", "proxy", "trusted-host", "no-index", "timeout", "retries")


class SetupError(Exception):
    """An environment cannot be made; the message holds what the installer said and the way out."""


def uv_environment(root: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """What uv gets, with the user's pip settings in its words: what pip may fetch and from where, uv may."""
    settings = {"UV_PYTHON_DOWNLOADS": "never"}
    given = pip_settings(root, environ)
    for option, (name, separator) in PIP_SETTINGS.items():
        if option in given:
            settings[name] = separator.join(given[option].split())
    if authorities := given.get("cert") or certificates.bundle(environ):
        settings["SSL_CERT_FILE"] = str(authorities)
    return {**settings, **set_up_environment(root, environ)}


def pip_environment(root: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """What pip gets: of its configuration files only where packages come from, since they also say where these go."""
    given = pip_settings(root, environ)
    settings = {variable(option): given[option] for option in (*PIP_SETTINGS, *PIP_ONLY) if option in given}
    return {**set_up_environment(root, environ), **settings, "PIP_CONFIG_FILE": os.devnull}


def variable(option: str) -> str:
    return f"PIP_{option.upper().replace('-', '_')}"


def pip_settings(root: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """pip's options from its configuration files, those of `pip install` before those of all; variables before both.

    Raises SetupError when pip cannot read a file.
    """
    environment = set_up_environment(root, environ)
    listed = _pip_configuration(root / ".venv/uv/bin/python", tuple(environment.items()))
    found = {option: value for section in ("global", "install") for option, value in listed.get(section, {}).items()}
    options = (*PIP_SETTINGS, *PIP_ONLY)
    return found | {option: environment[variable(option)] for option in options if variable(option) in environment}


@lru_cache(maxsize=2)
def _pip_configuration(python: Path, environment: tuple[tuple[str, str], ...]) -> dict[str, dict[str, str]]:
    """Section -> option -> value, as `pip config list` gives them: lines of section.option='value'."""
    if not python.exists():
        return {}
    # A configured `user = true` would be an option of this command too: list that file only.
    lines = run([python, "-m", "pip", "config", "list"], {**dict(environment), "PIP_USER": "0"}).splitlines()
    sections: dict[str, dict[str, str]] = {}
    for name, _, value in (line.partition("=") for line in lines):
        section, _, option = name.rpartition(".")
        sections.setdefault(section, {})[option] = str(ast.literal_eval(value))
    return sections


def run(command: Sequence[str | Path], environment: Mapping[str, str]) -> str:
    """What the program said. Raises SetupError when it failed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        output = (done.stderr + done.stdout).strip()[-2000:]
        raise SetupError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{output}")
    return done.stdout
