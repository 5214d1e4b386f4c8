"""DuckDB's doors to the lake: the extensions avro, httpfs and iceberg, taken from wheels without a download.

Where DuckDB looks for them stand links to the wheels' files. A link is made in one step, so that whatever
interrupts this leaves nothing that looks installed and is not; one that leads elsewhere, or a copy that an
earlier state of this code left, is replaced.
"""

import os
from importlib import resources
from pathlib import Path

import duckdb

NAMES = ("avro", "httpfs", "iceberg")


def install_lake_extensions(directory: Path) -> Path:
    """Put the three extensions where DuckDB looks for them under `directory`; at once when they are there already.

    Returns `directory`, for `extension_directory`. Raises ModuleNotFoundError when a wheel is missing, and
    FileNotFoundError when it is of another version of DuckDB.
    """
    with duckdb.connect() as connection:
        [(version, platform)] = connection.execute(
            "select library_version, platform from pragma_version(), pragma_platform()"
        ).fetchall()
    folder = directory / version / platform
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        file = f"{name}.duckdb_extension"
        _link(folder / file, Path(str(resources.files(f"duckdb_extension_{name}"))) / "extensions" / version / file)
    return directory


def _link(path: Path, wheel_file: Path) -> None:
    if not wheel_file.is_file():
        raise FileNotFoundError(f"{wheel_file} is missing: make setup")
    if path.is_symlink() and path.readlink() == wheel_file:
        return
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(wheel_file)
    new.replace(path)
