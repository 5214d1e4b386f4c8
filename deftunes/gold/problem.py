"""What a run says when gold was not built."""

from deftunes.gold.redshift_advice import advice
from deftunes.gold.result import GoldError
from spark_jobs.problem import Problem


def gold_problem(error: GoldError, *, is_redshift: bool, account: str = "") -> Problem:
    """The first finding of a failed build, and the way out. `account`: where dbt's own is, if not in its log."""
    first = error.findings[0] if error.findings else None
    known = advice(first.message if first else str(error.cause)) if is_redshift else None
    account = f"dbt's own account is {account or error.log_path}; correct it, then run the same window again"
    return Problem(
        f"Gold was not built: {len(error.findings)} models or tests failed" if first else "Gold was not built",
        first.name if first else "dbt",
        first.text() if first else str(error.cause),
        f"{known}; {account}" if known else account,
        "What is published stays as it was: dashboards read the last build that passed.",
    )
