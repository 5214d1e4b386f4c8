"""What tests reach is measured in programs that get no variable of ours, and in none but while they are measured."""

import os
import subprocess
import venv
from pathlib import Path

import coverage
import pytest

from tests.coverage_run import least_covered, programs_measured

PROGRAM = """
import os
def is_reached():
    os._exit(0)
def is_not():
    return 1
is_reached()
"""


@pytest.fixture
def environments(tmp_path: Path) -> Path:
    """One environment, whose coverage.py is the tests' own."""
    venv.create(tmp_path / ".venv/one", symlinks=True)
    package = Path(coverage.__file__).parent
    (tmp_path / f".venv/one/lib/python3.11/site-packages/{package.name}").symlink_to(package)
    return tmp_path / ".venv"


def run_program(environments: Path, folder: Path) -> Path:
    """Runs PROGRAM as a module of a checkout elsewhere, without any variable; returns its path."""
    program = folder / "deftunes/program.py"
    program.parent.mkdir()
    program.write_text(PROGRAM)
    subprocess.run([environments / "one/bin/python", "-I", program], env={}, check=True)
    return program


@pytest.mark.slow
def test_a_program_without_variables_is_measured_also_when_it_ends_at_once(environments: Path, tmp_path: Path) -> None:
    with programs_measured(environments, tmp_path / "measured", os.getpid()):
        program = run_program(environments, tmp_path)
    result = coverage.Coverage(str(tmp_path / "measured"), config_file=False)
    result.combine([str(tmp_path)])
    assert sorted(result.get_data().lines(str(program)) or []) == [2, 3, 4, 5, 7]
    assert list(environments.rglob("measured.pth")) == []


@pytest.mark.slow
def test_nothing_is_measured_when_what_wanted_it_has_died(environments: Path, tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    with programs_measured(environments, tmp_path / "measured", ended.pid):
        run_program(environments, tmp_path)
    assert list(tmp_path.glob("measured*")) == []


def test_table_ends_with_the_total_whatever_files_it_leaves_out() -> None:
    files = [f"{name}.py 10 {missed} 0 0 {10 * (10 - missed)}%" for name, missed in (("a", 9), ("b", 5), ("c", 1))]
    heading, line, total = "Name Stmts Miss Branch BrPart Cover", "-" * 40, "TOTAL 30 15 0 0 50%"
    table = "\n".join([heading, line, *files, line, total, "", "3 files skipped due to complete coverage.", ""])

    assert least_covered(table, 2).splitlines() == [heading, line, *files[:2], line, total]
