"""SQL on the published file, opened as dashboards open it, reaches nothing else: each attack is tried in DuckDB."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import served_database
import yaml
from sqlalchemy.engine import make_url

PROJECT = Path(__file__).parents[2]
ASSET = PROJECT / "superset/assets/databases/serving.yaml"

# {file} is the published file, {folder} the one it lies in, {secret} a file beside that holds 'sesame'.
ATTACKS = (
    "select content from read_text('{secret}')",
    "select * from read_blob('{secret}')",
    "select * from read_csv('{secret}')",
    "select * from read_json('{secret}')",
    "select * from read_parquet('{secret}')",
    "select * from sniff_csv('{secret}')",
    "select * from glob('{folder}/*')",
    "select * from '{secret}'",
    "select * from query('select content from read_text(''{secret}'')')",
    "select * from query_table('{secret}')",
    "select * from read_csv('http://127.0.0.1:{port}/')",
    "select getenv('HOME')",
    "select * from a_variable_of_the_server",
    "copy (select 'x') to '{folder}/written.csv'",
    "copy (select 'x') to '{file}' (use_tmp_file false)",
    "copy (select 'x') to '{file}.wal'",
    "copy (select 'x') to '{file}.wal.recovery'",
    "copy bi.sales from '{secret}'",
    "export database '{folder}/exported'",
    "import database '{folder}'",
    "attach '{folder}/other.duckdb' as other",
    "attach '{folder}/other.duckdb' as other (read_only)",
    "attach '{file}' as again",
    "attach ':memory:' as elsewhere",
    "attach 'host=127.0.0.1' as source (type postgres)",
    "install httpfs",
    "load httpfs",
    "load '{secret}'",
    "install spatial from community",
    "create table bi.mine as select 1",
    "insert into bi.sales values (2)",
    "drop table bi.sales",
    "create or replace view bi.sales_vw as select 1",
    "create persistent secret (type http, bearer_token 'x')",
    "set enable_external_access = true",
    "reset enable_external_access",
    "set disabled_filesystems = ''",
    "reset disabled_filesystems",
    "set lock_configuration = false",
    "set allowed_directories = ['/']",
    "set allowed_configs = ['enable_external_access']",
    "set temp_directory = '{folder}'",
    "set memory_limit = '1TB'",
    "set python_enable_replacements = true",
    "set profiling_output = '{folder}/written.json'",
    "set log_query_path = '{folder}/written.log'",
    "call enable_logging(storage = 'file', storage_path = '{folder}/written.log')",
    "call enable_logging(storage = 'file', storage_path = '{file}.wal')",
)


@pytest.fixture
def served(tmp_path: Path) -> Path:
    path = tmp_path / "serving" / "serving.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema bi; create table bi.sales as select 1 as total")
        connection.execute("create view bi.sales_vw as select * from bi.sales")
    (path.parent / "secret").write_text("sesame")
    return path


@pytest.fixture
def connection(served: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(served), **served_database.connect_arguments()) as opened:
        served_database.close_the_file_system(opened)
        yield opened


def test_opened_file_answers_questions(connection: duckdb.DuckDBPyConnection) -> None:
    assert connection.execute("select * from bi.sales_vw").fetchall() == [(1,)]
    served_database.close_the_file_system(connection)  # the next connection to a file that is open already
    assert connection.execute("select * from bi.sales_vw").fetchall() == [(1,)]


@pytest.mark.parametrize("attack", ATTACKS)
def test_sql_reaches_no_other_file_nor_setting(
    connection: duckdb.DuckDBPyConnection, served: Path, attack: str
) -> None:
    a_variable_of_the_server = duckdb.sql("select 'sesame' as secret")
    before = {path.name: path.read_bytes() for path in served.parent.iterdir()}
    values = {"file": served, "folder": served.parent, "secret": served.with_name("secret"), "port": 9}
    with pytest.raises(duckdb.Error):
        connection.execute(attack.format(**values)).fetchall()
    assert {path.name: path.read_bytes() for path in served.parent.iterdir()} == before
    assert a_variable_of_the_server.fetchall() == [("sesame",)]


def test_profiles_of_queries_are_not_written_to_files(connection: duckdb.DuckDBPyConnection, served: Path) -> None:
    for setting in ("profiling_output", "profile_output"):
        with pytest.raises(duckdb.Error, match="locked"):
            connection.execute(f"pragma {setting} = '{served.parent}/written'")


def test_asset_names_the_settings_and_takes_its_address_from_the_place() -> None:
    asset = yaml.safe_load(ASSET.read_text())
    arguments = served_database.connect_arguments()
    assert asset["sqlalchemy_uri"] == "${SERVING_URI}"
    assert arguments["read_only"] is True
    assert arguments["config"].items() >= {"enable_external_access": False, "lock_configuration": True}.items()
    assert (asset["allow_dml"], asset["allow_ctas"], asset["allow_cvas"], asset["allow_file_upload"]) == (False,) * 4


def test_stored_settings_of_a_connection_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVING_URI", "duckdb:////srv/serving.duckdb")
    stored: dict[str, Any] = {
        "connect_args": {"config": {"enable_external_access": True}},
        "poolclass": "NullPool",
        "echo": True,
    }
    _, settings = served_database.served_only(make_url("duckdb:////srv/serving.duckdb"), stored, "admin", None, None)
    assert settings == {
        "poolclass": "NullPool",
        "connect_args": served_database.connect_arguments(),
        "pool_events": [(served_database.close_the_file_system, "connect")],
    }


def test_another_kind_of_database_gets_no_settings_of_duckdb(monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = "postgresql://reader:p%21w@warehouse/deftunes"
    monkeypatch.setenv("SERVING_URI", warehouse)
    _, settings = served_database.served_only(make_url(warehouse), {"connect_args": {"read_only": True}})
    assert settings == {}


@pytest.mark.parametrize(
    "address",
    ["duckdb:///:memory:", "duckdb:////srv/serving.duckdb?access_mode=read_write", "duckdb:////srv/other.duckdb",
     "sqlite:////etc/passwd", "shillelagh+csvfile:///etc/passwd", "postgresql://postgres@127.0.0.1:5432/postgres"],
)  # fmt: skip
def test_another_database_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("SERVING_URI", "duckdb:////srv/serving.duckdb")
    with pytest.raises(served_database.AnotherDatabaseError, match="they open SERVING_URI and nothing else"):
        served_database.served_only(make_url(address), {})
