"""Which Java runs: the newest 17 of the machine's and the wheel's, and no other."""

from pathlib import Path

import pytest

from deftunes.setup import runtimes


def java(home: Path, version: str) -> Path:
    (home / "bin").mkdir(parents=True)
    (home / "bin/java").touch()
    (home / "release").write_text(f'IMPLEMENTOR="Somebody"\nJAVA_VERSION="{version}"\n')
    return home


@pytest.mark.parametrize(
    ("versions", "taken"),
    [
        ({}, "wheel"),
        ({"a": "17.0.21.1", "b": "17.0.15"}, "a"),
        ({"a": "17.0.9"}, "wheel"),  # no newer: the one that is known
        ({"a": "17.0.8", "b": "21.0.8", "c": "11.0.30"}, "wheel"),
        ({"a": "17.0.10", "b": "17.0.9.1"}, "a"),  # numbers, not texts
        ({"a": "17"}, "wheel"),
    ],
)
def test_the_newest_java_17_is_taken(versions: dict[str, str], taken: str, tmp_path: Path) -> None:
    wheel = java(runtimes.wheel_java(tmp_path), "17.0.9")
    for name, version in versions.items():
        java(tmp_path / "system" / name, version)
    expected = wheel if taken == "wheel" else tmp_path / "system" / taken
    assert runtimes.java_home(tmp_path, tmp_path / "system") == expected


def test_a_java_that_is_half_there_is_passed_over(tmp_path: Path) -> None:
    wheel = java(runtimes.wheel_java(tmp_path), "17.0.9")
    (java(tmp_path / "system/a", "17.0.21") / "bin/java").unlink()
    (java(tmp_path / "system/b", "17.0.21") / "release").unlink()
    assert runtimes.java_home(tmp_path, tmp_path / "system") == wheel


def test_without_any_java_it_is_the_wheels_place(tmp_path: Path) -> None:
    """Set-up has not run yet: whoever starts it says that it is missing."""
    assert runtimes.java_home(tmp_path, tmp_path / "system") == runtimes.wheel_java(tmp_path)
