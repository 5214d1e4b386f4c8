"""How Redshift types the columns of an Iceberg table (page querying-iceberg-supported-data-types)."""

from pyiceberg import types as iceberg

STRING_BYTES = 16384
PLAIN: dict[type[iceberg.IcebergType], str] = {
    iceberg.BooleanType: "boolean",
    iceberg.IntegerType: "integer",
    iceberg.LongType: "bigint",
    iceberg.FloatType: "real",
    iceberg.DoubleType: "double precision",
    iceberg.DateType: "date",
    iceberg.TimestampType: "timestamp without time zone",
    iceberg.TimestamptzType: "timestamp with time zone",
    iceberg.StringType: f"character varying({STRING_BYTES})",
}


class NotEmulatedError(Exception):
    """Redshift would read the type (as SUPER or VARBYTE); the front cannot show it."""


class UnreadableError(Exception):
    """Redshift cannot read the type."""


def redshift_type(kind: iceberg.IcebergType) -> str:
    """Raises NotEmulatedError or UnreadableError; the message says why."""
    if isinstance(kind, iceberg.DecimalType):
        return f"numeric({kind.precision},{kind.scale})"
    if isinstance(kind, iceberg.StructType | iceberg.ListType | iceberg.MapType):
        raise NotEmulatedError(f"Redshift reads {kind} as SUPER, which the front lacks")
    if isinstance(kind, iceberg.BinaryType):
        raise NotEmulatedError("Redshift reads binary as VARBYTE, which the front lacks")
    if type(kind) not in PLAIN:
        raise UnreadableError(f"Redshift reads no Iceberg {kind}")
    return PLAIN[type(kind)]
