"""What the cases put into the code has its place there, and is removed again without a trace."""

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rehearsal.cases import NEW_COLUMN, STRICT_RULE, Both, CaseError
from rehearsal.run import Dataset

PROJECT = Path(__file__).parents[3]
DATASET = Dataset("2020-02-27", "2020-02-28", 7, 0.05)


@pytest.fixture
def both(tmp_path: Path) -> Both:
    """Both targets of a checkout that has the files which cases change."""
    for path in {path for path, _, _ in (STRICT_RULE, *NEW_COLUMN)}:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / path, tmp_path / path)
    env: Any = SimpleNamespace(root=tmp_path)
    return Both(env, DATASET, lambda _: None)


def test_week_follows_the_dataset(both: Both) -> None:
    assert (str(both.week.first), str(both.week.last)) == ("2020-02-29", "2020-03-06")


def test_new_column_is_one_of_the_declaration_and_of_the_rows(both: Both) -> None:
    for each in NEW_COLUMN:
        both.insert(*each)
    texts = [(both.env.root / path).read_text() for path in dict.fromkeys(path for path, _, _ in NEW_COLUMN)]
    for text in texts:
        compile(text, "changed", "exec")
    assert [text.count("segment") for text in texts] == [2, 3]


def test_rule_is_removed_without_a_trace(both: Both) -> None:
    both.insert(*STRICT_RULE)
    changed = (both.env.root / STRICT_RULE[0]).read_text()
    both.remove(*STRICT_RULE)
    before = (PROJECT / STRICT_RULE[0]).read_text()
    assert changed.count("\n") == before.count("\n") + 1
    assert (both.env.root / STRICT_RULE[0]).read_text() == before


def test_a_text_without_its_place_is_refused(both: Both) -> None:
    with pytest.raises(CaseError, match=r"'no such rule' does not stand once in quality/sessions\.dqdl"):
        both.insert(STRICT_RULE[0], "text", "no such rule")
