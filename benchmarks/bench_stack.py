"""Figures of the stack of containers: how soon it is healthy, what it takes, how long a day is; in its own project.

`python benchmarks/bench_stack.py`. Images must be built (`make images`). The table is printed and kept, with versions
and machine, under benchmarks/results.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from benchmarks.bench import Figures, keep  # noqa: E402  the project is found by the line above
from tests.containers import PLAIN, Stack, free_ports  # noqa: E402

REST_S = 60  # after this long nobody is busy with starting any more
DAY, NEXT_DAY = "2020-01-01", "2020-01-02"


def main() -> None:
    own = {"COMPOSE_PROJECT_NAME": "deftunes-bench", "SCHEDULE_FROM": "2100-01-01", "SEED": "42", "SCALE": "1"}
    stack = Stack({**PLAIN, **own, **free_ports()})
    stack.compose("down", "--volumes", "--remove-orphans")
    try:
        figures = [*sizes(stack), *starts(stack), *memory(stack), *day(stack)]
    finally:
        stack.compose("down", "--volumes", "--remove-orphans")
    keep("stack", figures)


def sizes(stack: Stack) -> Figures:
    images = sorted(set(stack.compose("config", "--images").split()))
    found = []
    for image in images:
        done = subprocess.run(["docker", "inspect", "--format", "{{.Size}}", image], capture_output=True, check=True)
        found.append((f"image {image}", f"{int(done.stdout) / 1e9:.2f} GB", ""))
    return found


def starts(stack: Stack) -> Figures:
    """Time until all is healthy: with nothing in it, and with what an earlier start left."""
    first_core = seconds_up(stack, "core")
    stack.compose("down")
    core = seconds_up(stack, "core")
    stack.compose("down", "--volumes")
    first_full = seconds_up(stack, "full")
    stack.compose("down")
    full = seconds_up(stack, "full")
    return [
        ("core healthy, first start", f"{first_core:.0f} s", "30 s"),
        ("core healthy, again", f"{core:.0f} s", "30 s"),
        ("everything healthy, first start", f"{first_full:.0f} s", "90 s"),
        ("everything healthy, again", f"{full:.0f} s", "90 s"),
    ]


def seconds_up(stack: Stack, profile: str) -> float:
    started = time.monotonic()
    core = stack.compose("config", "--services", profiles=()).split()
    stack.compose("up", "--detach", "--wait", "--no-build", *(core if profile == "core" else []), timeout_s=600)
    return time.monotonic() - started


def memory(stack: Stack) -> Figures:
    """What each container holds when nothing goes on, and all of them together."""
    time.sleep(REST_S)
    ids = stack.compose("ps", "--quiet").split()
    form = ["--no-stream", "--format", '{"name": "{{.Name}}", "memory": "{{.MemUsage}}"}']
    output = subprocess.run(["docker", "stats", *form, *ids], capture_output=True, text=True, check=True).stdout
    used = {each["name"]: megabytes(each["memory"].split(" / ")[0]) for each in map(json.loads, output.splitlines())}
    rows = [(f"memory at rest, {name}", f"{size:.0f} MB", "") for name, size in sorted(used.items())]
    return [*rows, ("memory at rest, all", f"{sum(used.values()) / 1000:.2f} GB", "5 GB")]


def megabytes(output: str) -> float:
    for unit, factor in (("GiB", 1073.74), ("MiB", 1.04858), ("KiB", 0.001024), ("B", 1e-6)):
        if output.endswith(unit):
            return float(output.removesuffix(unit)) * factor
    raise ValueError(f"{output} is no size")


def day(stack: Stack) -> Figures:
    """Scale 1, the second of two days: each task, and from the triggers to the published file."""
    stack.sign_in()
    stack.load((DAY, DAY))
    started = time.monotonic()
    runs = {dag: stack.trigger(dag, NEXT_DAY, NEXT_DAY) for dag in ("deftunes_songs", "deftunes_api")}
    for dag, run in runs.items():
        stack.outcome(dag, run)
    runs["deftunes_serving"] = stack.served_since([runs["deftunes_api"]])["dag_run_id"]
    whole = time.monotonic() - started
    tasks = [(name, each) for dag, run in runs.items() for name, each in stack.tasks(dag, run).items()]
    rows = [(f"one day, task {name}", f"{each['duration']:.1f} s", "") for name, each in tasks]
    return [*rows, ("one day, from the trigger to the served file", f"{whole:.0f} s", "")]


if __name__ == "__main__":
    main()
