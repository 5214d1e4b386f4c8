"""Tables as they are compared: a key, columns with types, rows; and what may differ, with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spark_jobs.silver import TABLES as DECLARED
from spark_jobs.silver.declaration import LANDED_AT


@dataclass(frozen=True)
class Content:
    """What one side holds of a table: column -> type as that side names it, and its rows in the columns' order."""

    types: Mapping[str, str]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Table:
    """`key` identifies a row on both sides, or is empty: then all of a row does.

    `excused`: column -> why its values may differ. `numbered_by`: rows with one key are told apart by their order in
    this column. `may_differ`: column -> regular expression of what of its texts is not compared.
    """

    layer: str
    name: str
    key: tuple[str, ...]
    excused: Mapping[str, str] = field(default_factory=dict)
    numbered_by: str = ""
    may_differ: Mapping[str, str] = field(default_factory=dict)

    @property
    def schema(self) -> str:
        """Where the table stands, in the lake or in the warehouse."""
        return {"silver": "deftunes_silver", "quarantine": "deftunes_silver", "ops": "deftunes_ops"}.get(
            self.layer, self.layer
        )


RUN = "names the run, and each side has runs of its own"
WHEN = "the time of the run"

LANDING = Table("landing", "files", ("file",))

SNAPSHOT = "Iceberg draws the number of a snapshot"
# What identifies a row of a model; of those that are not named here, all of a row does.
MODEL_KEYS = {
    "fact_session": ("session_id", "item_number"),
    "dim_users": ("user_id",),
    "dim_songs": ("track_id",),
    "dim_artists": ("artist_id",),
    "dim_date": ("date_key",),
    "daily_sales_vw": ("session_date", "currency"),
    "sales_per_artist_vw": ("session_year", "artist_key", "currency"),
    "sales_per_country_vw": ("session_month", "session_year", "country_code", "currency"),
    "user_activity_vw": ("session_month", "session_year", "country_code"),
    "music_preference_vw": ("session_year", "country_code", "artist_key"),
}
# Of a problem: where its rules stand, in a folder here, in a bucket there; and the number of a snapshot.
PLACES = r"\S*(?=\bquality/\w+\.dqdl)|(?<=version => )\d+"
# They show deftunes_ops, which is compared itself.
ABOUT_RUNS = {"layer_rows_vw", "quarantine_vw", "refinements_vw", "rule_outcomes_vw"}
MODELS = Path(__file__).parents[2] / "dbt/models"


def models(layer: str) -> list[str]:
    """The models of a layer that hold data of the sources."""
    return sorted({path.stem for path in (MODELS / layer).glob("*.sql")} - ABOUT_RUNS)


TABLES = (
    *(
        Table("silver", table.name, table.key, {LANDED_AT: WHEN} if LANDED_AT in table.column_names else {})
        for table in DECLARED.values()
    ),
    *(Table("quarantine", f"quarantine_{name}", ("ingest_on", "record_id", "raw")) for name in DECLARED),
    Table(
        "ops",
        "rule_outcomes",
        ("table_name", "window_from", "rule"),
        {"run_id": RUN, "evaluated_at": WHEN},
        "evaluated_at",
    ),
    Table(
        "ops",
        "runs",
        ("table_name", "window_from"),
        {"run_id": RUN, "started_at": WHEN, "finished_at": WHEN, "snapshot_id": SNAPSHOT},
        "started_at",
        {"detail": PLACES},
    ),
    *(Table(layer, name, MODEL_KEYS.get(name, ())) for layer in ("gold", "bi") for name in models(layer)),
)
