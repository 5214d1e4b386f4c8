"""The windows of one run: each refined in turn, gold once; and the target it runs on."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from deftunes import target
from deftunes.run.pipeline import Pipeline, RunRequest, pipeline
from deftunes.run.runner import Progress, StepFailedError
from deftunes.run.steps import REFINING, SERVING, STEPS, Step
from deftunes.services import lifecycle
from deftunes.services.mock_source import MockSource
from mock_api.songs import SCHEMA
from spark_jobs.lake.source_identity import SourceIdentity
from spark_jobs.problem import Problem
from spark_jobs.window import Window
from tests.checkout import PROJECT

DAYS = tuple(Window(day, day) for day in (date(2020, 1, 1) + timedelta(days=n) for n in range(3)))
Part = tuple[str, tuple[Step, ...]]


def ran(windows: tuple[Window, ...], breaks: Callable[[Part], bool] = lambda part: False) -> list[Part]:
    """The parts that were begun, in order, when those that `breaks` names fail."""
    parts: list[Part] = []

    class Line(Pipeline):
        def run_window(self, window: Window, progress: Any, steps: tuple[Step, ...] = STEPS) -> list[Progress]:
            parts.append((str(window), steps))
            if breaks(parts[-1]):
                raise StepFailedError(steps[0], Problem(str(window), "where", "value", "way out"))
            return []

    nothing = cast("Any", None)
    try:
        Line(nothing, nothing, None, nothing).run_windows(windows, lambda title, act: act(lambda shown: None))
    except StepFailedError as failed:
        parts.append((failed.problem.what, ()))
    return parts


def test_one_window_is_one_part() -> None:
    assert ran(DAYS[:1]) == [("2020-01-01", STEPS)]


def test_gold_is_built_once_of_all_windows() -> None:
    days = [(str(day), REFINING) for day in DAYS]
    assert ran(DAYS) == [*days, ("2020-01-01 to 2020-01-03", SERVING)]


@pytest.mark.parametrize("is_gold_broken", [False, True])
def test_gold_is_built_of_the_windows_before_the_one_that_failed(is_gold_broken: bool) -> None:
    def breaks(part: Part) -> bool:
        return part[0] == "2020-01-03" or (is_gold_broken and part[1] == SERVING)

    refined = [(str(day), REFINING) for day in DAYS]
    assert ran(DAYS, breaks) == [*refined, ("2020-01-01 to 2020-01-02", SERVING), ("2020-01-03", ())]


def test_nothing_is_built_when_the_first_window_failed() -> None:
    assert ran(DAYS, lambda part: part[0] == "2020-01-01") == [("2020-01-01", REFINING), ("2020-01-01", ())]


@pytest.mark.parametrize("due", [[], ["users", "ops"]])
def test_only_tables_that_are_due_are_maintained_and_a_failure_is_no_failure_of_the_run(
    monkeypatch: pytest.MonkeyPatch, due: list[str]
) -> None:
    maintained: list[str] = []

    def run_window(window: Window, progress: Any, steps: tuple[Step, ...]) -> list[Progress]:
        maintained.extend(step.name for step in steps)
        raise StepFailedError(steps[0], Problem("The disk is full", "here", "0 bytes", "free space"))

    monkeypatch.setattr("deftunes.run.pipeline.open_catalog", lambda _: None)
    monkeypatch.setattr("deftunes.run.pipeline.due_tables", lambda *_: due)
    line = Pipeline(PROJECT, cast(Any, SimpleNamespace(target=None)), None, cast(Any, None))
    monkeypatch.setattr(line, "run_window", run_window)
    done, problem = line.maintain_where_due(lambda title, act: act(lambda progress: None))
    assert (done, maintained) == ([], [f"maintain {table}" for table in due])
    assert (problem is not None) == bool(due)


def test_a_pipeline_starts_the_target_it_was_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """dbt at work for another checkout of this process has its CATALOG_URI in the environment meanwhile."""

    class StartedError(Exception):
        pass

    def up(wanted: target.Target, *_: object) -> None:
        raise StartedError(wanted["CATALOG_URI"])

    shutil.copytree(PROJECT / "targets", tmp_path / "targets")
    (tmp_path / "var/run").mkdir(parents=True)
    wanted = target.load("embedded", tmp_path, {"CATALOG_PORT": "8181"})
    monkeypatch.setattr(lifecycle, "up", up)
    monkeypatch.setenv("CATALOG_URI", "http://127.0.0.1:1")
    with (
        pytest.raises(StartedError, match=r"127\.0\.0\.1:8181$"),
        pipeline(wanted, RunRequest((), 42, 1.0, None), lambda message: None),
    ):
        pass


def test_columns_of_the_songs_file_that_are_not_declared_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(PROJECT / "targets", tmp_path / "targets")
    (tmp_path / "var/run").mkdir(parents=True)
    csv, messages = tmp_path / "songs.csv", list[str]()
    csv.write_text(f"{','.join(SCHEMA.names)},genre,mood\n")
    wanted = target.load("embedded", tmp_path, {})
    monkeypatch.setattr(lifecycle, "up", lambda *_: SimpleNamespace(target=wanted))
    for name in ("open_catalog", "check_tables", "gold_settings"):
        monkeypatch.setattr(f"deftunes.run.pipeline.{name}", lambda *_: None)
    with suppress(IndexError), pipeline(wanted, RunRequest((), 42, 1.0, csv), messages.append):  # no worker was started
        pass
    assert messages[1:] == [f"{csv}: columns 'genre', 'mood' are not declared and are left out"]


def test_other_sources_are_refused_before_ours_are_loaded_with_other_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class StartedError(Exception):
        pass

    def up(*_: object) -> None:
        raise StartedError

    shutil.copytree(PROJECT / "targets", tmp_path / "targets")
    (tmp_path / "var/run").mkdir(parents=True)
    wanted = target.load("embedded", tmp_path, {})
    monkeypatch.setattr(lifecycle, "up", up)
    csv = tmp_path / "songs.csv"
    for kind in ("api", "postgres"):
        SourceIdentity(wanted["LANDING_URI"], kind, MockSource(42, 1.0, csv).identity()).record()

    def run(request: RunRequest, **given: str) -> None:
        with pipeline(target.load("embedded", tmp_path, given), request, lambda message: None):
            pass

    for request, given in (
        (RunRequest((), 43, 1.0, csv), {}),
        (RunRequest((), 42, 0.5, csv), {}),
        (RunRequest((), 42, 1.0, None), {}),
        (RunRequest((), 42, 1.0, csv), {"API_URL": "http://shop.example"}),
        (RunRequest((), 42, 1.0, csv), {"SOURCE_DSN": "postgresql://me@shop.example/songs"}),
    ):
        with pytest.raises(Problem, match=r"another source.*ACCEPT_SOURCES=1"):
            run(request, **given)
        with pytest.raises(StartedError):
            run(replace(request, accept_sources=True), **given)
    with pytest.raises(StartedError):
        run(RunRequest((), 42, 1.0, csv))
