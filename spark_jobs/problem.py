"""A problem: the one error a job shows to a person."""

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
