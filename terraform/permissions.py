"""terraform/permissions.md: who may do what, read from the policy documents of the modules.

`python3 terraform/permissions.py` writes it anew; tests/contract/test_terraform_policies.py holds it
to the code. The reader knows terraform fmt's layout: a block of depth n ends at a brace indented by
2n blanks. Standard library only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TERRAFORM = Path(__file__).resolve().parent
HEAD = """# Who may do what

Every statement of every policy, as `python3 terraform/permissions.py` reads it from the modules.
A change of a policy is a change of this page.
Every resource `*` has its reason in `tests/contract/test_terraform_policies.py`.

| where | statement | actions | on | if |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Statement:
    """One statement. `document` is folder.name; resources and principals are HCL, as written."""

    document: str
    sid: str
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[str, ...]
    conditions: tuple[str, ...]

    def row(self) -> str:
        actions = ", ".join(f"`{action}`" for action in self.actions)
        resources = ", ".join(f"`{resource}`" for resource in self.resources) or "the role itself"
        who = f"for {', '.join(f'`{each}`' for each in self.principals)}" if self.principals else ""
        conditions = "; ".join(part for part in (who, *(f"`{each}`" for each in self.conditions)) if part)
        denies = "**denies** " if self.effect == "Deny" else ""
        return f"| {self.document} | {self.sid} | {denies}{actions} | {resources} | {conditions} |\n"


def statements(folder: Path = TERRAFORM) -> list[Statement]:
    """Every statement below the folder, in the order of files and lines."""
    paths = sorted(path for path in folder.rglob("*.tf") if ".terraform" not in path.parts)
    return [each for path in paths for each in in_text(path.parent.name, path.read_text(encoding="utf-8"))]


def in_text(where: str, text: str) -> Iterator[Statement]:
    for name, document in blocks(text, r'data "aws_iam_policy_document" "(\w+)"', 0):
        for _, body in blocks(document, "(statement)", 1):
            yield Statement(
                f"{where}.{name}",
                next(iter(quoted(attribute(body, "sid", 2))), ""),
                next(iter(quoted(attribute(body, "effect", 2))), "Allow"),
                quoted(attribute(body, "actions", 2)),
                elements(attribute(body, "resources", 2)),
                tuple(
                    p for _, each in blocks(body, "(principals)", 2) for p in quoted(attribute(each, "identifiers", 3))
                ),
                tuple(condition(each) for _, each in blocks(body, "(condition)", 2)),
            )


def blocks(text: str, head: str, depth: int) -> Iterator[tuple[str, str]]:
    """(label, body) of each block with this head at this depth."""
    indent = "  " * depth
    pattern = re.compile(rf"^{indent}{head} \{{\n(.*?)^{indent}\}}$", re.MULTILINE | re.DOTALL)
    yield from ((match[1], match[2]) for match in pattern.finditer(text))


def attribute(body: str, name: str, depth: int) -> str:
    """The text of an attribute's value, on one line or over several; empty when it is not set."""
    indent = "  " * depth
    match = re.search(rf"^{indent}{name} *= (\[\n.*?^{indent}\]|[^\n]*)", body, re.MULTILINE | re.DOTALL)
    return match[1] if match else ""


def quoted(value: str) -> tuple[str, ...]:
    return tuple(re.findall(r'"([^"]*)"', value))


def elements(value: str) -> tuple[str, ...]:
    """The elements of a list as written, without quotes; a `for` or another expression is one element."""
    inner = value.strip().removeprefix("[").removesuffix("]").strip()
    if value.strip().startswith("[for ") or not value.strip().startswith("["):
        return (value.strip(),) if value.strip() else ()
    return tuple(part.strip().strip('"') for part in re.split(r",\s*(?![^{]*\})", inner) if part.strip())


def condition(body: str) -> str:
    values = ", ".join(elements(attribute(body, "values", 3)))
    return f"{quoted(attribute(body, 'variable', 3))[0]} {quoted(attribute(body, 'test', 3))[0]} {values}"


def page(found: list[Statement]) -> str:
    return HEAD + "".join(statement.row() for statement in found)


if __name__ == "__main__":
    (TERRAFORM / "permissions.md").write_text(page(statements()), encoding="utf-8")
