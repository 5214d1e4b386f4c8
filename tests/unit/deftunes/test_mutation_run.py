"""What a run of mutants came to, and that what it changes and runs is there."""

import pytest

from tests.checkout import PROJECT
from tests.mutation_run import PARTS, table


def test_every_mutant_that_no_test_noticed_is_named_below_the_counts() -> None:
    outcomes = [
        ("spark_jobs.pages.x_count__mutmut_1", "killed"),
        ("spark_jobs.pages.x_count__mutmut_2", "survived"),
        ("spark_jobs.pages.x_count__mutmut_3", "killed"),
        ("spark_jobs.lake.landing.xǁLandingǁwrite__mutmut_1", "timeout"),
        ("spark_jobs.lake.landing.xǁLandingǁwrite__mutmut_2", "not checked"),
    ]

    assert table(outcomes).split("\n") == [
        "spark_jobs.lake.landing                       1 not checked, 1 timeout",
        "spark_jobs.pages                              2 killed, 1 survived",
        "  survived   spark_jobs.pages.x_count__mutmut_2",
        "  timeout    spark_jobs.lake.landing.xǁLandingǁwrite__mutmut_1",
        "",
    ]


@pytest.mark.parametrize("name", PARTS)
def test_what_a_part_changes_and_the_tests_that_are_to_notice_are_there(name: str) -> None:
    part = PARTS[name]

    assert [pattern for pattern in part.changed if not list(PROJECT.glob(pattern))] == []
    assert [path for path in part.tests if not (PROJECT / path).is_file()] == []
