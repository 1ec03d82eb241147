"""What several files of the replication's tests start from."""

import pytest

from kldiv.replication.store import Store


@pytest.fixture
def folder(tmp_path):
    """Where the executions of `replication_fakes` are noted."""
    (tmp_path / "executions").mkdir()
    return str(tmp_path / "executions")


@pytest.fixture
def results(tmp_path):
    return tmp_path / "results"


@pytest.fixture
def store(results):
    return Store(results)
