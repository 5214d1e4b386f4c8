"""The Iceberg catalog refuses whoever has no token, and whatever leads out of the warehouse."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import ForbiddenError, ServerError, UnauthorizedError
from pyiceberg.schema import Schema
from pyiceberg.types import LongType, NestedField

from deftunes import target
from deftunes.services import programs

ROOT = Path(__file__).parents[2]
TOKEN = "sesame"
SCHEMA = {"type": "struct", "schema-id": 0, "fields": [{"id": 1, "name": "a", "type": "long", "required": False}]}
TABLES = "/v1/namespaces/shop/tables"


@dataclass(frozen=True)
class Served:
    """A catalog of its own, over the files of `folder`/warehouse."""

    url: str
    folder: Path

    def ask(self, method: str, path: str, body: Any = None, authorization: str | None = f"Bearer {TOKEN}") -> int:
        """The status of the answer. body: bytes, or what becomes JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **({"Authorization": authorization} if authorization else {})}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code

    def files(self) -> set[Path]:
        return {path for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("catalog")
    with serving(folder, f"file://{folder}/warehouse") as catalog:
        assert catalog.ask("POST", "/v1/namespaces", {"namespace": ["shop"], "properties": {}}) == 200
        assert catalog.ask("POST", TABLES, {"name": "kept", "schema": SCHEMA}) == 200
        yield catalog


@contextmanager
def serving(folder: Path, warehouse: str) -> Iterator[Served]:
    """A catalog of that warehouse, which keeps its tables' names in a file."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    wanted = target.load("embedded", ROOT, {"WAREHOUSE_URI": warehouse})
    ports = {"POSTGRES_PORT": 1, "CATALOG_PORT": port}
    program = programs.catalog_program(wanted, ports, {"CATALOG_PASSWORD": "none", "CATALOG_TOKEN": TOKEN})
    environment = {**program.environment, "CATALOG_URI": f"jdbc:sqlite:{folder}/catalog.db"}
    (ROOT / "var/tmp").mkdir(parents=True, exist_ok=True)  # where the program unpacks its native libraries
    with (folder / "catalog.log").open("w") as log:
        process = subprocess.Popen(program.command, env=environment, stdout=log, stderr=log)
    try:
        catalog = Served(f"http://127.0.0.1:{port}", folder)
        wait_until_it_answers(catalog, process)
        yield catalog
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_until_it_answers(catalog: Served, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            assert catalog.ask("GET", "/health", authorization=None) == 200
            return
        except urllib.error.URLError:
            assert process.poll() is None, (catalog.folder / "catalog.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer sesamé"]
)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/config", None),
        ("GET", "/v1/namespaces", None),
        ("GET", "//v1/namespaces", None),
        ("POST", "/v1/namespaces", {"namespace": ["planted"], "properties": {}}),
        ("GET", f"{TABLES}/kept", None),
        ("POST", TABLES, {"name": "planted", "schema": SCHEMA, "location": "file:///tmp/planted"}),
        ("POST", "/v1/namespaces/shop/register", {"name": "planted", "metadata-location": "file:///tmp/planted.json"}),
        ("DELETE", f"{TABLES}/kept?purgeRequested=true", None),
        ("OPTIONS", "/v1/namespaces", None),
    ],
)
def test_request_without_the_token_is_refused(
    served: Served, authorization: str | None, method: str, path: str, body: Any
) -> None:
    header = authorization.encode().decode("latin-1") if authorization else authorization
    assert served.ask(method, path, body, header) in (400, 401)
    assert served.ask("GET", f"{TABLES}/kept") == 200
    assert served.ask("GET", "/v1/namespaces/planted") == 404


def commit(*updates: dict[str, Any]) -> dict[str, Any]:
    return {"requirements": [], "updates": list(updates)}


def properties(**values: str) -> dict[str, Any]:
    named = {key.replace("__", "-").replace("_", "."): value for key, value in values.items()}
    return commit({"action": "set-properties", "updates": named})


OUTSIDE = "/etc/deftunes"
SNAPSHOT = {"snapshot-id": 5, "timestamp-ms": 1, "summary": {"operation": "append"}}
MOVED = commit({"action": "set-location", "location": OUTSIDE})
LEADS_OUT = {
    "a table elsewhere": (TABLES, {"name": "x", "schema": SCHEMA, "location": f"file://{OUTSIDE}"}),
    "a staged table elsewhere": (TABLES, {"name": "x", "schema": SCHEMA, "stage-create": True, "location": OUTSIDE}),
    "another scheme": (TABLES, {"name": "x", "schema": SCHEMA, "location": "s3://bucket/x"}),
    "another host": (TABLES, {"name": "x", "schema": SCHEMA, "location": f"file://host{OUTSIDE}"}),
    "the warehouse itself": (TABLES, {"name": "x", "schema": SCHEMA, "location": "WAREHOUSE"}),
    "a folder beside": (TABLES, {"name": "x", "schema": SCHEMA, "location": "WAREHOUSE2/x"}),
    "dots": (TABLES, {"name": "x", "schema": SCHEMA, "location": "WAREHOUSE/../x"}),
    "dots at the end": (TABLES, {"name": "x", "schema": SCHEMA, "location": "WAREHOUSE/x/.."}),
    "encoded dots": (TABLES, {"name": "x", "schema": SCHEMA, "location": "WAREHOUSE/%2e%2e/x"}),
    "a link": (TABLES, {"name": "x", "schema": SCHEMA, "location": "WAREHOUSE/link/x"}),
    "a dangling link": (TABLES, {"name": "x", "schema": SCHEMA, "location": "WAREHOUSE/dangling/x"}),
    "a name with dots": (TABLES, {"name": "../../x", "schema": SCHEMA}),
    "a name that is dots": (TABLES, {"name": "..", "schema": SCHEMA}),
    "a namespace that is dots": ("/v1/namespaces", {"namespace": ["..", "x"], "properties": {}}),
    "a namespace elsewhere": ("/v1/namespaces", {"namespace": ["x"], "properties": {"location": OUTSIDE}}),
    "a namespace that moves": ("/v1/namespaces/shop/properties", {"removals": [], "updates": {"location": OUTSIDE}}),
    "a namespace of the address": ("/v1/namespaces/..%1Fetc/tables", {"name": "x", "schema": SCHEMA}),
    "a new name that is dots": (
        "/v1/tables/rename",
        {"source": {"namespace": ["shop"], "name": "kept"}, "destination": {"namespace": [".."], "name": "x"}},
    ),
    "metadata elsewhere": ("/v1/namespaces/shop/register", {"name": "x", "metadata-location": f"file://{OUTSIDE}/a.json"}),
    "a property of the data": (f"{TABLES}/kept", properties(write_data_path=OUTSIDE)),
    "a property of the metadata": (f"{TABLES}/kept", properties(write_metadata_path=OUTSIDE)),
    "an old property of the data": (f"{TABLES}/kept", properties(write_object__storage_path=OUTSIDE)),
    "an older property of the data": (f"{TABLES}/kept", properties(write_folder__storage_path=OUTSIDE)),
    "code of the table": (f"{TABLES}/kept", properties(write_location__provider_impl="java.lang.Object")),
    "a table that moves": (f"{TABLES}/kept", MOVED),
    "a snapshot elsewhere": (f"{TABLES}/kept", commit(
        {"action": "add-snapshot", "snapshot": {**SNAPSHOT, "manifest-list": "/etc/passwd"}}
    )),
    "a snapshot of manifests": (f"{TABLES}/kept", commit(
        {"action": "add-snapshot", "snapshot": {**SNAPSHOT, "manifests": ["/etc/passwd"]}}
    )),
    "statistics elsewhere": (f"{TABLES}/kept", commit({
        "action": "set-statistics",
        "statistics": {"snapshot-id": 5, "statistics-path": "/etc/passwd", "file-size-in-bytes": 1,
                       "file-footer-size-in-bytes": 1, "blob-metadata": []},
    })),
    "a transaction": ("/v1/transactions/commit", {"table-changes": [
        {"identifier": {"namespace": ["shop"], "name": "kept"}, **MOVED}
    ]}),
    "a view": ("/v1/namespaces/shop/views", {"name": "x"}),
    "a token by itself": ("/v1/oauth/tokens", b"grant_type=client_credentials"),
}  # fmt: skip


@pytest.mark.parametrize("case", LEADS_OUT)
def test_what_leads_out_of_the_warehouse_is_refused(served: Served, case: str) -> None:
    warehouse = served.folder / "warehouse"
    for name, destination in (("link", "/etc"), ("dangling", "/nowhere")):
        if not (warehouse / name).is_symlink():
            (warehouse / name).symlink_to(destination)
    path, body = LEADS_OUT[case]
    text = body if isinstance(body, bytes) else json.dumps(body).replace("WAREHOUSE", f"file://{warehouse}").encode()
    before = served.files()
    assert served.ask("POST", path, text) == 403
    assert served.files() == before
    assert not Path(OUTSIDE).exists()


def test_a_key_that_stands_twice_is_refused(served: Served) -> None:
    inside = f"file://{served.folder}/warehouse/shop/twice"
    twice = f'{{"name": "twice", "location": "{inside}", "location": "{OUTSIDE}", "schema": {json.dumps(SCHEMA)}}}'
    assert served.ask("POST", TABLES, twice.encode()) == 400


@pytest.mark.parametrize("query", ["purgeRequested=true", "purgeRequested=TRUE", "purge%52equested=true"])
def test_purge_is_refused_and_deletes_nothing(served: Served, query: str) -> None:
    before = served.files()
    assert served.ask("DELETE", f"{TABLES}/kept?{query}") == 403
    assert served.files() == before
    assert served.ask("GET", f"{TABLES}/kept") == 200


@pytest.mark.parametrize(
    ("body", "status"), [(b'"' + b"a" * (5 << 20) + b'"', 403), (b"[" * 100_000, 400), (b"no", 400)]
)
def test_bodies_too_long_too_deep_or_no_json_are_refused(served: Served, body: bytes, status: int) -> None:
    assert served.ask("POST", TABLES, body) == status


def test_a_bucket_is_a_warehouse_too(tmp_path: Path) -> None:
    """No store answers here: what is refused is refused before one is asked."""
    with serving(tmp_path, "s3://deftunes-warehouse") as catalog:
        assert catalog.ask("POST", "/v1/namespaces", {"namespace": ["shop"], "properties": {}}) == 200
        staged = {"name": "x", "schema": SCHEMA, "stage-create": True}
        for location, status in (
            ("s3://deftunes-warehouse/shop/x", 200),
            ("s3://deftunes-warehouse2/x", 403),
            ("s3://deftunes-warehouse/../x", 403),
            ("s3a://deftunes-warehouse/x", 403),
            ("file:///etc/x", 403),
            ("/etc/x", 403),
        ):
            assert catalog.ask("POST", TABLES, {**staged, "location": location}) == status, location


def test_clients_with_the_token_work_in_the_warehouse(served: Served) -> None:
    catalog = load_catalog("lake", type="rest", uri=served.url, token=TOKEN)
    table = catalog.create_table("shop.mine", Schema(NestedField(1, "a", LongType(), required=False)))
    assert table.location() == f"file://{served.folder}/warehouse/shop/mine"
    with table.transaction() as change:
        change.set_properties({"write.metadata.path": f"{table.location()}/metadata"})
    catalog.rename_table("shop.mine", "shop.renamed")
    catalog.drop_table("shop.renamed")
    with pytest.raises(ForbiddenError):
        catalog.create_table("shop.theirs", table.schema(), location=f"file://{OUTSIDE}")
    with pytest.raises(UnauthorizedError):
        load_catalog("lake", type="rest", uri=served.url)


def test_catalog_without_a_token_does_not_start(served: Served) -> None:
    wanted = target.load("embedded", ROOT, {"WAREHOUSE_URI": f"file://{served.folder}/warehouse"})
    ports = {"POSTGRES_PORT": 1, "CATALOG_PORT": 1}
    program = programs.catalog_program(wanted, ports, {"CATALOG_PASSWORD": "none", "CATALOG_TOKEN": ""})
    started = subprocess.run(program.command, env=dict(program.environment), capture_output=True, text=True, timeout=60)
    assert started.returncode != 0
    assert "CATALOG_TOKEN is empty" in started.stdout + started.stderr
    assert os.listdir(served.folder / "warehouse")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def cut_with_its_sum(path: Path) -> None:
    cut(path)
    path.with_name(f".{path.name}.crc").unlink(missing_ok=True)  # Hadoop's own; an object store has none


@pytest.mark.parametrize(
    "damage",
    [
        cut,
        cut_with_its_sum,
        Path.unlink,
        lambda path: path.write_text(""),
        lambda path: path.write_text("{}"),
        lambda path: path.write_bytes(b"\0" * 500),
    ],
    ids=["cut", "cut with its sum", "gone", "emptied", "another JSON", "zeros"],
)
def test_damaged_metadata_is_named_at_once(served: Served, damage: Callable[[Path], object]) -> None:
    assert served.ask("POST", TABLES, {"name": "damaged", "schema": SCHEMA}) == 200
    (metadata,) = served.folder.glob("warehouse/shop/damaged/metadata/*.metadata.json")
    damage(metadata)
    started = time.monotonic()

    catalog = load_catalog("lake", type="rest", uri=served.url, token=TOKEN)
    with pytest.raises(ServerError, match=f"NotFoundException: .*{metadata}"):
        catalog.load_table("shop.damaged")

    assert time.monotonic() - started < 20  # Iceberg alone tries for 92 s
    assert served.ask("GET", f"{TABLES}/kept") == 200
    assert served.ask("DELETE", f"{TABLES}/damaged") in (200, 204)
    metadata.unlink(missing_ok=True)
