"""What a program finds in its environment: a short list, set by us, never what the shell happens to hold.

What the shell may decide is how this machine is left: by which proxies, and trusting whom. Nothing here is imported
that set-up has yet to install. docs/decisions/0044 says why.
"""

import os
import pwd
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from deftunes.system import certificates

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"  # macOS has no C.UTF-8
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
# Where installers get things from and how; not where they put them: PIP_USER, PIP_TARGET or UV_PYTHON would be heeded.
SET_UP = re.compile(
    r"(PIP|UV)_(DEFAULT_)?(EXTRA_)?INDEX(_\w+)?|(PIP|UV)_(NO_INDEX|FIND_LINKS|OFFLINE|KEYRING_PROVIDER|CACHE_DIR|NO_CACHE)"
    r"|PIP_(CONFIG_FILE|CERT|CLIENT_CERT|PROXY|TRUSTED_HOST|(DEFAULT_)?TIMEOUT|RETRIES)"
    r"|UV_(CONFIG_FILE|HTTP_\w+|NATIVE_TLS|SYSTEM_CERTS|INSECURE_HOST|LINK_MODE|CONCURRENT_\w+)"
    r"|GO(PROXY|NOPROXY|PRIVATE|SUMDB|NOSUMDB|CACHE|MODCACHE|PATH)|NETRC|XDG_(CACHE|CONFIG)_(HOME|DIRS)|IVY_SETTINGS"
)


def program_environment(root: Path) -> dict[str, str]:
    """What every program gets. Its home is scratch space, so that no dot file of the user's is a setting of ours."""
    scratch = str(root / "var/tmp")
    return {
        "HOME": scratch,
        "LANG": LOCALE,
        "LC_ALL": LOCALE,
        "PATH": SYSTEM_PATH,
        "PYTHONPATH": str(root),
        "TMPDIR": scratch,
        "TZ": "UTC",
    }


def way_out(environ: Mapping[str, str]) -> dict[str, str]:
    """The proxies and certificates of `environ`: what a program needs that asks servers elsewhere.

    Loopback never goes through a proxy. Names are in lower case only: DuckDB reads HTTP_PROXY, and knows no exception.
    """
    given = {name: environ.get(name) or environ.get(name.upper()) or "" for name in PROXIES}
    direct = [host.strip() for host in (environ.get("no_proxy") or environ.get("NO_PROXY") or "").split(",")]
    settings = dict[str, str]()
    if any(given.values()) and "*" not in direct:
        settings = {name: value for name, value in given.items() if value}
        settings["no_proxy"] = ",".join(dict.fromkeys(host for host in (*direct, *LOOPBACK_HOSTS) if host))
    if authorities := certificates.authorities_file(environ):
        settings |= dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(authorities))
    if Path(environ.get("SSL_CERT_DIR") or "/dev/null").is_dir():
        settings["SSL_CERT_DIR"] = str(Path(environ["SSL_CERT_DIR"]).resolve())
    return settings


def set_up_environment(root: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """What installers get: also the user's own home, whose caches and package indices they are to use."""
    scratch = root / "var/tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    return {
        **program_environment(root),
        "HOME": home(environ) or str(scratch),
        "PATH": environ.get("PATH") or SYSTEM_PATH,
        **way_out(environ),
        **choose_variables(environ, SET_UP),
    }


def home(environ: Mapping[str, str]) -> str:
    """The user's own folder if it can be written to, else empty; HOME need not be set."""
    candidates: Iterable[str] = (environ.get("HOME", ""), _listed_home())
    return next((path for path in candidates if path and os.access(path, os.W_OK | os.X_OK)), "")


def _listed_home() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:  # a container may run as a number that nobody has
        return ""


def choose_variables(environ: Mapping[str, str], names: re.Pattern[str]) -> dict[str, str]:
    """The variables whose whole name matches, those that are empty left out."""
    return {name: value for name, value in environ.items() if value and names.fullmatch(name)}
