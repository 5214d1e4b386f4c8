"""One PostgreSQL and one front for all of these tests, over a lake of its own in a folder."""

from collections.abc import Iterator

import pytest

from tests.rehearsal.redshift import fronts
from tests.rehearsal.redshift.lakes import Lake, open_lake


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return open_lake(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="session")
def front(tmp_path_factory: pytest.TempPathFactory, lake: Lake) -> Iterator[fronts.Running]:
    with fronts.running(tmp_path_factory.mktemp("redshift"), lake.properties) as running:
        yield running
