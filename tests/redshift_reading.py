"""What Redshift rejects or cuts when it reads a table of the lake, and what it does not take as a column of a model.

A rule is a sentence, the page of AWS's documentation that says so, and a test of one column. Iceberg's types are
meant as Iceberg names them: Spark's `timestamp` is its `timestamptz`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

ICEBERG_TYPE = {
    "boolean": "boolean",
    "tinyint": "int",
    "smallint": "int",
    "int": "int",
    "bigint": "long",
    "float": "float",
    "double": "double",
    "string": "string",
    "binary": "binary",
    "date": "date",
    "timestamp": "timestamptz",
    "timestamp_ntz": "timestamp",
}
# timestamptz: in the table of querying-iceberg-supported-data-types, not in the list above it; staging makes it UTC.
SCALARS = {"boolean", "int", "long", "float", "double", "string", "binary", "date", "timestamp", "timestamptz"}
MODEL_SCALARS = {
    *("boolean", "smallint", "integer", "bigint", "real", "double precision"),
    *("date", "time", "timestamp", "timestamptz", "timestamp with time zone"),
}
LONGEST_STRING = 16384
MOST_COLUMNS = 1598  # 1600, and two are the pseudocolumns of an external table
RESERVED = frozenset(
    re.findall(
        r"\w+",
        """aes128 aes256 all allowoverwrite analyse analyze and any array as asc authorization az64 backup
        between binary blanksasnull both bytedict bzip2 case cast check collate column constraint create
        credentials cross current_date current_time current_timestamp current_user current_user_id default
        deferrable deflate defrag delta delta32k desc disable distinct do else emptyasnull enable encode
        encrypt encryption end except explicit false for foreign freeze from full globaldict256
        globaldict64k grant group gzip having identity ignore ilike in initially inner intersect interval
        into is isnull join leading left like limit localtime localtimestamp lun luns lzo lzop minus
        mostly16 mostly32 mostly8 natural new not notnull null nulls off offline offset oid old on only open
        or order outer overlaps parallel partition percent permissions pivot placing primary raw readratio
        recover references rejectlog resort respect restore right select session_user similar snapshot some
        sysdate system table tag tdes text255 text32k then timestamp to top trailing true truncatecolumns
        union unique unnest unpivot user using verbose wallet when where with without""",
    )
)
SYSTEM_COLUMNS = frozenset({"oid", "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, and its type in lower case."""

    table: str
    name: str
    type: str


@dataclass(frozen=True)
class Rule:
    """What is refused or cut, the page that says so, and whether a column does it."""

    what: str
    page: str
    breaks: Callable[[Column], bool]


def decimal(type_: str) -> tuple[int, int]:
    """Precision and scale; (0, 0) of any other type."""
    found = re.fullmatch(r"(?:decimal|numeric)\((\d+)(?:, ?(\d+))?\)", type_)
    return (int(found[1]), int(found[2] or 0)) if found else (0, 0)


def length(type_: str) -> int:
    """n of varchar(n) or char(n); 0 of any other type."""
    found = re.fullmatch(r"(?:var)?char\((\d+)\)", type_)
    return int(found[1]) if found else 0


NAMES = (
    Rule("a name of more than 127 bytes", "r_names", lambda column: len(column.name.encode()) > 127),
    Rule("a name with an upper-case letter is folded", "r_names", lambda column: column.name != column.name.lower()),
    Rule(
        "a name that is no plain identifier needs quotes everywhere",
        "r_names",
        lambda column: not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", column.name),
    ),
    Rule("a reserved word needs quotes everywhere", "r_pg_keywords", lambda column: column.name.lower() in RESERVED),
    Rule("a name of the system's own", "r_names", lambda column: column.name in SYSTEM_COLUMNS),
)
ICEBERG = (
    Rule(
        "time, uuid, fixed, variant, geometry and nanoseconds are not read",
        "querying-iceberg-supported-data-types",
        lambda column: (
            column.type not in SCALARS and not decimal(column.type)[0] and not re.match(r"list|map|struct", column.type)
        ),
    ),
    Rule(
        "list, map and struct become SUPER, which no model of ours opens, and no materialized view refreshes in steps",
        "querying-iceberg-supported-data-types",
        lambda column: bool(re.match(r"list|map|struct", column.type)),
    ),
    Rule(
        "binary is cut to varbyte(64000), and a materialized view over it cannot be refreshed in steps",
        "querying-iceberg-supported-data-types",
        lambda column: column.type == "binary",
    ),
    Rule("a decimal of more than 38 digits", "r_Numeric_types201", lambda column: decimal(column.type)[0] > 38),
)
MODELS = (
    Rule(
        "a type that Redshift has not: text is varchar(256), others are DuckDB's",
        "c_Supported_data_types",
        lambda column: column.type not in MODEL_SCALARS and not decimal(column.type)[0] and not length(column.type),
    ),
    Rule(
        "a decimal of more than 38 digits, or 37 behind the point",
        "r_Numeric_types201",
        lambda column: decimal(column.type)[0] > 38 or decimal(column.type)[1] > 37,
    ),
    Rule(
        "a varchar of more than 65535 bytes, a char of more than 4096",
        "r_Character_types",
        lambda column: length(column.type) > (65535 if column.type.startswith("varchar") else 4096),
    ),
)


def iceberg_columns(table: str, ddl: str) -> list[Column]:
    """The columns of a table that Spark made of `name type, …`, in Iceberg's types."""
    pairs = (part.split(maxsplit=1) for part in re.split(r",\s*(?![^(<]*[)>])", ddl) if part.strip())
    return [Column(table, name, iceberg_type(type_.strip())) for name, type_ in pairs]


def iceberg_type(spark: str) -> str:
    """Iceberg's type for Spark's; one that Spark has not stays as written."""
    lower = spark.lower()
    if length(lower):
        return "string"
    if nested := re.match(r"(array|map|struct)<", lower):
        return {"array": "list"}.get(nested[1], nested[1])
    return ICEBERG_TYPE.get(lower, lower)


def broken(column: Column, rules: tuple[Rule, ...]) -> list[str]:
    """A sentence for each rule the column breaks: value, place, page."""
    return [
        f"{column.table}.{column.name} {column.type}: {rule.what} (AWS: {rule.page})"
        for rule in rules
        if rule.breaks(column)
    ]
