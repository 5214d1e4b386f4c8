"""The command line: arguments that cannot be, exit codes, and JSON that is JSON whatever happens."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import typer

from deftunes.cli import arguments
from deftunes.cli.json_text import json_text
from deftunes.cli.verbs import shell, spark_shell
from spark_jobs.problem import Problem
from spark_jobs.window import Window
from tests.checkout import PROJECT, Checkout, checkout

HERE = Checkout(PROJECT)


@pytest.mark.parametrize(
    ("given", "days"),
    [
        ((None, None), ("2020-01-01", "2020-03-31")),
        (("2020-04-01", None), ("2020-04-01", "2020-04-01")),
        (("2020-04-01", "2020-04-03"), ("2020-04-01", "2020-04-03")),
        (("2020-02-29", None), ("2020-02-29", "2020-02-29")),
    ],
)
def test_window_of_the_days_given(given: tuple[str | None, str | None], days: tuple[str, str]) -> None:
    assert arguments.window(*given) == Window.parse(*days)


def test_look_back_moves_the_first_day() -> None:
    assert arguments.window("2020-01-03", None, 7) == Window(date(2019, 12, 27), date(2020, 1, 3))


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (None, "2020-01-31", "the first is missing"),
        ("0001-01-01", None, "out of range: 0001-01-01"),
        ("2020-01-01", "9999-12-31", "out of range: 9999-12-31"),
        ("2020-02-30", None, "'2020-02-30'"),
        ("2020-1-5", None, "'2020-1-5'"),
        ("２０２０-０１-０１", None, "is not a date"),
        ("2020-01-02", "2020-01-01", "FROM=2020-01-01 TO=2020-01-02"),
    ],
)
def test_days_that_cannot_be_are_refused_by_their_value(first: str | None, last: str | None, words: str) -> None:
    with pytest.raises(typer.BadParameter, match=words):
        arguments.window(first, last)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf"), 1000.5])
def test_scale_out_of_range_is_refused(scale: float) -> None:
    with pytest.raises(typer.BadParameter, match="SCALE="):
        arguments.validate_scale(scale)


def test_largest_scale_is_that_of_the_mock_source() -> None:
    from mock_api.dataset import LARGEST_SCALE

    assert arguments.LARGEST_SCALE == LARGEST_SCALE


@pytest.mark.slow
@pytest.mark.parametrize("given", [("run", "--scale", "0"), ("run", "--from", "0001-01-01"), ("up", "--seed", "-1")])
def test_wrong_argument_has_its_exit_code_and_starts_nothing(given: tuple[str, ...]) -> None:
    done = HERE.deftunes(*given)
    assert (done.returncode, done.stdout) == (2, "")
    assert given[-1].lstrip("0") in done.stderr


@pytest.mark.slow
def test_wrong_argument_is_json_where_json_is_wanted() -> None:
    done = HERE.deftunes("run", "--scale", "nan", "--json")
    assert done.returncode == 2
    assert "SCALE=nan" in json.loads(done.stdout)["problem"]["what"]


@pytest.mark.slow
def test_doctor_with_a_cross_says_so_by_its_exit_code(tmp_path: Path) -> None:
    """A checkout without jars: there is something to do."""
    place = checkout(tmp_path / "checkout")
    (place.root / "var/jars").unlink()
    done = place.deftunes("doctor")
    assert "✘" in done.stdout, done.stderr
    assert done.returncode == 3


@pytest.mark.parametrize(
    ("verb", "command"), [(shell.shell, "make shell"), (spark_shell.spark_shell, "make spark-shell")]
)
def test_shell_that_is_not_installed_names_what_installs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, verb: Callable[[], None], command: str
) -> None:
    for module in (shell, spark_shell):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(spark_shell, "lake_answers", lambda: True)
    with pytest.raises(Problem) as problem:
        verb()
    assert command in problem.value.way_out


def test_piped_lines_are_as_long_as_what_they_hold() -> None:
    text = f"from deftunes.cli import screen; screen.Screen().print(screen.grid(('a',), [('{'x' * 500}',)]))"
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, env=environment, cwd=PROJECT, check=True
    )
    assert "x" * 500 in done.stdout


def test_json_of_what_json_has_not() -> None:
    value = {
        "nan": float("nan"),
        "infinity": Decimal("-Infinity"),
        "price": Decimal("1.10"),
        "day": date(2020, 1, 1),
        "map": {date(2020, 1, 1): [1, (2, None)], None: True},
        "text": "é\ud83d",
    }
    assert json.loads(json_text(value)) == {
        "nan": None,
        "infinity": None,
        "price": 1.1,
        "day": "2020-01-01",
        "map": {"2020-01-01": [1, [2, None]], "None": True},
        "text": "é\ud83d",
    }
