"""What happens to a platform in its weeks leaves both targets alike."""

import pytest

from tests.rehearsal.aws.conftest import Rehearsal

CASES = ("late user", "failed rule", "failed build", "same window again")


@pytest.mark.parametrize("name", CASES)
def test_both_targets_hold_the_same_after(rehearsal: Rehearsal, name: str) -> None:
    [case] = [each for each in rehearsal.cases if each.name == name]
    assert case.differences == ()


def test_every_case_ran_on_both_targets(rehearsal: Rehearsal) -> None:
    assert tuple(each.name for each in rehearsal.cases) == CASES
