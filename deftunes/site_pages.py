"""The pages of `make site`: README and its neighbours with docs/, as they link to each other, below var/site_pages.

A page may link to a file of the checkout that is no page (a model, a Dockerfile): that file comes along. dbt's
documentation comes along too where `make docs` has made it, and a page of columns where runs have sent events of
lineage. Standard library only.
"""

import re
import shutil
from pathlib import Path

from deftunes.lineage import columns
from deftunes.lineage.settings import FOLDER
from deftunes.target import current

PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
LINK = re.compile(r"\]\(([^)\s#]+)[^)\s]*\)")
BADGE = re.compile(r"^\[!\[.*actions/workflows.*\n\n?", re.MULTILINE)  # the forge alone can show it
DBT = "var/dbt/target/static_index.html"


def write(root: Path, place: Path) -> None:
    """Makes the folder anew."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(root / "docs", place / "docs")
    for name in PAGES:
        (place / name).write_text(BADGE.sub("", (root / name).read_text(encoding="utf-8")), encoding="utf-8")
    unread = [page.relative_to(place) for page in place.rglob("*.md")]
    while unread:
        for target in linked_files(root, unread.pop()):
            if not (place / target).exists():
                (place / target).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(root / target, place / target)
                unread += [target] if target.suffix == ".md" else []
    (place / "docs/decisions/index.md").write_text(decisions(root), encoding="utf-8")
    if (root / DBT).is_file():
        (place / "dbt").mkdir(exist_ok=True)
        shutil.copy(root / DBT, place / "dbt/index.html")
    if list((root / FOLDER).glob("*.jsonl")):
        lineage = columns.read(root / FOLDER, current(root)["LANDING_URI"])
        (place / "docs/lineage-of-columns.md").write_text(columns.page(lineage), encoding="utf-8")


def linked_files(root: Path, page: Path) -> list[Path]:
    """Files of the checkout that a page links to, by their path in it."""
    links = LINK.findall((root / page).read_text(encoding="utf-8"))
    found = [(root / page.parent / link).resolve() for link in links if "://" not in link]
    return [path.relative_to(root) for path in found if path.is_file() and path.is_relative_to(root)]


def decisions(root: Path) -> str:
    """A page that lists the decisions."""
    pages = sorted((root / "docs/decisions").glob("[0-9]*.md"))
    titles = [page.read_text(encoding="utf-8").splitlines()[0].lstrip("# ") for page in pages]
    lines = [f"- [{title}]({page.name})" for page, title in zip(pages, titles, strict=True)]
    return "\n".join(["# Decisions", "", *lines, ""])


def main() -> None:
    root = Path(__file__).resolve().parents[1]
    write(root, root / "var/site_pages")


if __name__ == "__main__":
    main()
