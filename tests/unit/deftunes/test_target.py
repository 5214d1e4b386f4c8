"""Reading targets/*.env and *.spark.conf."""

import json
from pathlib import Path

import pytest

from deftunes import target
from deftunes.target import TargetError

GOOD = dict.fromkeys(target.KEYS, "x") | {
    "POSTGRES_PORT": "0",
    "MOCK_API_PORT": "0",
    "CATALOG_PORT": "8181",
    "SUPERSET_PORT": "0",
    "API_URL": "http://127.0.0.1:${MOCK_API_PORT}",
    "CATALOG_URI": "http://127.0.0.1:${CATALOG_PORT}",
    "LANDING_URI": "file://${ROOT}/landing",
}


def checkout(root: Path, values: dict[str, str], conf: str = "spark.ui.enabled  false\n") -> Path:
    (root / "targets").mkdir(exist_ok=True)
    lines = ["# a comment", "", *(f"{key}={value}" for key, value in values.items())]
    (root / "targets/small.env").write_text("\n".join(lines) + "\n")
    (root / "targets/small.spark.conf").write_text(conf)
    return root


def test_values_are_expanded_with_root_and_the_keys_above(tmp_path: Path) -> None:
    loaded = target.load("small", checkout(tmp_path, GOOD), {})
    assert loaded["CATALOG_URI"] == "http://127.0.0.1:8181"
    assert loaded["LANDING_URI"] == f"file://{tmp_path}/landing"


def test_spark_conf_is_expanded_with_the_values(tmp_path: Path) -> None:
    conf = "spark.a.options  -Da=1 -Db=${ROOT}\nspark.uri\t${CATALOG_URI}/x\n"
    loaded = target.load("small", checkout(tmp_path, GOOD, conf), {})
    assert loaded.spark_conf == {"spark.a.options": f"-Da=1 -Db={tmp_path}", "spark.uri": "http://127.0.0.1:8181/x"}


def test_environment_overrides_a_key_and_what_is_made_of_it(tmp_path: Path) -> None:
    environ = {"CATALOG_PORT": "9999", "API_URL": "http://shop", "HOME": "/home", "SOURCE_DSN": ""}
    loaded = target.load("small", checkout(tmp_path, GOOD), environ)
    assert (loaded["CATALOG_URI"], loaded["API_URL"], loaded["SOURCE_DSN"]) == (
        "http://127.0.0.1:9999",
        "http://shop",
        "x",
    )
    assert loaded.overridden == {"CATALOG_PORT": "9999", "API_URL": "http://shop"}


def test_open_port_is_the_remembered_one(tmp_path: Path) -> None:
    (tmp_path / "var/run").mkdir(parents=True)
    (tmp_path / "var/run/ports.json").write_text(json.dumps({"POSTGRES_PORT": 20001, "CATALOG_PORT": 20002}))
    loaded = target.load("small", checkout(tmp_path, GOOD), {})
    assert (loaded["POSTGRES_PORT"], loaded["MOCK_API_PORT"], loaded["CATALOG_PORT"]) == ("20001", "0", "8181")
    assert loaded.wanted_ports == {
        "POSTGRES_PORT": "0",
        "MOCK_API_PORT": "0",
        "CATALOG_PORT": "8181",
        "SUPERSET_PORT": "0",
    }


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {key: value for key, value in GOOD.items() if key != "API_URL"},
            r"small\.env: API_URL is missing .*: add a line",
        ),
        (GOOD | {"API_URL": ""}, r"small\.env:\d+: API_URL is empty .*: give it a value"),
        (GOOD | {"API_URI": "x"}, r"small\.env:\d+: API_URI is no key that the code reads: remove it"),
        (GOOD | {"API_URL": "http://${HOTS}"}, r"small\.env: API_URL uses \$\{HOTS\}, .*: correct the name"),
        (GOOD | {"# a": "b", "API_URL\nAPI_URL": "x"}, r"small\.env:\d+: 'API_URL' is no key=value line"),
        (GOOD | {"API_URL": "x\nAPI_URL=y"}, r"small\.env:\d+: API_URL is given twice"),
        (GOOD | {"API_URL": "api.example"}, r"small\.env: API_URL is no http address, 'api\.example': write it as"),
        (GOOD | {"API_URL": "http://[::1"}, r"small\.env: API_URL is no http address"),
        (
            GOOD | {"API_URL": "http://me:hunter2@api.example"},
            r"holds a user or a password.*API_SECRET",
        ),
        (GOOD | {"API_URL": "http://api.example?key=hunter2"}, r"has a query or a fragment.*API_SECRET"),
    ],
)
def test_bad_value_is_named_with_file_key_and_way_out(tmp_path: Path, values: dict[str, str], message: str) -> None:
    with pytest.raises(TargetError, match=message) as refused:
        target.load("small", checkout(tmp_path, values), {})
    assert "hunter2" not in str(refused.value)


def test_unknown_reference_in_spark_conf_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match=r"small\.spark\.conf: spark\.a uses \$\{NOTHING\}"):
        target.load("small", checkout(tmp_path, GOOD, "spark.a ${NOTHING}\n"), {})


def test_unknown_target_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match=r"'large' is no target; targets here: small"):
        target.load("large", checkout(tmp_path, GOOD), {})


@pytest.mark.parametrize("name", ["with blank", "a:b", "100%", "a,b", "a'b", "$x"])
def test_path_that_java_cannot_carry_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(TargetError, match="move the checkout"):
        target.load("small", checkout(tmp_path / name, GOOD), {})


def test_what_terraform_wrote_is_between_the_file_and_the_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make aws-env` writes var/aws.env, which only the aws target reads."""
    checkout(tmp_path, GOOD)
    for suffix in (".env", ".spark.conf"):
        (tmp_path / f"targets/aws{suffix}").write_text((tmp_path / f"targets/small{suffix}").read_text())
    (tmp_path / "var").mkdir()
    (tmp_path / "var/aws.env").write_text("PLATFORM_NAME=shop\nS3_REGION=eu-west-1\n")
    for key in target.KEYS:
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setenv("S3_REGION", "us-east-1")
    on_aws, here = target.load("aws", tmp_path), target.load("small", tmp_path)
    assert (on_aws["PLATFORM_NAME"], on_aws["S3_REGION"]) == ("shop", "us-east-1")
    assert here["PLATFORM_NAME"] == "x"
