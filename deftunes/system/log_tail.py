"""The end of a log, for messages that name it."""

from pathlib import Path

from deftunes.system.printable import printable


def last_lines(path: Path, count: int) -> str:
    """The last lines that say anything, each at most 300 characters, fit for a terminal."""
    lines = path.read_text(errors="replace").splitlines() if path.exists() else []
    return "\n".join(f"  {printable(line[:300])}" for line in [line for line in lines if line.strip()][-count:])
