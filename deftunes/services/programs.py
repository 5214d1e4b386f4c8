"""The embedded services as command lines: PostgreSQL, the mock source API, the Iceberg REST catalog, Spark's worker."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deftunes.run import worker_client
from deftunes.services import postgres, server_user
from deftunes.services.mock_source import MockSource, is_own_api
from deftunes.services.ports import LOOPBACK
from deftunes.setup import jars, runtimes
from deftunes.system import certificates
from deftunes.target import Target


@dataclass(frozen=True)
class Program:
    """One service: how it starts, and the signal that ends it in good order.

    environment: added to program_environment.py's list; supervisord cannot carry a double quote in a value.
    starts_again: whether supervisord starts it anew when it ends; else whoever wants it next does.
    """

    name: str
    command: tuple[str, ...]
    stop_signal: str = "TERM"
    environment: Mapping[str, str] = field(default_factory=dict)
    starts_again: bool = True


def mark(root: Path) -> str:
    """Stands in the command line of every process we start, so that an orphan is known as this checkout's."""
    return f"deftunes.root={root}"


def programs_for(
    target: Target, ports: Mapping[str, int], passwords: Mapping[str, str], source: MockSource
) -> tuple[Program, ...]:
    """The services this target needs: no mock API where another API is asked. ports: key -> port."""
    programs = [
        postgres_program(target.root, ports["POSTGRES_PORT"]),
        catalog_program(target, ports, passwords),
        spark_program(target),
    ]
    if is_own_api(target):
        programs.append(mock_api_program(target.root, ports["MOCK_API_PORT"], source))
    return tuple(programs)


def spark_program(target: Target) -> Program:
    """The worker keeps code, settings and certificates in memory: others are another program, which starts anew."""
    root, authorities = target.root, certificates.authorities_file()
    works_with = fingerprint(
        root / "spark_jobs",
        (Path(__file__).parents[1] / "run/worker.py").read_bytes(),
        repr(sorted(target.spark_conf.items())).encode(),
        authorities.read_bytes() if authorities else b"",
    )
    command = worker_client.command(root, "-X", mark(root))
    environment = {**worker_client.environment(root, os.environ), "WORKS_WITH": works_with}
    return Program("spark", (*command, "--runs", worker_client.SOCKET), environment=environment, starts_again=False)


def postgres_program(root: Path, port: int) -> Program:
    settings = {
        "listen_addresses": LOOPBACK,
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": "50",
        "shared_buffers": "64MB",
        mark(root).split("=")[0]: str(root),
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    data = postgres.data_folder(root)
    command = server_user.command(root, data, "postgres", "-D", str(server_user.data_of_server(data)), *options)
    return Program("postgres", tuple(command), stop_signal="INT")  # "fast": do not wait for clients to leave


def mock_api_program(root: Path, port: int, source: MockSource) -> Program:
    python = str(runtimes.lake_python(root))
    command = (python, "-X", mark(root), "-m", "mock_api", "--host", LOOPBACK, "--port", str(port), *source.arguments())
    # Other code, or a CSV written again, changes this text, and with it the program: supervisord starts it anew.
    environment = {"MOCK_SOURCE": source.fingerprint(), "WORKS_WITH": fingerprint(root / "mock_api")}
    return Program("mock_api", command, environment=environment)


def fingerprint(folder: Path, *more: bytes) -> str:
    """A sum of a folder's code and settings, and of `more`."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".yaml"))
    return hashlib.sha256(b"\0".join((*(path.read_bytes() for path in files), *more))).hexdigest()


def catalog_program(target: Target, ports: Mapping[str, int], passwords: Mapping[str, str]) -> Program:
    root = target.root
    janino = [str(runtimes.spark_jar(root, artifact)) for artifact in ("janino", "commons-compiler")]
    class_path = ":".join(
        [*janino, *(str(jars.path(root, artifact)) for artifact in ("iceberg-open-api", "postgresql"))]
    )
    heap = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
    source_file = str(Path(__file__).with_name("LoopbackCatalog.java"))
    compiler = "org.codehaus.janino.SimpleCompiler"
    command = (
        str(runtimes.java(root)),
        f"-D{mark(root)}",
        f"-Djava.io.tmpdir={root / 'var/tmp'}",  # native libraries are unpacked there, and /tmp may be without exec
        *heap,
        "-cp",
        class_path,
        compiler,
        source_file,
        "LoopbackCatalog",
    )
    environment = {
        "CATALOG_CATALOG_NAME": "lake",
        "CATALOG_CATALOG__IMPL": "org.apache.iceberg.jdbc.JdbcCatalog",
        "CATALOG_URI": f"jdbc:postgresql://{LOOPBACK}:{ports['POSTGRES_PORT']}/catalog",
        "CATALOG_JDBC_USER": "catalog",
        "CATALOG_JDBC_PASSWORD": passwords["CATALOG_PASSWORD"],
        "CATALOG_TOKEN": passwords["CATALOG_TOKEN"],
        "CATALOG_JDBC_SCHEMA__VERSION": "V1",
        "CATALOG_WAREHOUSE": target["WAREHOUSE_URI"],
        "CATALOG_IO__IMPL": "org.apache.iceberg.hadoop.HadoopFileIO",
        "CATALOG_REST_PORT": str(ports["CATALOG_PORT"]),
    }
    return Program("catalog", command, environment=environment)
