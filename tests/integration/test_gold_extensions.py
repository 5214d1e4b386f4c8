"""The lake's extensions come from wheels: DuckDB loads them from a folder of ours with every download switched off."""

from pathlib import Path

import duckdb
import pytest

from deftunes.lake_extensions import NAMES, install_lake_extensions


@pytest.mark.parametrize("times", [1, 2])
def test_extensions_load_without_a_download(tmp_path: Path, times: int) -> None:
    folder = tmp_path / "with 'quotes'" / "extensions"
    for _ in range(times):
        assert install_lake_extensions(folder) == folder
    with duckdb.connect(
        config={"extension_directory": str(folder), "autoinstall_known_extensions": "false"}
    ) as connection:
        for name in NAMES:
            connection.load_extension(name)
        loaded = connection.execute("select extension_name from duckdb_extensions() where loaded").fetchall()
    assert set(NAMES) <= {name for (name,) in loaded}
