"""The specification of the commit protocol (lake.qnt) holds, reaches all that it has, and notices a broken order.

Quint's simulator tries runs at random, the same ones each time; it proves nothing of runs that it did not try. Its
faster evaluator is a program that it would fetch from a forge, so the one in TypeScript is taken.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAKE = Path(__file__).with_name("lake.qnt")
QUINT = ROOT / ".venv/quint/node_modules/.bin/quint"
SIDE_BY_SIDE = 2

# What is broken: the promise that breaks, the seed of runs that show it, and what of the specification reads otherwise.
BROKEN: dict[str, tuple[str, int, tuple[tuple[str, str], ...]]] = {
    "a table is published before its rules": (
        "nobodyReadsWhatRulesDidNotPass",
        1,
        (('newest(copies(t)), "audit")', 'newest(copies(t)), "publish")'),),
    ),
    "a table is published before its quarantine is replaced": (
        "nothingIsLost",
        1,
        (
            ('good(jobs.refine.branch.get(t)), "quarantine")', 'good(jobs.refine.branch.get(t)), "publish")'),
            ('rejected(t), "publish")', 'rejected(t), "close")'),
            ('jobs.refine.branch.get(t), "close")', 'jobs.refine.branch.get(t), "quarantine")'),
        ),
    ),
    "a record that moved stays on its other day": (
        "nothingIsCountedTwice",
        1,
        ((" and not(r.id.in(moved))", ""),),
    ),
    "quarantine is added to, and not replaced": (
        "aRerunEndsAsACleanRun",
        1,
        (('rejected(t), "publish")', 'rejected(t).union(main(QUARANTINE.get(t)).rows), "publish")'),),
    ),
    "a state is closed before all of its tables are published": (
        "aStateIsOfOneRun",
        1,
        (("all { t != CLOSING or", "all { true or t != CLOSING or"),),
    ),
    "the closing table is tagged first": (
        "aStateIsReadable",
        1,
        (("else if (jobs.refine.done != OTHERS)", "else if (false)"),),
    ),
    "maintenance does not heed tags": (
        "aStateIsReadable",
        1,
        (("each.keys().intersect(staying)", "each.keys().intersect(Set(lake.main.get(t)))"),),
    ),
    "gold is built of main": (
        "servedIsAWholeBuildOfOneState",
        1,
        (("val source = snapshot(t, tag(t, jobs.build.state)).rows", "val source = main(t).rows"),),
    ),
    "a file is swapped in before all of it is copied": (
        "servedIsAWholeBuildOfOneState",
        1,
        (("else if (jobs.build.done != TABLES)", "else if (jobs.build.done == Set())"),),
    ),
    "a rollback does not say that it is half done": (
        "aRollbackIsWholeOrFinishes",
        1,
        (("halfDone: jobs.rollback.target }", "halfDone: 0 }"),),
    ),
    "a rollback does not keep what main held": (
        "aRollbackCanBeUndone",
        1,
        (('"mark" else "keep"', '"mark" else "mark"'),),
    ),
}


TEXT = LAKE.read_text(encoding="utf-8")
PROMISES = re.findall(r"^  val (\w+) =", TEXT, re.MULTILINE)
STEPS = sorted(set(re.findall(r'(?:commit\(|commitState\(|replace\(|last: )"(\w+)"', TEXT)) - {"init"})


def simulate(path: Path, seed: int, samples: int, steps: int, promises: list[str], *witnesses: str) -> str:
    arguments = ("--backend=typescript", f"--max-samples={samples}", f"--max-steps={steps}", f"--seed={seed}")
    seen = ("--witnesses", *witnesses) if witnesses else ()
    done = subprocess.run(
        [QUINT, "run", path, "--main=lake", *arguments, "--verbosity=1", "--invariants", *promises, *seen],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def broken(changes: tuple[tuple[str, str], ...]) -> str:
    text = TEXT
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[str]]]:
    """What the simulator says, by what is broken; two at a time."""
    folder = tmp_path_factory.mktemp("broken")
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        witnesses = [f'seen.last == "{step}"' for step in STEPS]
        started = {"nothing": pool.submit(simulate, LAKE, 7, 25, 200, PROMISES, *witnesses)}
        for number, (name, (promise, seed, changes)) in enumerate(BROKEN.items()):
            path = folder / f"{number}.qnt"
            path.write_text(broken(changes), encoding="utf-8")
            started[name] = pool.submit(simulate, path, seed, 60, 200, [promise])
        yield started


def test_promises_hold_in_runs_that_reach_every_step(runs: dict[str, Future[str]]) -> None:
    found = runs["nothing"].result()

    assert "[ok] No violation found" in found
    witnessed = dict(re.findall(r'^seen\.last == "(\w+)" was witnessed in (\d+) trace', found, re.MULTILINE))
    assert sorted(witnessed) == STEPS
    assert [step for step, traces in witnessed.items() if traces == "0"] == []


@pytest.mark.parametrize("name", BROKEN)
def test_broken_order_breaks_its_promise(runs: dict[str, Future[str]], name: str) -> None:
    assert "[violation] Found an issue" in runs[name].result()


def test_lock_has_a_sum_for_each_package_and_no_address() -> None:
    lock = json.loads(LAKE.with_name("package-lock.json").read_text(encoding="utf-8"))
    packages = [each for name, each in lock["packages"].items() if name]
    assert [each for each in packages if "integrity" not in each or "resolved" in each] == []


def test_every_promise_can_break() -> None:
    assert {promise for promise, _, _ in BROKEN.values()} == set(PROMISES)
