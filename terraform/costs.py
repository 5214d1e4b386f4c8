"""docs/aws-costs.md: every kind of resource that terraform/ makes, what one costs, and from where it can be reached.

    python3 terraform/costs.py            writes the page
    python3 terraform/costs.py --check    says whether the page is what it would write

Kinds and counts are those of Terraform's own plan, of the defaults and of everything that can be had
(tests/costs.tftest.hcl, against the mock of the provider, offline); prices are those of prices.toml. A kind without a
price, and a price without a kind, are errors. Standard library only.
"""

import json
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
PAGE = FOLDER.parent / "docs/aws-costs.md"
RUNS = ("defaults", "everything")
REACH = {
    "nothing": "nothing: it has no address",
    "vpc": "the VPC",
    "api": "AWS's API, with credentials",
    "internet": "the internet, where it asks to sign in",
}
TEXT = """\
# What AWS costs, by resource

`python3 terraform/costs.py` writes this page of Terraform's plan and of [prices.toml](../terraform/prices.toml);
`make check-terraform` holds it to them. Prices are list prices of {region} as known on {date}, in USD; a month has
{hours} hours. **Nobody was billed by them**: ask AWS's calculator before you rely on one. A `?` marks a price that is
remembered only. Assumed are one window a day of some ten thousand sessions, 20 GB in the lake, jobs of 3 to 4 minutes,
and 15 minutes of questions a day.

| USD a month | by default | with MWAA, dashboards and maintenance |
|---|---|---|
| paid whether anything runs or not | {fixed[0]} | {fixed[1]} |
| with what is used | {whole[0]} | {whole[1]} |

| resource | by default | with everything | what is paid | a month of one | reached from | page |
|---|---|---|---|---|---|---|
{rows}
"""
Prices = Mapping[str, Mapping[str, Any]]


class CostsError(Exception):
    """A kind of resource has no price, or a price has no kind; the message names them."""


def prices(text: str) -> tuple[Prices, Mapping[str, Any]]:
    """(kind -> its price, what holds for all of them)."""
    read = tomllib.loads(text)
    return (
        {kind: each for kind, each in read.items() if isinstance(each, dict)},
        {key: each for key, each in read.items() if not isinstance(each, dict)},
    )


def plans() -> dict[str, dict[str, Any]]:
    """Run -> what Terraform would make, as Terraform's own plan says it."""
    command = ["terraform", f"-chdir={FOLDER}", "test", "-json", "-verbose", "-filter=tests/costs.tftest.hcl"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode:
        answer = [each["diagnostic"]["detail"] for each in messages if each["type"] == "diagnostic"]
        raise CostsError(f"terraform test ended with {done.returncode}: {done.stderr.strip()} {'; '.join(answer)}")
    return {each["@testrun"]: each["test_plan"] for each in messages if each["type"] == "test_plan"}


def resources(plan: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(type, name) of each resource that a plan makes; no data sources."""
    for each in plan["resource_changes"]:
        if each["mode"] == "managed" and "create" in each["change"]["actions"]:
            yield each["type"], each["name"]


def count_kinds(found: Iterable[tuple[str, str]], known: Prices) -> Counter[str]:
    """Kind -> how many: by type and name where such a price stands, else by type. Raises CostsError."""
    kinds = [f"{kind}.{name}" if f"{kind}.{name}" in known else kind for kind, name in found]
    if unknown := sorted(set(kinds) - set(known)):
        raise CostsError(f"terraform/prices.toml has no price for {', '.join(unknown)}")
    return Counter(kinds)


def month(price: Mapping[str, Any]) -> float:
    return float(price.get("usd", 0)) + float(price.get("use", 0))


def page(made: Mapping[str, Counter[str]], known: Prices, conditions: Mapping[str, Any]) -> str:
    """The page. Raises CostsError for a price that nothing asks for."""
    defaults, everything = (made[run] for run in RUNS)
    if idle := sorted(set(known) - set(defaults) - set(everything)):
        raise CostsError(f"terraform/prices.toml has prices of what is not made: {', '.join(idle)}")
    fixed = [
        sum(float(known[kind].get("usd", 0)) * count for kind, count in counts.items()) for counts in made.values()
    ]
    whole = [sum(month(known[kind]) * count for kind, count in counts.items()) for counts in made.values()]
    order = sorted(known, key=lambda kind: (-month(known[kind]) * everything[kind], kind))
    return TEXT.format(
        **conditions,
        fixed=[f"{each:.0f}" for each in fixed],
        whole=[f"{each:.0f}" for each in whole],
        rows="\n".join(row(kind, known[kind], defaults[kind], everything[kind]) for kind in order),
    )


def row(kind: str, price: Mapping[str, Any], defaults: int, everything: int) -> str:
    cost = f"{month(price):.2f}" if month(price) else "0"
    mark = "" if price.get("sure", True) else " ?"
    counts = ["many" if count and price.get("many") else str(count) for count in (defaults, everything)]
    cells = (kind, *counts, price["paid"], f"{cost}{mark}", REACH[price["reach"]], price["page"])
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> int:
    known, conditions = prices((FOLDER / "prices.toml").read_text(encoding="utf-8"))
    try:
        made = {run: count_kinds(resources(plan), known) for run, plan in plans().items()}
        text = page(made, known, conditions)
    except CostsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if "--check" in sys.argv[1:]:
        if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
            return 0
        sys.stderr.write("docs/aws-costs.md is of another plan or other prices: python3 terraform/costs.py\n")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(f"  {PAGE.relative_to(FOLDER.parent)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
