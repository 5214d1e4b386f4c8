"""The pages of the website: what they link to comes along, however many links away."""

from pathlib import Path

from deftunes import site_pages


def test_pages_bring_what_they_link_to_and_no_badge(tmp_path: Path) -> None:
    root, place = tmp_path / "root", tmp_path / "place"
    files = {
        "README.md": "# A\n\n[![gate](../../actions/workflows/a.yml/badge.svg)](x)\n\n[b](docs/b.md)\n",
        "docs/b.md": "[c](../code/c.md) [outside](https://example.org) [gone](gone.md)",
        "code/c.md": "[d](d.py#L1)",
        "code/d.py": "1",
        "code/e.py": "2",
        "docs/decisions/0001-x.md": "# 0001 X",
        **dict.fromkeys(site_pages.PAGES[1:], ""),
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)

    site_pages.write(root, place)

    there = {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}
    assert there == {*files, "docs/decisions/index.md"} - {"code/e.py"}
    assert (place / "README.md").read_text() == "# A\n\n[b](docs/b.md)\n"
    assert "[0001 X](0001-x.md)" in (place / "docs/decisions/index.md").read_text()
