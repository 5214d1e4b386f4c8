"""What the dashboards' container reads of its environment is what Terraform gives it, secrets by reference."""

import ast
import json
import re
from pathlib import Path
from types import SimpleNamespace

import metadata_database
import pytest
import served_database
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

ROOT = Path(__file__).parents[2]
TASK = (ROOT / "terraform/modules/dashboards/main.tf").read_text(encoding="utf-8")
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds"
# Set by the program itself, or by the image (services/superset/Dockerfile).
OWN = {"SUPERSET_CONFIG_PATH"}


def read_by_superset() -> set[str]:
    """Names in environ[…] and environ.get(…) of the files that run in Superset's process."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "superset").glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    keys = [node.slice for node in nodes if isinstance(node, ast.Subscript) and "environ" in ast.unparse(node.value)]
    keys += [
        node.args[0] for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("environ.get")
    ]
    return {str(key.value) for key in keys if isinstance(key, ast.Constant)}


def given(block: str) -> set[str]:
    """Names in a list of the task definition."""
    found = re.search(rf"^    {block} = \[\n(.*?)^    \]", TASK, re.MULTILINE | re.DOTALL)
    assert found is not None
    return set(re.findall(r'name = "(\w+)"', found[1]))


def test_terraform_gives_what_superset_reads_and_nothing_else() -> None:
    assert given("environment") | given("secrets") == read_by_superset() - OWN


def test_what_is_secret_is_handed_over_by_reference() -> None:
    assert {name for name in given("environment") if re.search(r"PASSWORD|SECRET_KEY", name)} == set()
    assert all(re.search(r"PASSWORD|SECRET_KEY", name) for name in given("secrets"))


def test_the_password_of_the_served_database_may_stand_beside_its_address() -> None:
    environ = {"SERVING_URI": "redshift+psycopg2://dashboards@warehouse:5439/deftunes", "SERVING_PASSWORD": "p@ss/w:rd"}
    address = served_database.address(environ)
    assert address.password == "p@ss/w:rd"
    assert make_url(address.render_as_string(hide_password=False)) == address
    del environ["SERVING_PASSWORD"]
    assert served_database.address(environ) == make_url(environ["SERVING_URI"])


def test_no_setting_of_duckdb_is_given_to_redshift(monkeypatch: pytest.MonkeyPatch) -> None:
    """read_only, for one, is no argument of psycopg2."""
    monkeypatch.setenv("SERVING_URI", "redshift+psycopg2://dashboards@warehouse:5439/deftunes")
    monkeypatch.setenv("SERVING_PASSWORD", "secret")
    uri = make_url("redshift+psycopg2://dashboards:secret@warehouse:5439/deftunes")
    _, settings = served_database.served_only(uri, {"connect_args": {"read_only": True}, "poolclass": None})
    assert settings == {"poolclass": None}


def test_own_password_is_read_anew_for_each_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """As RDS renews it: a process that was started with the old one goes on with the new one."""
    passwords = iter(("first", "second"))
    requested_secrets: list[str] = []
    used: list[object] = []

    def get_secret_value(SecretId: str) -> dict[str, str]:  # noqa: N803  Amazon's name
        requested_secrets.append(SecretId)
        return {"SecretString": json.dumps({"password": next(passwords)})}

    session = SimpleNamespace(client=lambda _: SimpleNamespace(get_secret_value=get_secret_value))
    monkeypatch.setattr("boto3.session.Session", lambda region_name: session if region_name == "eu-west-1" else None)
    own = "postgresql+psycopg2://superset@tables.internal:5432/superset"
    metadata_database.read_password_when_connecting(
        {"SUPERSET_DATABASE_SECRET_ARN": SECRET, "SUPERSET_DATABASE_URI": own}
    )

    def connect(*_: object, **parameters: object) -> None:
        used.append(parameters.get("password"))
        raise ConnectionError

    for uri in (own, own, "postgresql+psycopg2://other:its-own@elsewhere.internal/other"):
        engine = create_engine(uri)
        monkeypatch.setattr(engine.dialect, "connect", connect)
        with pytest.raises(ConnectionError):
            engine.connect()

    assert used == ["first", "second", "its-own"]
    assert requested_secrets == [SECRET, SECRET]


def test_aws_gets_no_request_where_no_secret_is_named() -> None:
    metadata_database.read_password_when_connecting(
        {"SUPERSET_DATABASE_URI": "postgresql://superset@localhost/superset"}
    )
