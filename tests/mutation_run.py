"""Whether tests notice wrong code: mutmut changes one place after the other and runs the tests that reach it.

`python -m tests.mutation_run PART MINUTES EVERY [NAME]` works in a copy of the project, var/mutation, stops after so
many minutes, and prints for each module how many mutants the tests killed, and each one that they did not. EVERY 5
takes each fifth mutant of a file, NAME those of that name or pattern, as "spark_jobs.pages.*". Mutants are forked from
a process whose Spark session is warm.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.checkout import PROJECT, checkout

PLACE = PROJECT / "var/mutation"
PROGRAM = PROJECT / ".venv/spark/bin/mutmut"
UNIT = "tests/unit/spark_jobs/test_"


@dataclass(frozen=True)
class Part:
    """What is changed, the tests that are to notice, and which of these."""

    changed: tuple[str, ...]
    tests: tuple[str, ...]
    chosen: tuple[str, ...] = ()


PARTS = {
    "landing": Part(
        tuple(f"spark_jobs/{name}.py" for name in ("pages", "page_cutter", "land", "lake/landing")),
        tuple(f"{UNIT}{name}.py" for name in ("pages", "land", "landing")),
        ("-m", "not slow", "-k", "not hostile and not large_page"),  # megabytes, which a lost bound would not end
    ),
    "silver": Part(
        ("spark_jobs/silver/*.py", "spark_jobs/silver/transforms/*.py", "spark_jobs/rules.py", "spark_jobs/audit.py"),
        tuple(f"{UNIT}{name}.py" for name in ("declarations", "sessions", "songs", "users", "rules", "audit")),
    ),
}
# A busy machine is no endless loop: a mutant has half a minute and fifteen times what its tests take.
SETTINGS = """
[tool.mutmut]
source_paths = ["spark_jobs"]
only_mutate = {changed}
also_copy = ["deftunes", "mock_api", "quality", "rehearsal", "requirements", "targets"]
pytest_add_cli_args = {arguments}
pytest_add_cli_args_test_selection = {tests}
timeout_constant = 2.0
"""
STATUS = re.compile(r"^    (\S+): ([a-z ]+)$", re.MULTILINE)
NOTICED = "killed"


def main() -> None:
    name, minutes, every, *names = sys.argv[1:]
    part = PARTS[name]
    prepare(part)
    os.chdir(PLACE)  # where mutmut has its settings, also while it is imported
    mutate(float(minutes) * 60, names or sample(part, int(every)))
    result = subprocess.run([PROGRAM, "results", "--all", "true"], capture_output=True, text=True, check=True)
    sys.stdout.write(table(STATUS.findall(result.stdout)))


def prepare(part: Part) -> None:
    """The copy, and below it mutmut's own, which tests take for the project: both see the environments and jars."""
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True, mode=0o700)
    checkout(PLACE)
    for name in ("tests", "rehearsal"):
        shutil.copytree(PROJECT / name, PLACE / name, ignore=shutil.ignore_patterns("__pycache__"))
    arguments = ["-p", "tests.forked_spark", *part.chosen]
    settings = SETTINGS.format(changed=list(part.changed), arguments=arguments, tests=list(part.tests))
    (PLACE / "pyproject.toml").write_text((PROJECT / "pyproject.toml").read_text(encoding="utf-8") + settings)
    mutants = PLACE / "mutants"
    (mutants / "var").mkdir(parents=True)
    (mutants / ".venv").symlink_to(PROJECT / ".venv")
    (mutants / "var/jars").symlink_to(PROJECT / "var/jars")


def sample(part: Part, every: int) -> list[str]:
    """The names of each so manieth mutant of a file; none if all are meant."""
    if every == 1:
        return []
    from mutmut.mutation.file_mutation import mutate_file_contents
    from mutmut.utils.format_utils import get_mutant_name

    found = []
    for path in (path for pattern in part.changed for path in sorted(Path().glob(pattern))):
        mutants = mutate_file_contents(str(path), path.read_text(encoding="utf-8")).mutant_names
        found += [get_mutant_name(path, mutant) for mutant in mutants[::every]]
    return found


def mutate(patience_s: float, names: Iterable[str]) -> None:
    """Runs mutmut until it is done or its time is over; what it found until then is kept."""
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}
    process = subprocess.Popen([PROGRAM, "run", "--max-children", "1", *names], env=environment, start_new_session=True)
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        sys.stdout.write("\nThe time is over.\n")
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # with its JVM
        process.wait()


def table(outcomes: Iterable[tuple[str, str]]) -> str:
    """For each module how many mutants ended how, then the names of those that no test noticed."""
    counts, unnoticed = defaultdict[str, Counter[str]](Counter), list[str]()
    for name, status in outcomes:
        counts[name.rpartition(".")[0]][status] += 1
        if status not in (NOTICED, "not checked"):
            unnoticed.append(f"  {status:<10} {name}")
    unnoticed.sort()
    lines = [
        f"{module:<45} {', '.join(f'{number} {status}' for status, number in sorted(found.items()))}"
        for module, found in sorted(counts.items())
    ]
    return "\n".join((*lines, *unnoticed, ""))


if __name__ == "__main__":
    main()
