"""dbt's profile of one build: an output of profiles.yml with the values that the settings have.

The profile asks for its values by env_var(). They are put in here, so that none of them enters the environment of
this process, where other code would take them for its own.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from dbt.config.renderer import ProfileRenderer
from dbt_common.context import set_invocation_context

from deftunes.gold.settings import GoldSettings
from deftunes.system.machine import duckdb_memory


@contextmanager
def profile_folder(settings: GoldSettings) -> Iterator[Path]:
    """A folder with a profiles.yml of the one output, for us alone to read, gone afterwards: it holds passwords.

    Raises DbtBaseException when the profile asks for a value that the settings lack.
    """
    template = yaml.safe_load(((settings.profiles_dir or settings.project_dir) / "profiles.yml").read_text())
    output = copy_context().run(_render, _with_output(template, settings.target), _values(settings))
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="profile-", dir=settings.state_dir) as folder:
        path = Path(folder, "profiles.yml")
        path.write_text(yaml.safe_dump(_as_literals(output), allow_unicode=True), encoding="utf-8")
        yield path.parent


def _with_output(template: Mapping[str, Any], target: str) -> dict[str, Any]:
    [(name, profile)] = template.items()
    return {name: {"target": target, "outputs": {target: profile["outputs"][target]}}}


def _render(profile: dict[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """The profile with its values. dbt's variables are those of the context that this runs in."""
    set_invocation_context(values)
    return ProfileRenderer().render_data(profile)


def _as_literals(value: Any) -> Any:
    """The same for dbt, which renders what it reads once more: a brace in a password is to stay one."""
    if isinstance(value, dict):
        return {key: _as_literals(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_literals(each) for each in value]
    return "{{ " + repr(value) + " }}" if isinstance(value, str) and ("{" in value or "}" in value) else value


def _values(settings: GoldSettings) -> dict[str, str]:
    return {
        "WAREHOUSE_PATH": str(settings.warehouse_path),
        "CATALOG_URI": settings.catalog_uri,
        "DUCKDB_EXTENSION_DIRECTORY": str(settings.extension_directory),
        "DUCKDB_MEMORY_LIMIT": duckdb_memory(),
        "DUCKDB_TEMP_DIRECTORY": str(settings.state_dir / "spilled"),
        **dict(settings.environment),
    }
