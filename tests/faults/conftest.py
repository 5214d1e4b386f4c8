"""The pipelines of the end-to-end tests, for runs that go wrong."""

from tests.end_to_end.conftest import api, lakes, served

__all__ = ["api", "lakes", "served"]
