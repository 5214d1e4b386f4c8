"""A problem: the one error a job shows to a person."""

import os
import traceback
from dataclasses import asdict, dataclass


@dataclass
class Problem(Exception):  # noqa: N818  what a person is shown, not a kind of error
    """What went wrong, where, with which value, what to do about it, and what is untouched."""

    what: str
    where: str
    value: str
    way_out: str
    untouched: str = "Every table's main branch is as it was before this step."

    def __str__(self) -> str:
        return f"{self.what}. Where: {self.where}. Value: {self.value}. What to do: {self.way_out}"

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def line_of_code(error: BaseException, folder: str) -> str:
    """`path, line 12: the line` that the error came from, of the innermost file whose path holds `folder`; else empty.

    Of code that cannot be parsed, the line that the parser names.
    """
    calls = [(each.filename, each.lineno, each.line) for each in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        calls.append((error.filename or "", error.lineno, (error.text or "").strip()))
    inside = [call for call in calls if folder in call[0]]
    return "{}, line {}: {}".format(os.path.relpath(inside[-1][0]), *inside[-1][1:]) if inside else ""
