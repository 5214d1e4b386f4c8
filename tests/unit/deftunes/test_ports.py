"""Choosing loopback ports."""

import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deftunes.services import ports
from deftunes.services.ports import PortError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "var/run").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def stranger() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_open_ports_are_free_and_differ(root: Path) -> None:
    chosen = ports.resolve(root, {"A_PORT": "0", "B_PORT": "0"})
    assert chosen["A_PORT"] != chosen["B_PORT"]
    for port in chosen.values():
        socket.create_server(("127.0.0.1", port)).close()


def test_remembered_port_is_used_again(root: Path) -> None:
    port = free_port()
    ports.remember(root, {"A_PORT": port})
    assert ports.resolve(root, {"A_PORT": "0"}) == {"A_PORT": port}


def test_remembered_port_is_given_up_when_a_stranger_has_it(root: Path, stranger: int) -> None:
    ports.remember(root, {"A_PORT": stranger})
    chosen = ports.resolve(root, {"A_PORT": "0"})
    assert chosen["A_PORT"] != stranger
    assert ports.is_free(chosen["A_PORT"])


def test_remembered_port_is_kept_when_our_own_service_has_it(root: Path, stranger: int) -> None:
    ports.remember(root, {"A_PORT": stranger})
    assert ports.resolve(root, {"A_PORT": "0"}, frozenset({stranger})) == {"A_PORT": stranger}


def test_fixed_port_that_is_taken_names_port_key_holder_and_way_out(root: Path, stranger: int) -> None:
    message = rf"port {stranger} \(A_PORT\) is taken by process {os.getpid()} \(.*pytest.*\): .*set A_PORT to another"
    with pytest.raises(PortError, match=message):
        ports.resolve(root, {"A_PORT": str(stranger)})


def test_fixed_port_wanted_twice_is_an_error(root: Path) -> None:
    port = str(free_port())
    with pytest.raises(PortError, match=re.escape(f"port {port} (B_PORT) is taken")):
        ports.resolve(root, {"A_PORT": port, "B_PORT": port})


@pytest.mark.parametrize("value", ["http", "-1", "65536", "1.5"])
def test_port_that_is_none_is_an_error(root: Path, value: str) -> None:
    with pytest.raises(PortError, match=f"A_PORT is '{value}', which is no port"):
        ports.resolve(root, {"A_PORT": value})


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"A_PORT": "x"}'])
def test_unreadable_memory_counts_as_none(root: Path, text: str) -> None:
    ports.ports_file(root).write_text(text)
    assert ports.last_ports(root) == {}


def test_port_given_to_one_key_is_not_given_to_another(root: Path) -> None:
    first = ports.any_free("name", set())
    assert ports.any_free("name", {first}) not in (0, first)


def test_two_checkouts_start_from_different_places(root: Path) -> None:
    assert ports.any_free(f"{root}/one", set()) != ports.any_free(f"{root}/two", set())
