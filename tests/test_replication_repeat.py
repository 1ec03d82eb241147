"""The stored results, repeated: an epoch of every variant, and one run with all its measures.

A whole repeat is ``python -m kldiv.replication --check``.
"""

import joblib
import pytest
import torch

from kldiv.replication.check import HISTORY, check, compare_history
from kldiv.replication.experiments import settings
from kldiv.replication.store import Store
from kldiv.replication.variants import VARIANTS, Run, runs

#: Kinds of data together, and the slow ones first, for the processes that share them out.
TRAINED = sorted(
    (kind for kind in VARIANTS.values() if hasattr(kind.experiment, "fit")),
    key=lambda kind: (kind.study != "photographs", -kind.cost),
)


def first_epoch(experiment):
    """The history of the first epoch with seed 0, as a run has it: on one thread."""
    torch.set_num_threads(1)
    return experiment.fit(0, epochs=1)[1]


@pytest.fixture(scope="module")
def stored():
    store = Store()
    if not store.path.exists():
        pytest.skip(f"there are no results to repeat: {store.path} does not exist")
    return store


@pytest.fixture(scope="module")
def repeated(stored):
    """The history of an epoch of every variant, by its name."""
    todo = [kind for kind in TRAINED if stored.get(Run(kind, 0)) is not None]
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        histories = joblib.Parallel(joblib.cpu_count(), batch_size=1, pre_dispatch="n_jobs")(
            joblib.delayed(first_epoch)(kind.experiment) for kind in todo
        )
    return {kind.name: history for kind, history in zip(todo, histories, strict=True)}


@pytest.mark.parametrize("name", [kind.name for kind in TRAINED])
def test_the_first_epoch_is_repeated(stored, repeated, name):
    run = Run(VARIANTS[name], 0)
    row = stored.get(run)
    assert row is not None, f"`make replicate RUNS={run}` makes the row that is missing"
    assert row["settings"] == settings(run.variant.experiment)
    assert len(row["history"]["loss"]) == run.variant.experiment.epochs
    history = repeated[name]
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
