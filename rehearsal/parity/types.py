"""Types: each side's name of a type, and the one name under which both are compared."""

import re

# Pattern of a side's name -> the common one. A bounded text is a text: Iceberg and DuckDB know no bound, Redshift none
# without.
NAMES = (
    (r"(character varying|varchar|text|string|bpchar|char)(\(\d+\))?", "text"),
    (r"(integer|int|int4|int32)", "integer"),
    (r"(bigint|long|int8|int64|hugeint)", "bigint"),
    (r"(smallint|int2)", "smallint"),
    (r"(double precision|double|float8)", "double"),
    (r"(boolean|bool)", "boolean"),
    (r"date(32.*)?", "date"),
    (r"(timestamp|timestamp without time zone)", "timestamp"),
    (r"(timestamptz|timestamp with time zone)", "timestamptz"),
)
DECIMAL = re.compile(r"(?:decimal|numeric)\((\d+), ?(\d+)\)")


def common(name: str) -> str:
    """The common name of a type; a name that is in no line stays as it is, and so equals only itself."""
    lowered = name.lower().strip()
    if found := DECIMAL.fullmatch(lowered):
        return f"decimal({found[1]},{found[2]})"
    for pattern, known in NAMES:
        if re.fullmatch(pattern, lowered):
            return known
    return lowered
