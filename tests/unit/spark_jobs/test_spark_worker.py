"""The warm worker between two runs."""

import os

import pytest

from deftunes.run.worker import Worker


def test_variables_of_a_run_end_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that only the last run was given would ask the next run's source, too."""
    monkeypatch.setattr(os, "environ", {"HOME": "/h"})
    worker = Worker()
    worker._take({"API_TOKEN": "one", "SOURCE_PASSWORD": "p"})
    assert os.environ == {"HOME": "/h", "API_TOKEN": "one", "SOURCE_PASSWORD": "p"}
    worker._take({"SOURCE_PASSWORD": "q"})
    assert os.environ == {"HOME": "/h", "SOURCE_PASSWORD": "q"}
