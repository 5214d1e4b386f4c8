"""SOURCE_DSN: the address of the song database as libpq takes it, made into what the JDBC driver takes.

libpq's own parser reads it, so that every form psql takes is taken here too. What cannot be carried over is refused:
a setting that was asked for, TLS before all, is never dropped. No message shows a password, nor part of one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from spark_jobs.problem import Problem

FORM = "postgresql://user:password@host:port/database"
RESERVED = "@/%"  # what libpq cannot take as it is in a user or password
# libpq's setting -> pgjdbc's (https://jdbc.postgresql.org/documentation/use/#connection-parameters).
SETTINGS: Mapping[str, str] = {
    "sslmode": "sslmode",
    "sslrootcert": "sslrootcert",
    "sslcert": "sslcert",
    "sslkey": "sslkey",
    "sslnegotiation": "sslNegotiation",
    "channel_binding": "channelBinding",
    "gssencmode": "gssEncMode",
    "krbsrvname": "kerberosServerName",
    "connect_timeout": "connectTimeout",
    "application_name": "ApplicationName",
    "options": "options",
    "target_session_attrs": "targetServerType",
    "load_balance_hosts": "loadBalanceHosts",
    "keepalives": "tcpKeepAlive",
}
VALUES: Mapping[str, Mapping[str, str]] = {
    "target_session_attrs": {
        "any": "any",
        "read-write": "primary",
        "primary": "primary",
        "read-only": "secondary",
        "standby": "secondary",
        "prefer-standby": "preferSecondary",
    },
    "load_balance_hosts": {"disable": "false", "random": "true"},
    "keepalives": {"0": "false", "1": "true"},
}
# The driver always speaks UTF-8, and leaves the pace of TCP's keep-alives to the operating system.
NOT_NEEDED = {"client_encoding", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"}
# Authorities the system trusts, which libpq then checks in full: for Java, those of its own trust store.
SYSTEM_AUTHORITIES = {"sslmode": "verify-full", "sslfactory": "org.postgresql.ssl.DefaultJavaSSLFactory"}


@dataclass(frozen=True)
class SourceAddress:
    """hosts: (name, port), an IPv6 one without brackets. settings: names and values of pgjdbc."""

    hosts: tuple[tuple[str, int], ...]
    database: str
    user: str
    password: str
    settings: Mapping[str, str]

    @property
    def place(self) -> str:
        """Hosts and database, without user, password and settings."""
        hosts = ",".join(f"{_with_brackets(host)}:{port}" for host, port in self.hosts)
        return f"postgresql://{hosts}/{quote(self.database, safe='')}"

    @property
    def jdbc_url(self) -> str:
        """The address for JDBC, without user and password."""
        settings = "&".join(f"{name}={quote(value, safe='')}" for name, value in self.settings.items())
        return f"jdbc:{self.place}{settings and '?'}{settings}"


def source_address(dsn: str) -> SourceAddress:
    """What a SOURCE_DSN says. Raises Problem, which names what is wrong in it and shows no password."""
    import psycopg2  # here, for the doctor, which comes before set-up
    from psycopg2.extensions import parse_dsn

    _check_form(dsn)
    try:
        given = {name: value for name, value in parse_dsn(dsn).items() if value}
    except psycopg2.ProgrammingError as error:
        unknown = re.search(r'(?:query parameter|connection option)[:\s]*"(\w+)"', str(error))
        what = f"libpq has no setting {unknown.group(1)}" if unknown else "it cannot be taken apart"
        raise _refusal(what, f"write it as {FORM}") from None
    for name in ("host", "dbname", "user"):
        if name not in given:
            raise _refusal(f"it names no {name.replace('dbname', 'database')}", f"write it as {FORM}")
    hosts = _hosts(given.pop("host"), given.pop("port", ""))
    database, user, password = given.pop("dbname"), given.pop("user"), given.pop("password", "")
    return SourceAddress(hosts, database, user, password, _settings(given))


def _check_form(dsn: str) -> None:
    """Raises Problem for an address of another kind, and for a user or password that is not percent-encoded."""
    if dsn.startswith("jdbc:"):
        raise _refusal("it is an address for JDBC", f"write it as {FORM}")
    address = re.match(r"postgres(?:ql)?://(.*)", dsn, re.DOTALL)
    if not address:
        if "=" in dsn and "://" not in dsn:
            return  # host=... dbname=...
        scheme = dsn.partition("://")[0] if "://" in dsn else ""
        raise _refusal(f"it begins with {scheme}:// " if scheme else "it has no postgresql://", f"write it as {FORM}")
    before_settings = address.group(1).partition("?")[0]
    user = (before_settings if "@" in before_settings else address.group(1)).rpartition("@")[0]
    bare = [sign for sign in RESERVED if sign in re.sub(r"%[0-9A-Fa-f]{2}", "", user)]
    if bare:
        encoded = ", ".join(f"{sign} as {quote(sign, safe='')}" for sign in bare)
        raise _refusal(
            f"its user or password holds {' and '.join(bare)} as it is",
            f"write {encoded}; or leave the password out and give it in SOURCE_PASSWORD",
        )


def _hosts(names: str, ports: str) -> tuple[tuple[str, int], ...]:
    """The hosts with their ports: one port a host, or one for all."""
    hosts = names.split(",")
    numbers = ports.split(",") if ports else [""]
    numbers = numbers * len(hosts) if len(numbers) == 1 else numbers
    if socket := next((host for host in hosts if not host or host.startswith(("/", "@"))), None):
        raise _refusal(
            f"it names a Unix socket ({socket})" if socket else "one of its hosts is empty",
            "name a host: the JDBC driver connects by TCP",
        )
    if len(numbers) != len(hosts) or not all(number.isdecimal() or not number for number in numbers):
        raise _refusal("its ports do not fit its hosts", "give each host its port: host1:5432,host2:5432")
    return tuple((host, int(number or 5432)) for host, number in zip(hosts, numbers, strict=True))


def _settings(given: Mapping[str, str]) -> dict[str, str]:
    """The settings in pgjdbc's words. Raises Problem for one it has no word for."""
    if other := sorted(set(given) - set(SETTINGS) - NOT_NEEDED):
        raise _refusal(
            f"its setting {other[0]} has no counterpart in the JDBC driver",
            f"leave it out; these are carried over: {', '.join(SETTINGS)}",
        )
    settings = {SETTINGS[name]: _value(name, value) for name, value in given.items() if name in SETTINGS}
    if settings.get("sslrootcert") == "system":
        del settings["sslrootcert"]
        settings |= SYSTEM_AUTHORITIES
    return settings


def _value(name: str, value: str) -> str:
    if name in VALUES and value not in VALUES[name]:
        raise _refusal(f"{name} is {value}", f"give one of {', '.join(VALUES[name])}")
    return VALUES.get(name, {}).get(value, value)


def _with_brackets(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _refusal(what: str, way_out: str) -> Problem:
    return Problem("SOURCE_DSN cannot be used", "SOURCE_DSN", what, way_out)
