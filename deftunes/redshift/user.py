"""The user that dbt is in Redshift: it owns gold and bi, reads the lake, and may do nothing else.

The namespace's administrator makes it, at each build anew with a password that is drawn for this build and valid for
some hours: no secret of it is kept anywhere, and the models of the project never run as the administrator.
"""

import secrets
import string
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from deftunes.redshift.connection import Address, literal, quoted, transaction

USER = "dbt"
SCHEMAS = ("staging", "intermediate", "gold_build", "bi_build", "gold", "bi")
LAKE = ("deftunes_silver", "deftunes_ops")  # the external schemas that Terraform makes
VALID_FOR = timedelta(hours=6)


def dbt_user(admin: Address, now: datetime | None = None) -> Address:
    """The database as the user `dbt`, who is there afterwards with the schemas it writes and a new password.

    Raises redshift_connector.Error, for example when an external schema is missing.
    """
    password = new_password()
    with transaction(admin) as cursor:
        cursor.execute("select usename from pg_user")
        is_known = (USER,) in {tuple(row) for row in cursor.fetchall()}
        for statement in statements(is_known, password, (now or datetime.now(UTC)) + VALID_FOR, LAKE):
            cursor.execute(statement)
    return admin.of(USER, password)


def statements(is_known: bool, password: str, valid_until: datetime, lake: Iterable[str]) -> list[str]:
    """What makes the user, or gives it a new password, and everything it may do."""
    verb, user = "alter" if is_known else "create", quoted(USER)
    return [
        f"{verb} user {user} password {literal(password)} valid until '{valid_until:%Y-%m-%d %H:%M:%S}'",
        *(f"create schema if not exists {quoted(schema)} authorization {user}" for schema in SCHEMAS),
        *(f"alter schema {quoted(schema)} owner to {user}" for schema in SCHEMAS),
        *(f"grant usage on schema {quoted(schema)} to {user}" for schema in lake),
    ]


def new_password() -> str:
    """Forty letters and digits, among them an upper and a lower case letter and a digit, which Redshift asks for."""
    letters = string.ascii_letters + string.digits
    return "Aa1" + "".join(secrets.choice(letters) for _ in range(37))
