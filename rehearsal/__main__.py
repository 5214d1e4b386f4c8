"""`python -m rehearsal --from DAY --to DAY`: the aws target here, from `terraform apply` to the parity table.

Exit code 0 when both targets hold the same, 1 when they differ or a step failed.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from rehearsal import cases, run
from rehearsal.cases import CaseError
from rehearsal.dags import DagError
from rehearsal.environment import environment
from rehearsal.findings import findings
from rehearsal.limits import LIMITS
from rehearsal.object_store import BuildError
from rehearsal.parity import report
from rehearsal.platform import ApplyError
from rehearsal.processes import StartError


def main() -> int:
    args = arguments()
    dataset = run.Dataset(args.first, args.last, args.seed, args.scale)
    started = time.monotonic()

    def say(text: str) -> None:
        sys.stdout.write(f"  {time.monotonic() - started:6.1f} s  {text}\n")
        sys.stdout.flush()

    try:
        return rehearse(Path.cwd(), dataset, args.docs, say)
    except (ApplyError, BuildError, CaseError, DagError, StartError, run.CommandError) as error:
        sys.stderr.write(f"\n  The rehearsal stopped: {error}\n")
        return 1


def rehearse(project: Path, dataset: run.Dataset, with_docs: bool, say: run.Say) -> int:
    """Runs the window and the cases on both targets and compares them; the page goes to docs/ when asked for.

    The JSON goes to var/.
    """
    with environment(project, dataset.seed, dataset.scale, say) as env:
        say(f"{len(env.platform.resources())} resources and data sources of terraform/")
        run.on_aws(env, dataset, say)
        say("the same window on the embedded target")
        run.embedded(env, dataset)
        say("parity")
        found = run.parity(env)
        met = list(cases.run_cases(env, dataset, say))
        say("a second plan, and what roles were refused")
        trouble = findings(env)
    conditions = report.Conditions("embedded", "rehearsal", dataset.first, dataset.last, dataset.seed, dataset.scale)
    report.write(found, conditions, project / ("docs" if with_docs else "var"), project / "var", met)
    sys.stdout.write("\n" + report.page(found, conditions, met).split("## What may differ")[0])
    sys.stdout.write(
        "\nNot rehearsed:\n" + "".join(f"  {each.what}: {each.why} ({each.covered_by})\n" for each in LIMITS)
    )
    sys.stdout.write("".join(f"\nFinding: {each}\n" for each in trouble))
    is_equal = all(each.is_equal for each in found) and not any(each.differences for each in met)
    return 0 if is_equal and not trouble else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="rehearsal", description=__doc__)
    given = {name: os.environ.get(name) for name in ("FROM", "TO", "SEED", "SCALE")}
    # Days of which some rows are quarantined.
    parser.add_argument("--from", dest="first", default=given["FROM"] or "2020-01-13", help="first day")
    parser.add_argument("--to", dest="last", default=given["TO"] or "2020-01-15", help="last day, included")
    parser.add_argument("--seed", type=int, default=int(given["SEED"] or 42))
    parser.add_argument("--scale", type=float, default=float(given["SCALE"] or 1))
    parser.add_argument("--docs", action="store_true", help="write docs/parity.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
