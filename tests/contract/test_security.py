"""SECURITY.md names tests that are there and every test of attacks on dashboards, and nothing secret is tracked."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
TESTS = set(re.findall(r"`(tests/[\w/.]+)`", PAGE))


def test_every_named_test_exists_and_holds_a_test() -> None:
    assert len(TESTS) >= 7
    assert [path for path in TESTS if not path.endswith(".py") or "def test_" not in (ROOT / path).read_text()] == []


def test_tables_of_attacks_name_a_test_in_each_row() -> None:
    tables = re.findall(r"^\| attack \| tested in \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE + "\n", re.MULTILINE)
    rows = [row for table in tables for row in table.splitlines()]
    assert rows
    assert [row for row in rows if "`tests/" not in row] == []


def test_page_is_linked_from_where_people_start() -> None:
    for name in ("README.md", "docs/architecture.md", "docs/dashboards.md", "CONTRIBUTING.md"):
        assert "SECURITY.md)" in (ROOT / name).read_text(encoding="utf-8"), name


def test_nothing_that_is_ignored_is_in_the_repository() -> None:
    """Secrets, state and environments are ignored; `git add --force` or a rule that came later would let them in."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 128 or done.stdout == ""  # 128: an archive of the project, and no repository
