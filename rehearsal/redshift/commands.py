"""Statements that are known by their first words, and are no queries: transactions, settings, grants, refreshes."""

import re
from collections.abc import Callable

from rehearsal.redshift.dialect import postgres_name
from rehearsal.redshift.statement import NOTHING, Translation, literal

NAME = r'(?:"[^"]+"|\w+)(?:\s*\.\s*(?:"[^"]+"|\w+))*'
# Redshift's parameters that change nothing here; PostgreSQL keeps any setting that has a prefix.
PARAMETERS = (
    "query_group", "wlm_query_slot_count", "enable_result_cache_for_session", "analyze_threshold_percent",
    "mv_enable_aqmv_for_session", "spectrum_enable_pseudo_columns", "use_fips_ssl", "json_serialization_enable",
)  # fmt: skip
AS_THEY_ARE = (
    r"begin\b|start\s+transaction\b|commit\b|end\b|rollback\b|abort\b|show\b|analyze\b|deallocate\b|lock\b|comment\s+on\b",
    r"(?:create|alter|drop)\s+(?:user|group)\b|create\s+schema\b|alter\s+schema\b|alter\s+default\s+privileges\b",
    r"grant\b|revoke\b|alter\s+table\s+\S+\s+owner\s+to\b",
)


def command(text: str, external: frozenset[str]) -> Translation | None:
    """None if the statement is none of these."""
    for pattern, make in _COMMANDS:
        if found := re.match(pattern, text, re.IGNORECASE | re.DOTALL):
            return make(text, found, external)
    return None


def name(written: str) -> str:
    """A name as PostgreSQL's regclass reads it: lower case, quoted, without the database."""
    parts = [postgres_name(part.strip('"')) for part in re.findall(r'"[^"]+"|\w+', written)]
    return ".".join(f'"{part}"' for part in parts[-2:])


def _as_it_is(text: str, found: re.Match[str], external: frozenset[str]) -> Translation:  # noqa: ARG001
    return Translation(text)


def _refresh(text: str, found: re.Match[str], external: frozenset[str]) -> Translation:  # noqa: ARG001
    view = name(found["name"])
    return Translation(f"refresh materialized view {view}", reads=(view,))


def _auto_refresh(text: str, found: re.Match[str], external: frozenset[str]) -> Translation:  # noqa: ARG001
    view, wanted = name(found["name"]), str(found["wanted"].lower() == "yes").lower()
    return Translation(
        NOTHING, after=(f"select redshift.set_auto_refresh({literal(view)}, {wanted})",), tag="ALTER MATERIALIZED VIEW"
    )


def _external_schema(text: str, found: re.Match[str], external: frozenset[str]) -> Translation:  # noqa: ARG001
    schema, database, rest = name(found["name"]), found["database"], found["rest"]
    region = re.search(r"\bregion\s+'([^']+)'", rest, re.IGNORECASE)
    role = re.search(r"\biam_role\s+(?:'([^']+)'|(default)\b)", rest, re.IGNORECASE)
    words = [schema.strip('"'), database, region[1] if region else "", (role[1] or role[2]) if role else ""]
    recorded = f"select redshift.record_external_schema({', '.join(map(literal, words))})"
    exists = "if not exists " if found["exists"] else ""
    return Translation(f"create schema {exists}{schema}", after=(recorded,), tag="CREATE SCHEMA")


def _drop_schema(text: str, found: re.Match[str], external: frozenset[str]) -> Translation:
    """An external schema goes with what stands for its tables; the lake keeps them."""
    is_external = name(found["name"]).strip('"') in external
    return Translation(text + " cascade" if is_external and "cascade" not in text.lower() else text)


def _set(text: str, found: re.Match[str], external: frozenset[str]) -> Translation:  # noqa: ARG001
    parameter = found["parameter"]
    if parameter.lower() not in PARAMETERS:
        return Translation(text)
    return Translation(text[: found.start("parameter")] + f"redshift.{parameter}" + text[found.end("parameter") :])


def _vacuum(text: str, found: re.Match[str], external: frozenset[str]) -> Translation:  # noqa: ARG001
    return Translation(NOTHING, tag="VACUUM")  # autovacuum sees to it; the result would be the same


Make = Callable[[str, re.Match[str], frozenset[str]], Translation]
_COMMANDS: tuple[tuple[str, Make], ...] = (
    (rf"refresh\s+materialized\s+view\s+(?P<name>{NAME})(\s+restrict|\s+cascade)?\s*$", _refresh),
    (rf"alter\s+materialized\s+view\s+(?P<name>{NAME})\s+auto\s+refresh\s+(?P<wanted>yes|no)\s*$", _auto_refresh),
    (
        rf"create\s+external\s+schema\s+(?P<exists>if\s+not\s+exists\s+)?(?P<name>{NAME})\s+from\s+data\s+catalog\s+"
        r"database\s+'(?P<database>[^']+)'(?P<rest>.*)$",
        _external_schema,
    ),
    (rf"drop\s+schema\s+(?:if\s+exists\s+)?(?P<name>{NAME})", _drop_schema),
    (r"(?:set|reset)\s+(?:session\s+|local\s+)?(?P<parameter>[\w.]+)", _set),
    (r"vacuum\b", _vacuum),
    *((pattern, _as_it_is) for pattern in AS_THEY_ARE),
)
