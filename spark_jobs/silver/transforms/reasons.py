"""Reasons: the sentences that say why a row may not enter silver."""

from pyspark.sql import Column
from pyspark.sql import functions as F

# ISO-8601 with at most microseconds; without a zone it is read as UTC.
ISO_TIMESTAMP = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})?$"


def reasons(*checks: Column) -> Column:
    """The sentences of the checks that found something, as an array.

    Not by array_compact: it takes a lambda, which keeps Spark from compiling the checks.
    """
    return F.array_except(F.array(*checks), F.array(F.lit(None).cast("string")))


def reason(wrong: Column, sentence: str, value: Column) -> Column:
    """The sentence with the offending value (its first 80 characters), or null when nothing is wrong."""
    shown = F.coalesce(F.substring(value.cast("string"), 1, 80), F.lit("null"))
    return F.when(wrong, F.concat(F.lit(f"{sentence}: "), shown))


def unreadable_record(error: Column) -> Column:
    """The sentence about a record that is none, with what was found wrong with its text."""
    return F.concat_ws(": ", F.lit("the record cannot be read"), error)


def timestamp(text: Column) -> Column:
    """The UTC timestamp an ISO string says, or null if it is none."""
    return F.when(text.rlike(ISO_TIMESTAMP), text.cast("timestamp"))


def is_unreadable(value: Column, text: Column) -> Column:
    """True where something was delivered that could not be read as the column's type."""
    return text.isNotNull() & value.isNull()
