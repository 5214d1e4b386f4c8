"""Errors nobody foresaw: the one line of a trace that says what a person needs."""

import os
from pathlib import Path

import pytest

from spark_jobs import main
from spark_jobs.problem import Problem, line_of_code

ARGV = [
    "refine",
    "--table",
    "songs",
    "--from",
    "2020-01-01",
    "--to",
    "2020-01-01",
    "--landing-uri",
    "s3://lake/landing",
]
CALL = "An error occurred while calling o52.sql.\n: "
LOST = "org.apache.iceberg.exceptions.NotFoundException: Damaged table metadata"
DENIED = "software.amazon.awssdk.services.s3.model.S3Exception: Access Denied. (Service: S3, Status Code: 403)"


@pytest.mark.parametrize(
    ("text", "what", "value"),
    [
        (f"{CALL}{DENIED}\n\tat software.S3Exception.build", "The job lacks a permission", DENIED),
        (f"{CALL}java.X: job aborted\n\tat a.B\nCaused by: java.Y: {DENIED}", "The job lacks a permission", "java.Y"),
        ("When getting s3://lake/x: AWS Error ACCESS_DENIED", "The job lacks a permission", "s3://lake/x"),
        (
            f"{CALL}java.X: aborted\nCaused by: java.io.IOException: No space left on device",
            "The disk is full",
            "IOExc",
        ),
        (
            f"{CALL}java.X: aborted\n\tat a.B\nCaused by: java.Y: one\nCaused by: java.Z: two",
            "The job broke",
            "java.Z: two",
        ),
        (f"{CALL}java.X: aborted\n\tat a.B", "The job broke", "RuntimeError: java.X: aborted"),
        (f"{CALL}{'x' * 400} Access Denied", "The job lacks a permission", "xxx"),
        (
            f"{CALL}java.X: aborted\nCaused by: {LOST}: file:/w/deftunes_silver/users/metadata/1-a.metadata.json",
            "A file of table deftunes_silver.users is missing or damaged",
            "NotFoundException",
        ),
        (
            f"{CALL}java.X: s3://lake/w/deftunes_ops/runs/data/1-a.parquet is not a Parquet file. Expected magic",
            "A file of table deftunes_ops.runs is missing or damaged",
            "is not a Parquet file",
        ),
        (
            f"{CALL}java.io.FileNotFoundException: File file:/w/deftunes_silver/songs/data/a.parquet does not exist",
            "A file of table deftunes_silver.songs is missing or damaged",
            "does not exist",
        ),
        (
            f"{CALL}java.X: no\nCaused by: Invalid update timestamp 2020-01-01: before last snapshot log entry at 2",
            "This machine's clock is behind the last commit to a table: it was set back, or had run ahead",
            "Invalid update timestamp 2020-01-01: before last snapshot log entry at 2",
        ),
        ("plain words\nand more", "The job broke", "plain words"),
        ("", "The job broke", "RuntimeError"),
    ],
)
def test_problem_has_the_line_that_says_most(text: str, what: str, value: str) -> None:
    def broken() -> None:
        raise RuntimeError(text)

    problem = main.run(ARGV, broken)["problem"]  # type: ignore[arg-type]
    assert problem["what"] == what
    assert value in problem["value"]
    assert "\n" not in problem["value"]


def test_lost_file_of_a_table_is_the_place() -> None:
    def broken() -> None:
        raise RuntimeError(f"{CALL}{LOST}: file:/lake/w/deftunes_silver/users/metadata/1-a.metadata.json\n\tat a.B")

    assert main.run(ARGV, broken)["problem"]["where"] == "file:/lake/w/deftunes_silver/users/metadata/1-a.metadata.json"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("def songs(landed):\n    return landed.x\n\nsongs(None)\n", "line 2: return landed.x"),
        ("def songs(landed::):\n    return landed\n", "line 1: def songs(landed::):"),
        ("from spark_jobs.window import Window\nWindow.parse('x', 'y')\n", "line 2: Window.parse('x', 'y')"),
    ],
)
def test_error_names_the_innermost_line_of_the_folder(text: str, line: str, tmp_path: Path) -> None:
    file = tmp_path / "silver" / "songs.py"
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises((AttributeError, SyntaxError, Problem)) as caught:
        exec(compile(text, file, "exec"), {})
    assert line_of_code(caught.value, "/silver/") == f"{os.path.relpath(file)}, {line}"
    assert line_of_code(caught.value, "/gold/") == ""
