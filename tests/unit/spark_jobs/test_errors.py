"""Errors nobody foresaw: the one line of a trace that says what a person needs."""

import pytest

from spark_jobs import main

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
