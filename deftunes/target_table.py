"""docs/targets.md: what differs between the targets, and why, read from targets/.

`python -m deftunes.target_table` (make docs-targets) writes it; tests/contract/test_target_table.py holds the page to
the files. The reason of a key is the comment above it in the files of the embedded target: a comment speaks for the
keys below it, up to an empty line or the next comment.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from deftunes import target

FIRST = "embedded"
ORDER = (FIRST, "compose", "aws")  # then any others, by name
HEAD = """# What differs between the targets, and why

Written by `make docs-targets` from `targets/*.env` and `targets/*.spark.conf`: do not edit it by hand. The reason is
the comment above the key in the files of the embedded target. `${ROOT}` is the checkout, `after-apply` a value that
[Terraform writes](decisions/0020-what-terraform-knows-is-written-after-apply.md), `by-glue` a setting of Glue's own,
`none` a part that the target has not.
"""
JARS = re.compile(r"(?:\$\{ROOT\}/var/jars/[\w.-]+\.jar:?)+")


class TargetTableError(Exception):
    """A key differs between the targets and no comment says why; the message names file, key and way out."""


def page(root: Path) -> str:
    """The whole page. Raises TargetTableError, and TargetError for a file that cannot be read."""
    return f"{HEAD}\n## Values\n\n{section(root, '.env', '=')}\n## Spark\n\n{section(root, '.spark.conf', None)}"


def section(root: Path, suffix: str, separator: str | None) -> str:
    """A table of the keys that differ, a row each, and a sentence with the others."""
    values = texts_of_targets(root, suffix, separator)
    why = reasons((root / f"targets/{FIRST}{suffix}").read_text(encoding="utf-8"), separator)
    differing = [key for key in values[FIRST] if len({each.get(key, "") for each in values.values()}) > 1]
    if unexplained := [key for key in differing if not why.get(key)]:
        raise TargetTableError(
            f"targets/{FIRST}{suffix}: {unexplained[0]} differs between the targets and nothing says why: "
            "write a comment above it"
        )
    same = [f"`{key}`" for key in values[FIRST] if key not in differing]
    rows = [
        [
            f"`{key}`",
            *(format_value(each.get(key, "")) for each in values.values()),
            explain(why[key], before and why[before]),
        ]
        for before, key in zip([None, *differing], differing, strict=False)
    ]
    lines = [["key", *values, "why"], ["---"] * (len(values) + 2), *rows]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return f"{table}\nThe same in all of them: {', '.join(same) or 'nothing'}.\n"


def texts_of_targets(root: Path, suffix: str, separator: str | None) -> dict[str, Mapping[str, str]]:
    """Target -> key -> the text in its file; the embedded target first, then by name."""
    names = [path.name.removesuffix(suffix) for path in sorted((root / "targets").glob(f"*{suffix}"))]
    names.sort(key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
    return {
        name: {key: value for _, key, value in target.pairs(root / f"targets/{name}{suffix}", separator)}
        for name in names
    }


def reasons(text: str, separator: str | None) -> dict[str, str]:
    """Key -> the comment that speaks for it, its lines joined."""
    found: dict[str, str] = {}
    comment: list[str] = []
    after_key = False
    for line in text.splitlines():
        if line.startswith("#"):
            comment = [*([] if after_key else comment), line.lstrip("# ").strip()]
            after_key = False
        elif not line.strip():
            comment, after_key = [], False
        else:
            found[line.split(separator, 1)[0].strip()] = " ".join(comment)
            after_key = True
    return found


def explain(reason: str, before: str | None) -> str:
    """The reason, once for rows that share it."""
    return "as above" if reason == before else reason.replace("|", "\\|")


def format_value(value: str) -> str:
    """The value as code; a list of jars as their number, for their names are long and stand in requirements/."""
    short = JARS.sub(lambda jars: f"{jars[0].count('.jar')} jars of var/jars", value)
    return f"`{short}`" if short else ""


if __name__ == "__main__":
    checkout = Path(__file__).resolve().parent.parent
    (checkout / "docs/targets.md").write_text(page(checkout), encoding="utf-8")
    sys.stdout.write("  docs/targets.md\n")
