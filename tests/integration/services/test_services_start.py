"""The embedded services: what answers after `up`, what `up` again changes, what `down` leaves."""

import json
import socket
import stat
import urllib.request
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from deftunes.lake.catalog import catalog_token
from deftunes.services import lifecycle, passwords, ports, supervision
from deftunes.services.lifecycle import Endpoints
from deftunes.services.mock_source import SourceError
from deftunes.setup import jars
from deftunes.system import processes

KEYS = ("POSTGRES_PORT", "MOCK_API_PORT", "CATALOG_PORT")


def answer(url: str, **headers: str) -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5) as response:
        return json.load(response)


def namespaces(at: Endpoints) -> Any:
    return answer(f"{at.catalog_uri}/v1/namespaces", Authorization=f"Bearer {catalog_token(at.target)}")["namespaces"]


def songs(at: Endpoints) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(at.source_dsn, password=at.source_password)
    try:
        with connection.cursor() as cursor:
            cursor.execute("select * from deftunes.songs order by track_id")
            return cursor.fetchall()
    finally:
        connection.close()


def pids(root: Path) -> dict[str, int | None]:
    return {service.name: service.pid for service in lifecycle.status(root)}


def create_namespace(at: Endpoints, name: str) -> None:
    body = json.dumps({"namespace": [name], "properties": {}}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {catalog_token(at.target)}"}
    urllib.request.urlopen(urllib.request.Request(f"{at.catalog_uri}/v1/namespaces", body, headers), timeout=5).close()


def test_everything_answers_after_up(checkout: Path, start: Any) -> None:
    at = start(checkout)
    assert answer(f"{at.api_url}/health")["seed"] == 42
    assert isinstance(namespaces(at), list)
    assert len(songs(at)[0]) == 14
    assert [(service.name, service.state in ("running", "starting")) for service in lifecycle.status(checkout)] == [
        ("postgres", True),
        ("catalog", True),
        ("mock_api", True),
    ]
    assert (
        at.target["CATALOG_URI"] == at.catalog_uri == f"http://127.0.0.1:{ports.last_ports(checkout)['CATALOG_PORT']}"
    )


def test_up_again_leaves_running_services_alone(checkout: Path, start: Any) -> None:
    start(checkout)
    before, loaded = pids(checkout), supervision.log_file(checkout, "load").stat().st_mtime_ns
    start(checkout)
    assert pids(checkout) == before
    assert supervision.log_file(checkout, "load").stat().st_mtime_ns == loaded


def test_another_seed_restarts_the_api_and_loads_its_songs(checkout: Path, start: Any) -> None:
    first = songs(start(checkout))
    before = pids(checkout)
    at = start(checkout, seed=7)
    assert answer(f"{at.api_url}/health")["seed"] == 7
    assert songs(at) != first
    changed = {name for name, pid in pids(checkout).items() if pid != before[name]}
    assert changed == {"mock_api"}
    assert songs(start(checkout)) == first


def test_secrets_are_nowhere_but_in_files_of_mode_600(checkout: Path, start: Any) -> None:
    at = start(checkout)
    create_namespace(at, "for_the_log")
    hidden = passwords.load(checkout).values()
    private = {passwords.secrets_file(checkout), supervision.config_file(checkout)}
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}
    for path in set((checkout / "var/run").iterdir()) | set((checkout / "var/logs").iterdir()):
        assert path in private or not [1 for word in hidden if word in path.read_text(errors="replace")], path
    for number in processes.processes_of_checkout(checkout):
        command = Path(f"/proc/{number}/cmdline").read_text()
        assert not [1 for word in hidden if word in command], command


def test_every_port_listens_on_loopback_only(checkout: Path, start: Any) -> None:
    start(checkout)
    loopback = {"0100007F", "0000000000000000FFFF00000100007F"}
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    listening = {(row[1].split(":")[0], int(row[1].split(":")[1], 16)) for row in rows if row[3] == ports.LISTENING}
    # The port kept for the dashboards is nobody's until somebody asks for them.
    ours = {port for key, port in ports.last_ports(checkout).items() if key != "SUPERSET_PORT"}
    assert {port for _, port in listening} >= ours
    assert {address for address, port in listening if port in ours} <= loopback


def test_wrong_password_is_refused(checkout: Path, start: Any) -> None:
    at = start(checkout)
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(at.source_dsn, password="guess")


def test_source_role_cannot_read_the_catalog(checkout: Path, start: Any) -> None:
    at = start(checkout)
    with pytest.raises(psycopg2.OperationalError, match="permission denied"):
        psycopg2.connect(at.source_dsn.removesuffix("deftunes") + "catalog", password=at.source_password)


def test_real_catalogue_that_is_written_again_is_loaded_again(checkout: Path, start: Any, tmp_path: Path) -> None:
    csv = tmp_path / "songs.csv"
    names = (
        "track_id,title,song_id,release,artist_id,artist_mbid,artist_name,duration,artist_familiarity,artist_hotttnesss"
    )
    row = "TRMBFJC12903CE2A89,{},SOGOPFY12AB018E5B1,Healing,ARP06GY1187B98B0F0,,Yami Bolo,146.49425,0.49,0.32,2001"
    text = f"{names},year,track_7digitalid,shs_perf,shs_work\n{row},8562838,-1,0\n"
    csv.write_text(text.format("Mystery"))
    assert [song[1] for song in songs(start(checkout, songs_csv=csv))] == ["Mystery"]
    before = pids(checkout)
    csv.write_text(text.format("Mystery Babylon"))
    assert [song[1] for song in songs(start(checkout, songs_csv=csv))] == ["Mystery Babylon"]
    assert pids(checkout)["mock_api"] != before["mock_api"]


def test_catalogue_with_wrong_columns_is_refused_by_the_message_of_the_loader(
    checkout: Path, start: Any, tmp_path: Path
) -> None:
    start(checkout)
    csv = tmp_path / "wrong.csv"
    csv.write_text("a,b\n1,2\n")
    with pytest.raises((SourceError, lifecycle.ServiceError), match=r"wrong\.csv"):
        start(checkout, songs_csv=csv)
    assert answer(f"{start(checkout).api_url}/health")["seed"] == 42


def test_two_checkouts_run_side_by_side(checkout: Path, another: Path, start: Any) -> None:
    here, there = start(checkout), start(another, seed=7)
    assert not set(ports.last_ports(checkout).values()) & set(ports.last_ports(another).values())
    create_namespace(there, "only_there")
    assert ["only_there"] not in namespaces(here)
    before = pids(checkout)
    assert lifecycle.down(another)
    assert pids(checkout) == before
    assert answer(f"{here.api_url}/health")["seed"] == 42


def test_down_leaves_no_process_and_up_finds_its_data(another: Path, start: Any) -> None:
    create_namespace(start(another), "kept")
    assert lifecycle.down(another)
    assert processes.processes_of_checkout(another) == {}
    assert not lifecycle.down(another)
    assert {service.state for service in lifecycle.status(another)} == {"stopped"}
    assert namespaces(start(another)) == [["kept"]]


def test_own_api_and_database_are_not_started_or_written(another: Path, start: Any) -> None:
    at = start(another, API_URL="http://shop.example", SOURCE_DSN="postgresql://me@db.example/shop")
    assert (at.api_url, at.source_dsn) == ("http://shop.example", "postgresql://me@db.example/shop")
    assert pids(another)["mock_api"] is None
    assert pids(another)["catalog"] is not None
    assert not supervision.log_file(another, "load").exists()


def test_missing_jar_is_reported_before_anything_starts(another: Path, start: Any) -> None:
    (another / "var/jars").unlink()
    with pytest.raises(jars.JarError, match=r"iceberg-open-api-1\.10\.1\.jar is missing: make setup"):
        start(another)
    assert processes.processes_of_checkout(another) == {}


def test_fixed_port_that_is_taken_is_an_error_and_an_open_one_moves(another: Path, start: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = stranger.getsockname()[1]
        with pytest.raises(ports.PortError, match=rf"port {taken} \(POSTGRES_PORT\) is taken by process"):
            start(another, POSTGRES_PORT=str(taken))
        ports.remember(another, dict.fromkeys(KEYS, taken))
        at = start(another)
        assert str(taken) not in f"{at.api_url} {at.source_dsn} {at.catalog_uri}"
        assert answer(f"{at.api_url}/health")["status"] == "ok"
