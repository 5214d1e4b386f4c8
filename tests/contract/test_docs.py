"""The docs name what is there: paths, verbs and links that exist, and no address of anybody's machine."""

import re
from functools import cache
from pathlib import Path

import pytest

from deftunes.system import var

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
        *(ROOT / "docs").rglob("*.md"),
    ]
)
BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"\.?\w[\w.*-]*/[\w./*-]*")
PLACEHOLDER = re.compile(r"<\w+>")
LINK = re.compile(r"\]\(([^)\s]+)\)")
MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
PROGRAM = re.compile(r"\bdeftunes ([a-z][a-z-]*)")
MACHINE = re.compile(
    r"(?<![\w./])/(?:work|tmp|root|home|Users|opt)/|\b(?!127\.0\.0\.1|0\.0\.0\.0)\d{1,3}(?:\.\d{1,3}){3}\b"
)
OPEN = re.compile(r"…|\b[NDT]\b|\bKEY\b|\b4\w\w\b|\b500\b")  # where a message has a value
MADE_FOR_AWS = {"aws.env", "parity.md", "rehearsal"}  # by make aws-env, parity and rehearse
MADE_OF_TESTS = {"coverage", "mutation"}  # by the targets of these names
MADE_BY_SETUP = (".venv/",)
NO_LAYER = ("landing/<source>",)  # a folder of LANDING_URI, not of the checkout


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


def spoken_code(page: Path) -> list[str]:
    """What stands between backticks outside of blocks."""
    return CODE.findall(BLOCK.sub("", page.read_text(encoding="utf-8")))


def all_code(page: Path) -> str:
    """All that a reader may type: blocks, and what stands between backticks."""
    text = page.read_text(encoding="utf-8")
    return "\n".join([*BLOCK.findall(text), *spoken_code(page)])


def named_paths(page: Path) -> list[str]:
    """Paths of the checkout; <table> and the like become *."""
    found = [PLACEHOLDER.sub("*", code) for code in spoken_code(page) if not code.startswith(NO_LAYER)]
    return [code for code in found if PATH.fullmatch(code)]


def exists(path: str) -> bool:
    """Whether a clean checkout has the path, or set-up and runs make it."""
    if path.startswith("var/"):
        return path.split("/")[1] in {"", "secrets.env", *MADE_FOR_AWS, *MADE_OF_TESTS, *var.FOLDERS}
    return path.startswith(MADE_BY_SETUP) or any(ROOT.glob(path.rstrip("/")))


def make_verbs() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):.*## ", makefile, re.MULTILINE))


def program_verbs() -> set[str]:
    """The modules of deftunes/cli/verbs: each is a verb."""
    return {path.stem for path in (ROOT / "deftunes/cli/verbs").glob("[a-z]*.py")}


def test_every_verb_is_a_command() -> None:
    main = (ROOT / "deftunes/cli/main.py").read_text(encoding="utf-8")
    assert {name for name in program_verbs() if f'"{name}"' not in main} == set()


def without_anchor(link: str) -> str:
    return link.split("#")[0]


def on_disk(link: str) -> str:
    """A workflow's page on the forge stands for its file."""
    return re.sub(r"^\.\./\.\./actions/workflows/([\w-]+\.yml).*", r".github/workflows/\1", link)


def test_readers_of_the_docs_find_something() -> None:
    """So that none of the tests below passes for want of anything to look at."""
    everything = "\n".join(all_code(page) for page in PAGES)
    assert "deftunes/run/steps.py" in named_paths(ROOT / "docs/architecture.md")
    assert {"run", "test"} <= set(MAKE.findall(everything)) & make_verbs()
    assert {"run"} <= set(PROGRAM.findall(everything)) & program_verbs()


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_named_paths_exist(page: Path) -> None:
    assert [path for path in named_paths(page) if not exists(path)] == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_named_verbs_of_make_exist(page: Path) -> None:
    assert set(MAKE.findall(all_code(page))) - make_verbs() == set()


def test_readme_names_every_verb_of_make() -> None:
    assert make_verbs() - set(MAKE.findall(all_code(ROOT / "README.md"))) == set()


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_named_verbs_of_the_program_exist(page: Path) -> None:
    assert set(PROGRAM.findall(all_code(page))) - program_verbs() == set()


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_within_the_checkout_resolve(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link and link[0] != "#"]
    assert [link for link in links if not (page.parent / without_anchor(on_disk(link))).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_page_holds_no_address_of_a_machine(page: Path) -> None:
    assert MACHINE.findall(page.read_text(encoding="utf-8")) == []


def runbook_messages() -> list[str]:
    """What stands between backticks in the first column of the runbook's tables and in its bold headings."""
    lines = (ROOT / "docs/runbook.md").read_text(encoding="utf-8").splitlines()
    symptoms = [line.split("|")[1] for line in lines if line.startswith("| ")]
    headings = [line.split("**")[1] for line in lines if line.startswith("**")]
    return [message for text in (*symptoms, *headings) for message in CODE.findall(text) if " " in message]


@cache
def code_text() -> str:
    """All code as one text, strings that go over several lines made whole, values in them as …."""
    files = [path for folder in ("deftunes", "spark_jobs", "mock_api") for path in (ROOT / folder).rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in [*files, ROOT / "Makefile"])
    whole = re.sub(r'"\s*\n\s*f?"', "", text)
    return re.sub(r"\{[^{}\n]*\}|\$\([A-Z]+\)", "…", whole)


@pytest.mark.parametrize("message", runbook_messages())
def test_message_of_the_runbook_stands_in_the_code(message: str) -> None:
    assert OPEN.sub("…", message).rstrip("… ") in code_text()


def test_decisions_are_numbered_without_gaps_and_say_three_things() -> None:
    decisions = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [page.name[:4] for page in decisions] == [f"{number:04d}" for number in range(1, len(decisions) + 1)]
    for page in decisions:
        headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert headings[0].startswith(f"{page.name[:4]} "), page
        assert headings[1:] == ["Context", "Decision", "Consequence"], page
