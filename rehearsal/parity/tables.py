"""Tables as they are compared: a key, columns with types, rows; and what may differ, with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Content:
    """What one side holds of a table: column -> type as that side names it, and its rows in the columns' order."""

    types: Mapping[str, str]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Table:
    """`key` identifies a row on both sides, or is empty: then all of a row does.

    `excused`: column -> why its values may differ.
    """

    layer: str
    name: str
    key: tuple[str, ...]
    excused: Mapping[str, str] = field(default_factory=dict)

    @property
    def schema(self) -> str:
        """Where the table stands, in the lake or in the warehouse."""
        return {"silver": "deftunes_silver", "quarantine": "deftunes_silver", "ops": "deftunes_ops"}.get(
            self.layer, self.layer
        )


RUN = "names the run, and each side has runs of its own"
WHEN = "the time of the run"

LANDING = Table("landing", "files", ("file",))

TABLES = (
    Table("silver", "users", ("user_id",), {"landed_at": WHEN}),
    Table("silver", "sessions", ("session_id", "item_number")),
    Table("silver", "songs", ("track_id",)),
    Table("quarantine", "quarantine_users", ("ingest_on", "raw")),
    Table("quarantine", "quarantine_sessions", ("ingest_on", "record_id", "raw")),
    Table("quarantine", "quarantine_songs", ("ingest_on", "raw")),
    Table("ops", "rule_outcomes", ("table_name", "window_from", "rule"), {"run_id": RUN, "evaluated_at": WHEN}),
    Table(
        "ops",
        "runs",
        ("table_name", "window_from"),
        {
            "run_id": RUN,
            "started_at": WHEN,
            "finished_at": WHEN,
            "snapshot_id": "Iceberg draws the number of a snapshot",
        },
    ),
    Table("gold", "fact_session", ("session_id", "item_number")),
    Table("gold", "dim_users", ("user_id",)),
    Table("gold", "dim_songs", ("track_id",)),
    Table("gold", "dim_artists", ("artist_id",)),
    Table("gold", "dim_date", ("date_key",)),
    Table("gold", "purchases_vw", ()),
    Table("bi", "daily_sales_vw", ("session_date", "currency")),
    Table("bi", "sales_per_artist_vw", ("session_year", "artist_key", "currency")),
    Table("bi", "sales_per_country_vw", ("session_month", "session_year", "country_code", "currency")),
    Table("bi", "user_activity_vw", ("session_month", "session_year", "country_code")),
    Table("bi", "music_preference_vw", ("session_year", "country_code", "artist_key")),
)
