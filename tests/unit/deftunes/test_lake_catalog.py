"""Who gets the catalog's token: our own listener, or the catalog that the user names and only with the user's."""

import os
import socket
from pathlib import Path

import pytest

from deftunes import target
from deftunes.lake import catalog
from deftunes.services import passwords, ports
from deftunes.target import Target
from tests.checkout import PROJECT


@pytest.fixture
def embedded(tmp_path: Path) -> Target:
    """A checkout whose catalog has the token `ours`."""
    (tmp_path / "targets").symlink_to(PROJECT / "targets")
    (tmp_path / "var/run").mkdir(parents=True)
    passwords.write(tmp_path, {"CATALOG_TOKEN": "ours"})
    ports.remember(tmp_path, {"CATALOG_PORT": 1})
    return target.load("embedded", tmp_path, {})


def test_our_catalog_gets_our_token_and_not_the_shells(embedded: Target) -> None:
    assert catalog.catalog_token(embedded, {"CATALOG_TOKEN": "theirs"}) == "ours"


def test_another_catalog_never_gets_ours(embedded: Target) -> None:
    theirs = target.load("embedded", embedded.root, {"CATALOG_URI": "http://catalog.example"})
    assert catalog.catalog_token(theirs, {}) == ""
    assert catalog.catalog_token(theirs, {"CATALOG_TOKEN": "theirs"}) == "theirs"
    assert catalog.secret_spark_settings(theirs, {}) == {}


def test_quote_in_a_token_ends_no_statement(embedded: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOG_TOKEN", "a'); drop schema b --")
    theirs = target.load("embedded", embedded.root, {"CATALOG_URI": "http://catalog.example"})
    assert catalog.attach_statements(theirs)[0].endswith("token 'a''); drop schema b --')")


def test_cluster_gets_its_secret_and_one_process_makes_up_its_own(embedded: Target) -> None:
    known = {"CATALOG_TOKEN": "t", "_SPARK_AUTH_SECRET": "s"}
    compose = target.load("compose", PROJECT, {})
    assert catalog.secret_spark_settings(compose, known) == {
        "spark.sql.catalog.lake.header.Authorization": "Bearer t",
        "spark.authenticate.secret": "s",
    }
    assert "spark.authenticate.secret" not in catalog.secret_spark_settings(embedded, known)


def test_nobody_else_who_listens_on_its_port_gets_it(embedded: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ports.remember(embedded.root, {"CATALOG_PORT": port})
        values = target.load("embedded", embedded.root, {})
        assert catalog.catalog_token(values) == "ours"
        me = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: me + 1)
        message = rf"port {port} \(CATALOG_PORT\) is held by user {me}, not by our own service: nothing was sent"
        with pytest.raises(ports.PortError, match=message):
            catalog.catalog_token(values)


def test_catalog_of_the_aws_target_is_glues(tmp_path: Path) -> None:
    """Found by region; its metadata and files are read from S3 by the caller's own account."""
    values = target.load("aws", PROJECT, {"S3_REGION": "eu-central-1"})
    opened = catalog.open_catalog(values)
    assert type(opened).__name__ == "GlueCatalog"
    assert opened.properties["glue.region"] == opened.properties["s3.region"] == "eu-central-1"


def test_files_of_containers_are_read_from_their_store(embedded: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[str, str] = {}
    monkeypatch.setattr("pyiceberg.catalog.load_catalog", lambda name, **given: known.update(given))
    theirs = {
        "WAREHOUSE_URI": "s3://bucket",
        "CATALOG_URI": "http://catalog.example",
        "S3_ENDPOINT": "http://s3.example",
    }
    catalog.open_catalog(target.load("embedded", embedded.root, theirs))
    assert (known["type"], known["s3.endpoint"], known["s3.region"]) == ("rest", "http://s3.example", "us-east-1")
