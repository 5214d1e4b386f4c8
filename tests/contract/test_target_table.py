"""docs/targets.md says what targets/ says: every key that differs, with its reason."""

from pathlib import Path

import pytest

from deftunes import target, target_table
from deftunes.target_table import TargetTableError

ROOT = Path(__file__).parents[2]


def checkout(root: Path, embedded: str, aws: str) -> Path:
    (root / "targets").mkdir()
    for name, text in {"embedded": embedded, "aws": aws}.items():
        (root / f"targets/{name}.env").write_text(text)
        (root / f"targets/{name}.spark.conf").write_text("spark.a  1\n")
    return root


def test_the_page_is_that_of_the_files() -> None:
    page = (ROOT / "docs/targets.md").read_text(encoding="utf-8")
    assert page == target_table.page(ROOT), "targets/ changed: make docs-targets"


def test_the_page_has_every_key_once() -> None:
    page = target_table.page(ROOT)
    keys = [*target.KEYS, *target.load("embedded", ROOT, {}).spark_conf]
    assert {key: page.count(f"`{key}`") for key in keys} == dict.fromkeys(keys, 1)


def test_a_row_has_a_value_a_target_and_the_comment_above_its_key(tmp_path: Path) -> None:
    root = checkout(tmp_path, "# a head\n\n# Files need | no store,\n# so far.\nA=1\nB=2\n\nC=3\n", "A=4\nB=2\nC=3\n")

    assert "| key | embedded | aws | why |" in target_table.page(root)
    assert "| `A` | `1` | `4` | Files need \\| no store, so far. |" in target_table.page(root)
    assert "The same in all of them: `B`, `C`." in target_table.page(root)


def test_a_comment_speaks_for_its_paragraph_only() -> None:
    text = "# one\nA=1\nB=2\n# two\nC=3\n\nD=4\n"
    assert target_table.reasons(text, "=") == {"A": "one", "B": "one", "C": "two", "D": ""}


def test_a_key_that_differs_without_a_reason_is_named(tmp_path: Path) -> None:
    root = checkout(tmp_path, "A=1\n", "A=2\n")
    with pytest.raises(TargetTableError, match=r"targets/embedded.env: A differs .* write a comment above it"):
        target_table.page(root)


def test_a_list_of_jars_is_shown_as_their_number() -> None:
    value = "${ROOT}/var/jars/a-1.0.jar:${ROOT}/var/jars/b_2.12-1.10.1.jar"
    assert target_table.format_value(value) == "`2 jars of var/jars`"
