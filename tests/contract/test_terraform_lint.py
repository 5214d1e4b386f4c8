"""What tflint's rules for the Terraform language find, by their names there, in our layout (terraform fmt's).

tests/contract/test_terraform_files.py has the others: documented_variables, documented_outputs, typed_variables,
unused_declarations, required_version. Its rules for AWS check names of types and sizes, which our variables'
validations do; terraform validate knows deprecated syntax that does not plan.
"""

import re
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

TERRAFORM = Path(__file__).parents[2] / "terraform"
FILES = sorted(path for path in TERRAFORM.rglob("*.tf") if ".terraform" not in path.parts)
FOLDERS = sorted({path.parent for path in FILES})
HOME = {"variable": "variables.tf", "output": "outputs.tf", "terraform": "versions.tf"}


def comments(text: str) -> list[str]:
    return re.findall(r"^\s*//.*$|/\*", without_strings(text), re.MULTILINE)


def interpolations(text: str) -> list[str]:
    """`"${x}"`, which is x."""
    text = re.sub(r"<<-?(\w+)\n.*?^\s*\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r'= ("\$\{[^{}"]*\}")$', text, re.MULTILINE)


def dotted_indexes(text: str) -> list[str]:
    """`list.0`, which is list[0]."""
    return re.findall(r"\b[a-z_]\w*\.\d+\b", without_strings(text))


def lookups_without_default(text: str) -> list[str]:
    """`lookup(map, key)`, which is map[key]."""
    return re.findall(r"\blookup\([^,()]+,[^,()]+\)", text)


def empty_list_comparisons(text: str) -> list[str]:
    """`x == []`, which is false of a list without elements of another type."""
    return re.findall(r"[!=]= \[\]", text)


def names_of_another_case(text: str) -> list[str]:
    blocks = re.findall(r'^(?:resource|data) "\w+" "([^"]+)"|^(?:module|variable|output) "([^"]+)"', text, re.MULTILINE)
    names = ["".join(each) for each in blocks]
    names += re.findall(r"^  (\S+) += ", "".join(re.findall(r"^locals \{\n(.*?)^\}$", text, re.M | re.S)), re.MULTILINE)
    return [name for name in names if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)]


def remote_modules(text: str) -> list[str]:
    """Modules from elsewhere would need a pin; ours are all of this folder."""
    modules = "".join(re.findall(r'^module "\w+" \{\n(.*?)^\}$', text, re.MULTILINE | re.DOTALL))
    return [source for source in re.findall(r'^  source += "([^"]+)"$', modules, re.MULTILINE) if source[0] != "."]


def duplicate_keys(text: str) -> list[str]:
    """In one object or block, lines of the same depth up to the line that closes it."""
    twice: list[str] = []
    seen: list[set[str]] = [set()]
    for line in without_strings(text).splitlines():
        if re.match(r"\w", line):
            seen = [set()]
        key = re.match(r'\s*("[^"]+"|[\w-]+) += ', line)
        if key and key[1] in seen[-1]:
            twice.append(key[1])
        if key:
            seen[-1].add(key[1])
        for sign in re.findall(r"[{}\[\]()]", line):
            seen = [*seen, set()] if sign in "{[(" else seen[:-1] or [set()]
    return twice


def without_strings(text: str) -> str:
    """The text with each string replaced by a word that equal strings share, and without comments after #."""
    text = re.sub(r'"(?:\\.|\$\{[^}]*\}|[^"\\\n])*"', lambda string: f'"s{zlib.crc32(string[0].encode())}"', text)
    return re.sub(r"#.*$", "", text, flags=re.MULTILINE)


RULES: dict[str, tuple[Callable[[str], list[str]], str]] = {
    "comment_syntax": (comments, "// no\n"),
    "deprecated_interpolation": (interpolations, '  name = "${var.name}"\n'),
    "deprecated_index": (dotted_indexes, "  name = aws_subnet.this.0.id\n"),
    "deprecated_lookup": (lookups_without_default, "  name = lookup(var.tags, var.key)\n"),
    "empty_list_equality": (empty_list_comparisons, "  count = var.zones == [] ? 0 : 1\n"),
    "naming_convention": (names_of_another_case, 'resource "aws_subnet" "Private-1" {\n}\n'),
    "module_pinned_source": (remote_modules, 'module "x" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'),
    "map_duplicate_keys": (duplicate_keys, 'locals {\n  x = {\n    "a" = 1\n    b   = {}\n    "a" = 2\n  }\n}\n'),
}


def file_id(path: Path) -> str:
    return str(path.relative_to(TERRAFORM))


@pytest.mark.parametrize("path", FILES, ids=file_id)
def test_file_keeps_to_the_rules(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert {name: found for name, (rule, _) in RULES.items() if (found := rule(text))} == {}


@pytest.mark.parametrize("name", RULES)
def test_rule_notices_what_it_is_for(name: str) -> None:
    rule, text = RULES[name]
    assert len(rule(text)) == 1


@pytest.mark.parametrize("path", FILES, ids=file_id)
def test_standard_module_structure(path: Path) -> None:
    """Variables, outputs and versions stand where one looks for them."""
    kinds = set(re.findall(r"^(variable|output|terraform)\b", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert {kind for kind in kinds if path.name != HOME[kind]} == set()


@pytest.mark.parametrize("folder", FOLDERS, ids=file_id)
def test_required_providers_are_those_in_use(folder: Path) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.tf"))
    used = {kind.split("_")[0] for kind in re.findall(r'^(?:resource|data) "(\w+)"', text, re.MULTILINE)}
    block = re.search(r"^  required_providers \{\n(.*?)^  \}$", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    required = set(re.findall(r"^    (\w+) = \{", block[1], re.MULTILINE))
    assert used - {"terraform"} == required


def test_nothing_is_written_as_json_or_asks_for_a_workspace() -> None:
    assert [path for path in TERRAFORM.rglob("*.tf.json") if ".terraform" not in path.parts] == []
    assert [path for path in FILES if "terraform.workspace" in path.read_text(encoding="utf-8")] == []
