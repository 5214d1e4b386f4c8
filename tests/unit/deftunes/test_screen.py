"""What a step's line says."""

from deftunes.cli.screen import summary_line
from deftunes.run.runner import PASSED, Progress
from deftunes.run.steps import Step


def _landing_line(unproven: int) -> str:
    summary = {"landed_records": 1200, "files": 3, "bytes": 2_500_000, "is_changed": True, "unproven": unproven}
    return summary_line(Progress(Step("land", "sessions", "deftunes_api"), state=PASSED, summary=summary))


def test_landing_says_how_many_answers_nothing_shows_to_be_whole() -> None:
    assert _landing_line(0) == "1,200 records, 2.5 MB in 3 files"
    assert "nothing shows that 2 of the answers are whole: docs/your-own-sources.md" in _landing_line(2)


def test_rollback_names_the_state_it_made() -> None:
    progress = Progress(Step("rollback", "silver", "none"), state=PASSED, summary={"lake_state": "state_x_rollback"})
    assert summary_line(progress) == "all tables together, as state_x_rollback"
