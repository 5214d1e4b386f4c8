"""The columns of an Iceberg table as Redshift shows them."""

from dataclasses import dataclass

from pyiceberg.table import Table

from rehearsal.redshift.iceberg_types import NotEmulatedError, UnreadableError, redshift_type


@dataclass(frozen=True)
class Column:
    """`unreadable`: why a column is not shown; `is_hidden` if Redshift would show it and only the front does not."""

    name: str
    source: str  # Iceberg's own name; Redshift's are in lower case
    iceberg_type: str
    redshift_type: str
    is_nullable: bool
    unreadable: str | None = None
    is_hidden: bool = False

    def typed(self) -> tuple[str, str]:
        return self.name, self.redshift_type


def columns(table: Table) -> list[Column]:
    found = []
    for field in table.schema().fields:
        known, why, is_hidden = "", None, False
        try:
            known = redshift_type(field.field_type)
        except UnreadableError as error:
            why = str(error)
        except NotEmulatedError as error:
            why, is_hidden = str(error), True
        found.append(
            Column(field.name.lower(), field.name, str(field.field_type), known, not field.required, why, is_hidden)
        )
    return found
