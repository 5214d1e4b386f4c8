"""The steps of the pipeline and what each waits for: for the embedded runner and for Airflow's DAGs.

They follow from the declarations of the tables (spark_jobs/silver). Standard library only, so that Airflow's
environment can read it.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from spark_jobs.silver import CLOSING, TABLES
from spark_jobs.silver.declaration import DatabaseTable, Endpoint, Table

DAGS = {DatabaseTable.kind: "deftunes_songs", Endpoint.kind: "deftunes_api"}


@dataclass(frozen=True)
class Step:
    """One act on one table; `dag` is the DAG it belongs to on Airflow.

    `after` names the steps that must have passed. Those in `references` must have passed before the rules that
    compare with their tables are evaluated and the table is published: a runner may start it earlier.
    """

    verb: str
    table: str
    dag: str
    after: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.verb} {self.table}"


def _refine(table: Table) -> Step:
    """The table that closes a run waits for all others: then the run's tables are one state.

    No sale is published before its buyer and its song could be.
    """
    others = [name for name in TABLES if name != table.name] if table.name == CLOSING else table.references
    waits_for = tuple(f"refine {name}" for name in others)
    return Step("refine", table.name, DAGS[table.source.kind], (f"land {table.name}",), waits_for)


STEPS = (
    *(Step("land", table.name, DAGS[table.source.kind]) for table in TABLES.values()),
    *map(_refine, TABLES.values()),
    Step("build", "gold", "deftunes_serving", after=(f"refine {CLOSING}",)),
    Step("publish", "gold", "deftunes_serving", after=("build gold",)),
)

# Of several windows each is refined in turn; gold is built and published once, of all of them.
SERVING = tuple(step for step in STEPS if step.dag == "deftunes_serving")
REFINING = tuple(step for step in STEPS if step not in SERVING)

# As jobs that are started once and not spoken to while they are at work: one waits for all that its rules compare with
# before it starts, and the one that builds gold publishes it too.
JOBS = tuple(
    replace(step, after=(*step.after, *step.references), references=()) for step in STEPS if step.verb != "publish"
)

# Beside the pipeline, from time to time: files made few and large, snapshots nobody needs removed.
# "ops" stands for the tables about runs. That of the table that closes a run drops old states, by whose tags all tables
# hold snapshots: what the others expire is known after it.
MAINTENANCE = tuple(
    Step("maintain", table, "deftunes_maintenance", () if table == CLOSING else (f"maintain {CLOSING}",))
    for table in (*TABLES, "ops")
)


def steps_of(table: str, steps: tuple[Step, ...] = STEPS) -> tuple[Step, ...]:
    """The steps of one table in their order: they share an application, so that Spark starts once."""
    return tuple(step for step in steps if step.table == table)


def tables_of(dag: str) -> tuple[str, ...]:
    """The tables a DAG has a task for, in the order of their first step."""
    return tuple(dict.fromkeys(step.table for step in STEPS if step.dag == dag))


def tables_before(table: str) -> tuple[str, ...]:
    """The tables that must be done before this one."""
    named = {name for step in steps_of(table) for name in (*step.after, *step.references)}
    return tuple(dict.fromkeys(step.table for step in STEPS if step.name in named and step.table != table))


def dag_of(table: str) -> str:
    """The DAG a table has its task in."""
    return steps_of(table)[0].dag


def new_run_id() -> str:
    """The id of a run that begins now: its time (UTC) and four random digits, as spark_jobs/state_names.py reads it."""
    return f"{datetime.now(UTC):%Y%m%dt%H%M%S}_{secrets.token_hex(2)}"
