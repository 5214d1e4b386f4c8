"""The one entry of all jobs: `python -m spark_jobs.main VERB --table TABLE --from DAY --to DAY …`.

The same arguments start a job in the embedded session, under `spark-submit` and on Glue. Unknown
arguments are passed over, because Glue adds its own. The last line printed is the job's summary as
JSON; the exit code is 0, or 1 when a Problem stopped the job.
"""

import argparse
import hashlib
import json
import os
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from importlib.abc import Traversable
from importlib.resources import files
from typing import Any

from pyspark.sql import SparkSession

from spark_jobs import deliveries, land, rule_trial, rules, silver_trial
from spark_jobs.audit import RuleOutcome
from spark_jobs.dq_engines import ENGINES
from spark_jobs.lake import maintenance, objects, states, tables
from spark_jobs.lake.landing import Landing
from spark_jobs.lake.schemas import OPS_TABLES
from spark_jobs.lake.source_identity import SourceIdentity
from spark_jobs.problem import Problem, line_of_code
from spark_jobs.refine import Refinement
from spark_jobs.run_log import RunLog
from spark_jobs.silver import CLOSING, TABLES
from spark_jobs.silver.declaration import DatabaseTable, Table
from spark_jobs.sources.api import Api
from spark_jobs.sources.credentials import Credentials
from spark_jobs.sources.database import Database
from spark_jobs.sources.identity import api_identity, database_identity
from spark_jobs.window import Window

NO_SPACE, DENIED = "No space left on device", re.compile("ACCESS_DENIED|Access ?Denied|Forbidden|Status Code: 403")

# A file of a table in what Iceberg, Parquet and Avro say of one that is missing or damaged.
LOST = re.compile(
    r"NotFoundException|FileNotFoundException|Damaged table metadata|Failed to read|Failed to open|ChecksumException"
    r"|is not a Parquet file|ParquetDecodingException|AvroRuntimeException|Invalid sync|Not a data file|ZipException"
)
TABLE_FILE = re.compile(r"\w+:/[^\s'\",\]]*/(?P<namespace>[^/\s]+)/(?P<table>[^/\s]+)/(?:data|metadata)/[^\s'\",\])]+")

# Iceberg lets no state of a table be a minute older than the one before it.
CLOCK = re.compile(r"Invalid (?:update|snapshot) timestamp .*: before [^\n]*")

VERBS = ("land", "landed", "refine", "maintain", "try-rules", "try-silver")

Sessions = Callable[[], SparkSession]
# Waits until the tables that rules compare with are refined; false if they will not be.
References = Callable[[], bool]


def main(argv: Sequence[str]) -> int:
    """Runs one job in a session of its own and prints its summary."""
    summary = run(argv, lambda: SparkSession.builder.appName("deftunes").getOrCreate())
    sys.stdout.write(json.dumps(summary) + "\n")
    return 1 if "problem" in summary else 0


def run(argv: Sequence[str], sessions: Sessions, references: References | None = None) -> dict[str, Any]:
    """The summary of one job: its figures, or the problem that stopped it. `references`: see Refinement."""
    args = arguments(argv)
    started = time.monotonic()
    summary: dict[str, Any] = {"verb": args.verb, "table": args.table, "from": args.first, "to": args.last}
    try:
        summary |= _run_verb(args, sessions, references)
    except Problem as problem:
        summary["problem"] = problem.as_dict()
    except Exception as error:  # the last line of defence: a person gets a sentence, the log the trace
        traceback.print_exc(file=sys.stderr)
        summary["problem"] = _unexpected(args, error).as_dict()
    return {**summary, "seconds": round(time.monotonic() - started, 3)}


def _run_verb(args: argparse.Namespace, sessions: Sessions, references: References | None) -> dict[str, Any]:
    if args.verb == "land":
        return _land(args, sessions)
    if args.verb == "landed":
        return _list_landed_days(args)
    if args.verb == "maintain":
        return _maintain(args, sessions)
    if args.verb == "try-rules":
        return _try_rules(args, sessions)
    if args.verb == "try-silver":
        return _try_silver(args, sessions)
    return _refine(args, sessions, references)


def _unexpected(args: argparse.Namespace, error: Exception) -> Problem:
    cause = _root_cause(str(error))
    if LOST.search(str(error)) and (file := TABLE_FILE.search(str(error))):
        return Problem(
            f"A file of table {file['namespace']}.{file['table']} is missing or damaged",
            file[0],
            cause[:300],
            "bring the file back from a copy, or build the table anew: docs/runbook.md, A damaged table",
        )
    where = f"{args.verb} {args.table}, {args.first} to {args.last}"
    if clock := CLOCK.search(str(error)):
        return Problem(
            "This machine's clock is behind the last commit to a table: it was set back, or had run ahead",
            where,
            clock[0][:300],
            "set the clock right (docs/runbook.md, The clock), or wait until that time has passed; then run again",
        )
    if NO_SPACE in cause:
        return Problem("The disk is full", args.landing_uri, cause[:300], "free space, then run the same window again")
    if DENIED.search(cause):
        return Problem(
            "The job lacks a permission",
            f"{where}, {args.landing_uri}",
            cause[:300],
            "fix access to what is named here (on AWS see terraform/permissions.md), then run again",
        )
    if line := line_of_code(error, "/spark_jobs/silver/"):
        return Problem(
            f"The code of silver.{args.table} broke",
            line,
            f"{type(error).__name__}: {cause[:300]}",
            "correct that line, then run again",
        )
    return Problem(
        "The job broke", where, f"{type(error).__name__}: {cause[:300]}", "see the job's log, then run again"
    )


def _root_cause(text: str) -> str:
    """The line that names the cause: a full disk, access denied, else Java's first cause, else the first line."""
    lines = [line.strip().removeprefix(": ") for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith(("at ", "An error occurred while calling"))]
    signs = (lambda line: NO_SPACE in line, DENIED.search, lambda line: line.startswith("Caused by: "))
    causes = (line for is_sign in signs for line in reversed(lines) if is_sign(line))
    return next(causes, lines[0] if lines else text.strip())


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="spark_jobs", allow_abbrev=False)
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("--table", choices=[*sorted(TABLES), OPS_TABLES], required=True)
    parser.add_argument("--from", dest="first", default="", help="first day, YYYY-MM-DD")
    parser.add_argument("--to", dest="last", default="", help="last day, inclusive")
    parser.add_argument("--run-id", default="manual", help="names the audit branch and the rows in deftunes_ops")
    parser.add_argument("--landing-uri", required=True, help="file:// or s3:// address of landing")
    parser.add_argument("--rules-file", default="", help="the rules to try, instead of the table's in --rules-uri")
    parser.add_argument("--rules-uri", default="quality", help="folder of the .dqdl files")
    parser.add_argument("--dq-engine", choices=sorted(ENGINES), default="deequ", help="who evaluates the rules")
    parser.add_argument("--max-quarantine-share", type=float, default=0.05, help="share of rows, 0 to 1")
    parser.add_argument("--api-url", default="")
    parser.add_argument("--api-auth", default="none", help="none, bearer, header:NAME, basic:USER or oauth:CLIENT_ID")
    parser.add_argument("--api-secret-env", default="API_SECRET", help="variable that holds the secret of it")
    parser.add_argument("--api-token-url", default="none", help="where OAuth gives its tokens")
    parser.add_argument("--api-scope", default="none", help="the scope to ask OAuth for")
    parser.add_argument("--api-attempts", type=int, default=5)
    parser.add_argument("--api-timeout-s", type=float, default=30.0, help="longest silence, in seconds")
    parser.add_argument("--api-page-s", type=float, default=300.0, help="longest time for a page with all its tries")
    parser.add_argument("--max-page-bytes", type=int, default=256 << 20)
    parser.add_argument("--source-url", default="", help="jdbc:postgresql://host:port/database")
    parser.add_argument("--source-user", default="")
    parser.add_argument("--source-identity", default="", help="what the source is known by (default: its address)")
    parser.add_argument("--accept-sources", nargs="?", const="true", default="", help="go on with another source")
    parser.add_argument("--source-password-env", default="SOURCE_PASSWORD", help="variable that holds the password")
    args = parser.parse_known_args(argv)[0]
    if args.table == OPS_TABLES and args.verb != "maintain":
        parser.error(f"--table {OPS_TABLES} names the tables of runs, which are maintained and nothing else")
    return args


def _land(args: argparse.Namespace, sessions: Sessions) -> dict[str, Any]:
    window = Window.parse(args.first, args.last)
    source = _source_identity(args)
    source.check()
    landing = _landing(args, before_commit=source.record)
    table = TABLES[args.table]
    if isinstance(table.source, DatabaseTable):
        database = Database(args.source_url, args.source_user, os.environ.get(args.source_password_env, ""))
        return land.land_snapshot(sessions, database, table.source, landing, window.last)
    secret = os.environ.get(args.api_secret_env, "")
    api = Api(
        args.api_url,
        timeout_s=args.api_timeout_s,
        page_s=args.api_page_s,
        attempts=args.api_attempts,
        max_page_bytes=args.max_page_bytes,
        credentials=Credentials(args.api_auth, secret, args.api_token_url, args.api_scope),
    )
    return land.land_api(api, table.source, landing, window)


def _list_landed_days(args: argparse.Namespace) -> dict[str, Any]:
    """The days of the window that landing holds deliveries of."""
    window = Window.parse(args.first, args.last)
    days = _landing(args).days_before(window.last + timedelta(days=1))
    return {"days": [str(day) for day in days if day >= window.first]}


def _source_identity(args: argparse.Namespace) -> SourceIdentity:
    source = TABLES[args.table].source
    of_address = database_identity(args.source_url) if isinstance(source, DatabaseTable) else api_identity(args.api_url)
    identity = args.source_identity or of_address
    return SourceIdentity(args.landing_uri, source.kind, identity, is_accepted=bool(args.accept_sources))


def _landing(args: argparse.Namespace, before_commit: Callable[[], None] = lambda: None) -> Landing:
    return Landing(args.landing_uri, TABLES[args.table].source.kind, args.table, before_commit)


def _refine(args: argparse.Namespace, sessions: Sessions, references: References | None) -> dict[str, Any]:
    window, started_at = Window.parse(args.first, args.last), datetime.now(UTC)
    spark, table = sessions(), TABLES[args.table]
    states.require_whole(spark)
    path = f"{args.rules_uri.rstrip('/')}/{args.table}.dqdl"
    for each in (table, *(TABLES[name] for name in table.references)):
        tables.ensure_all(spark, each)
    columns = set(spark.table(f"{tables.SILVER}.{table.name}").columns)
    checked = rules.rule_set(spark, path, objects.read_text(path), columns)
    landing = _landing(args)
    log = RunLog(spark, args.run_id, table.name, window, started_at)
    content = _content(table, landing, window, checked, args)
    snapshot_id = tables.main_snapshot(spark, f"{tables.SILVER}.{table.name}") if content else None
    if content and (known := log.as_before(content, snapshot_id)):
        log.passed(known, [], snapshot_id, content)
        return {**asdict(known), "rule_outcomes": {}}
    engine = ENGINES[args.dq_engine]
    refinement = Refinement(spark, table, window, checked, engine, args.run_id, args.max_quarantine_share, references)
    try:
        manifests = deliveries.manifests_of(table, landing, window)
        deliveries.tune_session(spark, manifests)
        figures = refinement.run(deliveries.delivery(spark, table, landing, window, manifests))
    except Problem as problem:
        log.failed(problem, refinement.outcomes)
        raise
    state = states.close(spark, args.run_id, TABLES) if table.name == CLOSING else None
    log.passed(figures, refinement.outcomes, refinement.snapshot_id(), content)
    return {**asdict(figures), "rule_outcomes": _tally(refinement.outcomes), **({"lake_state": state} if state else {})}


def _content(
    table: Table, landing: Landing, window: Window, checked: rules.RuleSet, args: argparse.Namespace
) -> str | None:
    """Names all that the refinement of a snapshot depends on: its files, the rules, the code, the allowance.

    None for tables that are delivered by day, and for those whose rules compare with others that may have changed.
    """
    if table.write_mode != "snapshot" or table.references:
        return None
    [manifest] = deliveries.manifests_of(table, landing, window)
    parts = (repr(manifest.content()), checked.text, code(), str(args.max_quarantine_share))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def code() -> str:
    """The text of all modules of this package, also where it is a zip file."""
    return "".join(_texts(files("spark_jobs")))


def _texts(folder: Traversable) -> Iterator[str]:
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            yield from _texts(each)
        elif each.name.endswith(".py"):
            yield each.read_text()


def _tally(rule_outcomes: list[RuleOutcome]) -> dict[str, int]:
    outcomes = [each.outcome for each in rule_outcomes]
    return {outcome: outcomes.count(outcome) for outcome in sorted(set(outcomes))}


def _maintain(args: argparse.Namespace, sessions: Sessions) -> dict[str, Any]:
    spark = sessions()
    states.require_whole(spark)
    dropped = states.drop_old(spark, TABLES) if args.table == CLOSING else 0
    done = maintenance.maintain(spark, args.table, Window.parse(args.first, args.last).last)
    return {**done, "dropped_states": dropped}


def _try_rules(args: argparse.Namespace, sessions: Sessions) -> dict[str, Any]:
    window = Window.parse(args.first, args.last) if args.first else None
    spark, table = sessions(), TABLES[args.table]
    rule_trial.require_table(spark, table.name)
    columns = set(spark.table(f"{tables.SILVER}.{table.name}").columns)
    checked = rules.rule_set(spark, args.rules_file, objects.read_text(args.rules_file), columns)
    return rule_trial.try_rules(spark, ENGINES[args.dq_engine], table, checked, window)


def _try_silver(args: argparse.Namespace, sessions: Sessions) -> dict[str, Any]:
    window = Window.parse(args.first, args.last) if args.first else None
    spark, table = sessions(), TABLES[args.table]
    path = f"{args.rules_uri.rstrip('/')}/{args.table}.dqdl"
    checked = rules.rule_set(spark, path, objects.read_text(path), set(table.column_names))
    return silver_trial.try_silver(spark, ENGINES[args.dq_engine], table, checked, _landing(args), window)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
