"""Fetch the jars of requirements/jars.txt into var/jars, with the Ivy that pyspark ships, and hold each to its sum.

Further lists are named as arguments: `python -m deftunes.setup.jar_fetch jars-s3`.

`IVY_SETTINGS=<file>` names Ivy settings of your own, for a mirror of Maven's central repository.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

from deftunes.setup import runtimes
from deftunes.setup.jars import Jar, JarError, read_jar_list
from deftunes.system import certificates, log_tail, var
from deftunes.system.program_environment import home, set_up_environment, way_out

TIMEOUT_S = 1800
STAMP = ".complete"


def fetch(root: Path, environ: Mapping[str, str], lists: Iterable[str] = ("jars",)) -> list[Jar]:
    """Fetch the jars that are missing or wrong; those. A jar with another sum is removed. Raises JarError."""
    jars = [jar for name in lists for jar in read_jar_list(root, name)]
    missing = [jar for jar in jars if not is_right(root, jar)]
    if missing:
        cache = cache_folder(environ)
        retrieve(root, missing, cache, environ)
        for jar in missing:
            verify(root, jar, cache)
    (folder(root) / STAMP).touch()
    return missing


def is_right(root: Path, jar: Jar) -> bool:
    file = folder(root) / jar.file
    return file.is_file() and sha256(file) == jar.sha256


def verify(root: Path, jar: Jar, cache: Path) -> None:
    """Raises JarError for a jar that did not come or is not the listed one; nothing of that one stays."""
    file = folder(root) / jar.file
    if not file.is_file():
        raise JarError(f"{jar.group}:{jar.artifact}:{jar.version} was not delivered; see {log_file(root)}")
    if (found := sha256(file)) != jar.sha256:
        file.unlink()
        shutil.rmtree(cache / jar.group / jar.artifact, ignore_errors=True)
        raise JarError(
            f"{jar.file} has sha256 {found}, but requirements/jars.txt says {jar.sha256}: it is removed. "
            "Run make setup again; if the sum stays, the server does not give what was tested"
        )


def sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def retrieve(root: Path, jars: Iterable[Jar], cache: Path, environ: Mapping[str, str]) -> None:
    """One call of Ivy, its words in var/logs/ivy.log. Raises JarError."""
    ivy_file = root / "var/tmp/ivy.xml"
    ivy_file.write_text(ivy_module(jars))
    settings = ["-settings", environ["IVY_SETTINGS"]] if environ.get("IVY_SETTINGS") else []
    options = [*certificates.java_options(root / "var/tmp", environ), *proxy_options(way_out(environ))]
    java = [str(runtimes.java(root)), *options]
    ivy = ["-cp", str(runtimes.spark_jar(root, "ivy")), "org.apache.ivy.Main", *settings, "-cache", str(cache)]
    pattern = str(folder(root) / "[artifact]-[revision].[ext]")
    environment = set_up_environment(root, environ)
    with log_file(root).open("w") as log:
        command = [*java, *ivy, "-ivy", str(ivy_file), "-types", "jar", "-retrieve", pattern]
        done = subprocess.run(
            command, stdout=log, stderr=subprocess.STDOUT, timeout=TIMEOUT_S, check=False, env=environment
        )
    if done.returncode != 0:
        raise JarError(
            f"Ivy ended with {done.returncode} (a network without access to Maven's central repository? "
            f"IVY_SETTINGS names a mirror). Last lines of {log_file(root)}:\n{log_tail.last_lines(log_file(root), 8)}"
        )


def ivy_module(jars: Iterable[Jar]) -> str:
    """Ivy's XML for exactly these jars, without what they depend on."""
    lines = [
        f"  <dependency org={quoteattr(jar.group)} name={quoteattr(jar.artifact)} rev={quoteattr(jar.version)} "
        'transitive="false"/>'
        for jar in jars
    ]
    head = '<ivy-module version="2.0"><info organisation="deftunes" module="jars"/><dependencies>'
    return "\n".join([head, *lines, "</dependencies></ivy-module>", ""])


def proxy_options(environ: Mapping[str, str]) -> list[str]:
    """JVM options for the proxies that way_out() gives."""
    options = []
    for scheme, default in (("https", 443), ("http", 80)):
        given = environ.get(f"{scheme}_proxy", "")
        address = urlsplit(given if "://" in given else f"//{given}")
        if address.hostname:
            options += [f"-D{scheme}.proxyHost={address.hostname}", f"-D{scheme}.proxyPort={address.port or default}"]
    direct = environ.get("no_proxy", "").split(",")
    if options:
        options.append(
            "-Dhttp.nonProxyHosts=" + "|".join(f"*{host}" if host.startswith(".") else host for host in direct)
        )
    return options


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Outside the checkout, so that a second one downloads nothing."""
    return Path(environ.get("XDG_CACHE_HOME") or Path(home(environ) or "var/tmp") / ".cache") / "deftunes/ivy"


def folder(root: Path) -> Path:
    return root / "var/jars"


def log_file(root: Path) -> Path:
    return root / "var/logs/ivy.log"


def main() -> None:
    root = Path.cwd()
    var.make(root)
    started = time.monotonic()
    sys.stderr.write(f"  {'var/jars':<18}")
    sys.stderr.flush()
    try:
        fetch(root, os.environ, ["jars", *sys.argv[1:]])
    except (JarError, FileNotFoundError) as error:
        sys.exit(f"failed\n{error}")
    sys.stderr.write(f"{time.monotonic() - started:6.1f} s\n")


if __name__ == "__main__":
    main()
