"""Terraform's rooms: modules are whole; variables are explained, used and checked, and each check is seen to refuse."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TERRAFORM = ROOT / "terraform"
MODULES = sorted(path for path in (TERRAFORM / "modules").iterdir() if path.is_dir())
FOLDERS = [TERRAFORM, TERRAFORM / "bootstrap", *MODULES]
FILES = ("main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md")
UNITS = re.compile(r"\b(days|minutes|dollars|zones|workers|units|hours|RPU)", re.IGNORECASE)
DECLARATION = r'^{kind} "(\w+)" \{{\n(.*?)^\}}$'


def folder_id(folder: Path) -> str:
    return str(folder.relative_to(ROOT))


def code(folder: Path, *, without: str = "") -> str:
    """The folder's own Terraform as one text, comments left out."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.tf")) if path.name != without)
    return re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)


def declared(folder: Path, kind: str) -> dict[str, str]:
    """Name -> body of each variable or output."""
    return dict(re.findall(DECLARATION.format(kind=kind), code(folder), re.MULTILINE | re.DOTALL))


def description(body: str) -> str:
    found = re.search(r'^  description = "(.*)"$', body, re.MULTILINE)
    return found[1] if found else ""


def refused(folder: Path) -> list[str]:
    """Variables that a test of the folder expects to be refused."""
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (folder / "tests").glob("*.tftest.hcl"))
    lists = re.findall(r"expect_failures = \[(.*?)\]", tests, re.DOTALL)
    return [name for each in lists for name in re.findall(r"\bvar\.(\w+)", each)]


def unused(text: str) -> set[str]:
    """Locals, data sources and modules that nothing refers to."""
    blocks = re.findall(r"^locals \{\n(.*?)^\}$", text, re.MULTILINE | re.DOTALL)
    names = {f"local.{name}" for block in blocks for name in re.findall(r"^  (\w+) +=", block, re.MULTILINE)}
    names |= {f"data.{kind}.{name}" for kind, name in re.findall(r'^data "(\w+)" "(\w+)"', text, re.MULTILINE)}
    return {name for name in names if not re.search(rf"{re.escape(name)}\b", text)}


def reasonless(text: str) -> list[str]:
    """Checks of checkov that are skipped without a sentence."""
    return [check for check, reason in re.findall(r"checkov:skip=(\w+):?(.*)", text) if len(reason.split()) < 4]


@pytest.mark.parametrize("folder", FOLDERS, ids=folder_id)
def test_folder_is_whole(folder: Path) -> None:
    assert [name for name in FILES if not (folder / name).is_file()] == []
    assert list((folder / "tests").glob("*.tftest.hcl"))


@pytest.mark.parametrize("folder", FOLDERS, ids=folder_id)
def test_variables_are_typed_explained_and_validated(folder: Path) -> None:
    variables = declared(folder, "variable")
    assert len(variables) == code(folder).count('\nvariable "') + code(folder).startswith('variable "') > 0
    assert [name for name, body in variables.items() if not re.search(r"^  type +=", body, re.MULTILINE)] == []
    assert [name for name, body in variables.items() if len(description(body)) < 20] == []
    assert [name for name, body in variables.items() if body.count("validation {") != 1] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=folder_id)
def test_numbers_say_their_unit(folder: Path) -> None:
    numbers = {name: body for name, body in declared(folder, "variable").items() if "type        = number" in body}
    assert [name for name, body in numbers.items() if not UNITS.search(description(body))] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=folder_id)
def test_each_validation_refuses_something_in_one_test(folder: Path) -> None:
    assert sorted(refused(folder)) == sorted(declared(folder, "variable"))


@pytest.mark.parametrize("folder", FOLDERS, ids=folder_id)
def test_variables_are_used(folder: Path) -> None:
    text = code(folder, without="variables.tf")
    assert [name for name in declared(folder, "variable") if not re.search(rf"\bvar\.{name}\b", text)] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=folder_id)
def test_locals_and_data_are_used(folder: Path) -> None:
    assert unused(code(folder)) == set()


def test_an_unused_local_and_an_unused_data_source_are_noticed() -> None:
    text = (
        'locals {\n  used   = 1\n  unused = 2\n}\n\ndata "aws_vpc" "x" {\n}\n\noutput "x" {\n  value = local.used\n}\n'
    )
    assert unused(text) == {"local.unused", "data.aws_vpc.x"}


@pytest.mark.parametrize("folder", FOLDERS, ids=folder_id)
def test_outputs_are_explained(folder: Path) -> None:
    outputs = declared(folder, "output")
    assert outputs
    assert [name for name, body in outputs.items() if len(description(body)) < 10] == []


@pytest.mark.parametrize("folder", MODULES, ids=folder_id)
def test_outputs_are_read(folder: Path) -> None:
    """By the root, by another module, or by a test that asserts them."""
    readers = [*TERRAFORM.rglob("*.tf"), *(folder / "tests").glob("*.hcl"), *(TERRAFORM / "tests").glob("*.hcl")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in readers if ".terraform" not in path.parts)
    assert [
        name for name in declared(folder, "output") if not re.search(rf"(module|output|job)\S*\.{name}\b", text)
    ] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=folder_id)
def test_readme_lists_what_goes_in_and_comes_out(folder: Path) -> None:
    lines = (folder / "README.md").read_text(encoding="utf-8").splitlines()
    everything = [*declared(folder, "variable").items(), *declared(folder, "output").items()]
    rows = [f"| `{name}` | {description(body)} |" for name, body in everything]
    assert [row for row in rows if row not in lines] == []
    assert [line for line in lines if line.startswith("| `") and line not in rows] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=folder_id)
def test_skipped_checks_have_a_reason(folder: Path) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.tf"))
    assert reasonless(text) == []


def test_a_skipped_check_without_a_reason_is_noticed() -> None:
    assert reasonless("# checkov:skip=CKV_AWS_1\n# checkov:skip=CKV_AWS_2:no\n") == ["CKV_AWS_1", "CKV_AWS_2"]


def test_root_uses_every_module() -> None:
    used = set(re.findall(r'source += "(?:\./|\.\./)(?:modules/)?(\w+)"', code(TERRAFORM)))
    used |= {name for folder in MODULES for name in re.findall(r'source += "\.\./(\w+)"', code(folder))}
    assert used == {folder.name for folder in MODULES}


def test_one_version_of_terraform_and_of_the_provider() -> None:
    texts = {folder: (folder / "versions.tf").read_text(encoding="utf-8") for folder in FOLDERS}
    assert {re.findall(r'required_version = "([^"]+)"', text)[0] for text in texts.values()} == {"~> 1.11"}
    exact = {re.findall(r'version = "([0-9.]+)"', texts[folder])[0] for folder in FOLDERS[:2]}
    assert len(exact) == 1
    assert {re.findall(r'version = "(>=[^"]+)"', texts[folder])[0] for folder in MODULES} == {
        f">= {exact.pop()}, < 6.0.0"
    }


def test_every_kind_of_resource_has_a_price_and_every_price_a_resource() -> None:
    made = [pair for folder in FOLDERS for pair in re.findall(r'^resource "(\w+)" "(\w+)"', code(folder), re.MULTILINE)]
    priced = set(tomllib.loads((TERRAFORM / "prices.toml").read_text())) - {"date", "region", "hours"}
    kinds = {f"{kind}.{name}" if f"{kind}.{name}" in priced else kind for kind, name in made}
    assert kinds == priced
