"""How Redshift is reached: its address, who asks, and a connection by Redshift's own driver."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

TLS = "verify-ca"  # the driver brings the certificates of Amazon's authorities


@dataclass(frozen=True)
class Address:
    """`sslmode` is the driver's: verify-ca, or disable for a server without TLS on loopback."""

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)
    sslmode: str = TLS

    def of(self, user: str, password: str) -> "Address":
        """The same database for another user."""
        return replace(self, user=user, password=password)

    def environment(self) -> tuple[tuple[str, str], ...]:
        """The variables that dbt's profile `aws` reads."""
        names = ("host", "port", "database", "user", "password", "sslmode")
        return tuple((f"REDSHIFT_{name.upper()}", str(getattr(self, name))) for name in names)


def sslmode(environ: Mapping[str, str] | None = None) -> str:
    """REDSHIFT_SSLMODE if it is set, which a rehearsal's server without TLS needs; else that the server is verified."""
    return (os.environ if environ is None else environ).get("REDSHIFT_SSLMODE") or TLS


@contextmanager
def transaction(address: Address) -> Iterator[Any]:
    """A cursor whose statements are one transaction: committed at the end, rolled back when anything was raised."""
    import redshift_connector  # half a second to load

    tls: dict[str, Any] = {"ssl": False} if address.sslmode == "disable" else {"sslmode": address.sslmode}
    connection = redshift_connector.connect(
        host=address.host,
        port=address.port,
        database=address.database,
        user=address.user,
        password=address.password,
        **tls,
    )
    try:
        with connection.cursor() as cursor:
            yield cursor
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.close()


def quoted(*name: str) -> str:
    """A name of one or more parts as SQL writes it."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in name)


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
