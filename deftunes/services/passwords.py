"""var/secrets.env: passwords of this checkout's services, made at the first start, readable by their owner only."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

NAMES = ("SOURCE_PASSWORD", "CATALOG_PASSWORD", "POSTGRES_PASSWORD", "CONTROL_PASSWORD", "CATALOG_TOKEN")


def load(root: Path) -> dict[str, str]:
    """Name -> password as stored; empty before the first start."""
    path = secrets_file(root)
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split("=", 1) for line in lines if "=" in line)


def ensure(root: Path, names: Iterable[str] = NAMES) -> tuple[dict[str, str], bool]:
    """Name -> password for each of `names`, and whether one of them is new (so that the server must be told)."""
    stored = load(root)
    missing = {name: secrets.token_urlsafe(24) for name in names if not stored.get(name)}
    if missing:
        write(root, stored | missing)
    secrets_file(root).chmod(0o600)
    return stored | missing, bool(missing)


def write(root: Path, values: dict[str, str]) -> None:
    write_private(secrets_file(root), "".join(f"{name}={value}\n" for name, value in values.items()))


def write_private(path: Path, text: str) -> None:
    """Replace `path` by a file of mode 600 holding `text`; nobody else can read it, nor anyone half of it."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.replace(path)


def secrets_file(root: Path) -> Path:
    return root / "var/secrets.env"
