"""What a build of gold says afterwards: rows and seconds per model, and each model or test that did not pass."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Model:
    """One built relation. `rows` is null for a view, and where the warehouse does not say."""

    schema: str
    name: str
    rows: int | None
    seconds: float


@dataclass(frozen=True)
class Finding:
    """A model or data test that did not pass. `status`: warn, fail (rows were found) or error (it could not run).

    `rows` holds up to five of the rows a test found, `columns` their names; `sql_path` is the SQL that finds them all.
    """

    name: str
    status: str
    message: str
    count: int | None = None
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    sql_path: Path | None = None

    def text(self) -> str:
        """The finding in a few lines: what, how much, the first rows, and where the SQL is."""
        lines = [f"{self.name}: {self.message}"]
        lines += [
            ", ".join(f"{column}={value}" for column, value in zip(self.columns, row, strict=True)) for row in self.rows
        ]
        if self.sql_path:
            lines.append(f"the SQL that finds them: {self.sql_path}")
        return "\n  ".join(lines)


@dataclass(frozen=True)
class GoldResult:
    """A build that passed. `window` is null when all of history was built; `warnings` did not stop it."""

    window: tuple[date, date] | None
    models: tuple[Model, ...]
    tests_passed: int
    warnings: tuple[Finding, ...]
    seconds: float


class GoldError(Exception):
    """A build that did not pass: nothing of it may be published.

    `findings` are the models and tests that failed (empty when dbt did not get so far: then `cause` says why).
    """

    def __init__(self, findings: tuple[Finding, ...], log_path: Path, cause: BaseException | None = None) -> None:
        self.findings = findings
        self.log_path = log_path
        self.cause = cause
        reasons = "\n".join(each.text() for each in findings) or f"dbt stopped: {cause}"
        super().__init__(f"gold was not built\n{reasons}\ndbt's own account: {log_path}")
