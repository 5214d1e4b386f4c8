"""The steps of the pipeline and what each waits for: written once, for the embedded runner and for Airflow's DAGs.

Standard library only, so that Airflow's environment can read it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One act on one table. `after` names the steps that must have passed; `dag` the DAG it belongs to on Airflow."""

    verb: str
    table: str
    dag: str
    after: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.verb} {self.table}"


STEPS = (
    Step("land", "songs", "deftunes_songs"),
    Step("land", "users", "deftunes_api"),
    Step("land", "sessions", "deftunes_api"),
    Step("refine", "songs", "deftunes_songs", after=("land songs",)),
    Step("refine", "users", "deftunes_api", after=("land users",)),
    # Sessions are audited against users and songs: no sale is published before its buyer and its song could be.
    Step("refine", "sessions", "deftunes_api", after=("land sessions", "refine users", "refine songs")),
    Step("build", "gold", "deftunes_serving", after=("refine sessions",)),
    Step("publish", "gold", "deftunes_serving", after=("build gold",)),
)
