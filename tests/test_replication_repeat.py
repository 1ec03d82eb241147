"""The stored results, repeated: an epoch of every variant, and one run with all its measures.

A whole repeat is ``python -m kldiv.replication --check``.
"""

import pytest
import torch

from kldiv.replication.check import HISTORY, check, compare_history
from kldiv.replication.experiments import settings
from kldiv.replication.store import Store
from kldiv.replication.variants import VARIANTS, Run, runs

#: Kinds of data together, because they are loaded once while they stay the same.
TRAINED = sorted(
    (kind for kind in VARIANTS.values() if hasattr(kind.experiment, "fit")),
    key=lambda kind: kind.study != "photographs",
)


@pytest.fixture
def one_thread():
    """As every row was made."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def stored():
    store = Store()
    if not store.path.exists():
        pytest.skip(f"there are no results to repeat: {store.path} does not exist")
    return store


@pytest.mark.parametrize("name", [kind.name for kind in TRAINED])
def test_the_first_epoch_is_repeated(stored, one_thread, name):
    run = Run(VARIANTS[name], 0)
    row = stored.get(run)
    assert row is not None, f"`make replicate RUNS={run}` makes the row that is missing"
    assert row["settings"] == settings(run.variant.experiment)
    assert len(row["history"]["loss"]) == run.variant.experiment.epochs
    _, history = run.variant.experiment.fit(0, epochs=1)
    assert set(HISTORY) <= set(history) == set(row["history"])
    assert all(len(column) == 1 for column in history.values())
    assert compare_history(run, row["history"], history) == []


def test_a_run_is_repeated_with_all_its_measures(stored, tmp_path):
    said = []
    differences = check(runs("report-kl:0"), stored, Store(tmp_path), jobs=1, say=said.append)
    assert differences == []
    assert "report-kl:0" in said[1] and len(Store(tmp_path)) == 1


def test_every_run_has_a_row_of_these_settings(stored):
    stale = [
        str(run)
        for run in runs()
        if (row := stored.get(run)) is None or row["settings"] != settings(run.variant.experiment)
    ]
    assert stale == [], "`make replicate` makes these rows"
