"""The environment of our own process. It runs dbt, DuckDB, PyIceberg and libpq, each of which heeds many variables.

A process that finds another environment than this starts itself again in it, before it imports what heeds any of them.
Standard library only: the doctor comes before set-up.
"""

import codecs
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from deftunes import target
from deftunes.system.program_environment import SET_UP, choose_variables, program_environment, way_out

ROOT = Path(__file__).resolve().parents[2]
IGNORED = "DEFTUNES_IGNORED"  # the names of the variables that were left behind, for the doctor
# A person's terminal and container engine; the sources, the ports and the limits of a run.
KEPT = re.compile(
    r"DEFTUNES_\w+|OPENLINEAGE_\w+|API_\w+|SOURCE_\w+|(POSTGRES|MOCK_API|CATALOG|SUPERSET)_PORT|MAX_QUARANTINE_SHARE|PATH|CATALOG_TOKEN"
    r"|TERM|COLORTERM|COLUMNS|LINES|NO_COLOR|FORCE_COLOR|DOCKER_(HOST|CONTEXT|CONFIG|CERT_PATH|TLS_VERIFY)"
)
# Where others run the services, their environment is made for us, and says where they are and who we are there.
KEPT_ELSEWHERE = re.compile(r"HOME|AWS_\w+|REDSHIFT_\w+|_SPARK_AUTH_SECRET|PYTHONUNBUFFERED|PYTHONDONTWRITEBYTECODE")
DBTS_OWN = "DBT_TARGET"  # a key of ours, but dbt's users have it set for projects of theirs
# What would have mattered to one of the programs.
FOREIGN = re.compile(
    r"(PYTHON|PYSPARK_|SPARK_|HADOOP_|HIVE_|YARN_|JAVA_|JDK_|LD_|PG|DBT_|PYICEBERG_|AWS_|DUCKDB_|SUPERSET_|FLASK_|PIP_|UV_"
    r"|CONDA_|MINIO_|AIRFLOW_)\w+|_JAVA_OPTIONS|CLASSPATH|VIRTUAL_ENV|TMPDIR|TZ|BASH_ENV|(HTTP|HTTPS|ALL|NO)_PROXY"
)


def own_environment(root: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of our own process, made from those of the shell.

    A key of the target is overridden by DEFTUNES_<key>; those of sources, ports and limits by their plain name as well,
    and all of them where others run the services.
    """
    kept = choose_variables(environ, KEPT)
    if environ.get("DEFTUNES_TARGET", "embedded") != "embedded":
        kept |= choose_variables(environ, KEPT_ELSEWHERE)
        kept |= {key: environ[key] for key in target.KEYS if environ.get(key) and key != DBTS_OWN}
    kept |= {key: environ[f"DEFTUNES_{key}"] for key in target.KEYS if environ.get(f"DEFTUNES_{key}")}
    own = {**program_environment(root), **way_out(environ), **kept}
    charset = terminal_charset(environ)
    if charset != "utf-8":
        own["PYTHONIOENCODING"] = f"{charset}:replace"
    own.setdefault(IGNORED, " ".join(ignored_variables(environ, own)))
    return own


def ignored_variables(environ: Mapping[str, str], own: Mapping[str, str]) -> list[str]:
    """The names that are set, would have mattered, and are not heeded, or not as they are."""
    return sorted(
        name
        for name, value in environ.items()
        if value and (name in target.KEYS or FOREIGN.fullmatch(name)) and not SET_UP.fullmatch(name)
        if own.get(name) != value and name.lower() not in own
    )


def terminal_charset(environ: Mapping[str, str]) -> str:
    """The character set that the locale names, as Python calls it; UTF-8 where it names none that Python knows."""
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    try:
        return codecs.lookup(locale.partition(".")[2].partition("@")[0] or "utf-8").name
    except LookupError:
        return "utf-8"


def with_chosen_target(words: Sequence[str], environ: Mapping[str, str]) -> dict[str, str]:
    """The shell's variables, with the target that the command line names: which variables are kept depends on it."""
    named = [word.partition("=")[2] for word in words if word.startswith("--target=")]
    named += [after for word, after in pairwise(words) if word == "--target"]
    return {**environ, **({"DEFTUNES_TARGET": named[-1]} if named else {})}


def start_again(module: str) -> None:
    """Makes this process one of `module`, with the arguments it was given, in the environment above. Never returns."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing was begun yet: Ctrl-C ends it without a traceback
    charset = terminal_charset(os.environ)
    arguments = [os.fsencode(word).decode(charset, "surrogateescape") for word in sys.argv[1:]]
    safe_path = ["-P"] if sys.version_info >= (3, 11) else []  # the doctor also speaks to an older one
    command = [sys.executable, "-s", *safe_path, "-X", "utf8", "-m", module, *arguments]
    own = own_environment(ROOT, with_chosen_target(sys.argv[1:], os.environ))
    for key in sorted(set(own[IGNORED].split()) & set(target.KEYS) - {DBTS_OWN}):
        sys.stderr.write(f"{key} is set in the shell and not heeded; DEFTUNES_{key} would be\n")
    sys.stderr.flush()
    os.execve(sys.executable, [word.encode("utf-8", "surrogateescape") for word in command], own)  # noqa: S606
