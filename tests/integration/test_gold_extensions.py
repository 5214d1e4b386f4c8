"""The lake's extensions come from wheels: DuckDB loads them from a folder of ours with every download switched off."""

from pathlib import Path

import duckdb
import pytest

from deftunes.lake import duckdb_extensions
from deftunes.lake.duckdb_extensions import NAMES, install_lake_extensions


def loaded_from(folder: Path) -> set[str]:
    """The extensions that DuckDB loads from the folder, with every download switched off."""
    config = {"extension_directory": str(folder), "autoinstall_known_extensions": "false"}
    with duckdb.connect(config=config) as connection:
        for name in NAMES:
            connection.load_extension(name)
        loaded = connection.execute("select extension_name from duckdb_extensions() where loaded").fetchall()
    return {name for (name,) in loaded}


@pytest.mark.parametrize("times", [1, 2])
def test_extensions_load_without_a_download(tmp_path: Path, times: int) -> None:
    folder = tmp_path / "with 'quotes'" / "extensions"
    for _ in range(times):
        assert install_lake_extensions(folder) == folder

    assert set(NAMES) <= loaded_from(folder)


def test_what_an_interrupted_install_left_is_replaced(tmp_path: Path) -> None:
    install_lake_extensions(tmp_path)
    avro, httpfs, iceberg = (next(tmp_path.rglob(f"{name}.duckdb_extension")) for name in NAMES)
    for path in (avro, httpfs, iceberg):
        path.unlink()
    avro.write_bytes(b"")  # a full disk
    httpfs.with_name(f"{httpfs.name}.tmp-1").write_bytes(b"half")  # SIGKILL before DuckDB gave it its name
    iceberg.symlink_to(tmp_path / "gone")  # the checkout was moved

    install_lake_extensions(tmp_path)

    assert set(NAMES) <= loaded_from(tmp_path)


def test_extension_that_the_wheel_lacks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb_extensions, "NAMES", ("json",))
    monkeypatch.setattr(duckdb_extensions.resources, "files", lambda package: tmp_path / package)

    with pytest.raises(FileNotFoundError, match=r"duckdb_extension_json.* is missing: make setup"):
        install_lake_extensions(tmp_path / "extensions")
