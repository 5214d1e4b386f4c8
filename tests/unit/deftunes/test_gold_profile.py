"""dbt's profile of one build: what dbt reads of it, and what of it nobody else does."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.config.renderer import ProfileRenderer
from dbt_common.exceptions import DbtBaseException

from deftunes import target
from deftunes.gold.profile import profile_folder
from deftunes.gold.settings import GoldSettings, gold_settings

ROOT = Path(__file__).resolve().parents[3]
REDSHIFT = {"host": "h", "port": "5440", "database": "d", "user": "u", "sslmode": "disable"}


def redshift(tmp_path: Path, **values: str) -> GoldSettings:
    environment = tuple((f"REDSHIFT_{name.upper()}", value) for name, value in {**REDSHIFT, **values}.items())
    return GoldSettings(
        ROOT / "dbt", tmp_path / "w", "", tmp_path / "state", tmp_path, target="aws", environment=environment
    )


def as_dbt_reads_it(settings: GoldSettings) -> dict[str, Any]:
    """The one output, rendered as dbt renders every profile."""
    with profile_folder(settings) as folder:
        profile = ProfileRenderer().render_data(yaml.safe_load((folder / "profiles.yml").read_text()))
    return dict(profile["deftunes"]["outputs"][settings.target])


@pytest.mark.parametrize(
    "password", ["plain", "12345", "a{{b", "{# x", "{% raw %}", "q'\"\\{}", "née {{ 1 + 1 }}", "~"]
)
def test_password_of_any_text_arrives_as_it_is(tmp_path: Path, password: str) -> None:
    output = as_dbt_reads_it(redshift(tmp_path, password=password))
    expected = {"host": "h", "port": 5440, "dbname": "d", "user": "u", "sslmode": "disable", "password": password}
    assert {name: output[name] for name in expected} == expected


def test_values_are_in_no_environment_and_in_no_file_afterwards(tmp_path: Path) -> None:
    before = dict(os.environ)
    with profile_folder(redshift(tmp_path, password="open sesame")) as folder:
        assert dict(os.environ) == before
        assert (folder.stat().st_mode & 0o777) == 0o700
        assert "open sesame" in (folder / "profiles.yml").read_text()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_profile_holds_no_other_output_than_that_of_the_target(tmp_path: Path) -> None:
    with profile_folder(redshift(tmp_path, password="p")) as folder:
        [profile] = yaml.safe_load((folder / "profiles.yml").read_text()).values()
    assert set(profile["outputs"]) == {"aws"}


def test_value_that_the_settings_lack_is_named(tmp_path: Path) -> None:
    lacking = replace(redshift(tmp_path), environment=())
    with pytest.raises(DbtBaseException, match="REDSHIFT_HOST"), profile_folder(lacking):
        pass


def test_containers_get_the_keys_of_their_object_store(tmp_path: Path) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "r", "CATALOG_TOKEN": "t"}
    compose = target.load("compose", ROOT, {})
    settings = replace(gold_settings(ROOT, compose, keys), state_dir=tmp_path)
    output = as_dbt_reads_it(settings)
    assert output["secrets"][0]["token"] == "t"
    assert output["secrets"][1]["key_id"] == "id"
