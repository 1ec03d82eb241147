"""The stored models: they are those of the rows."""

import pytest

from kldiv import evaluation, fashion_mnist
from kldiv.replication import models
from kldiv.replication.store import Store
from kldiv.replication.variants import VARIANTS, Run


@pytest.fixture(scope="module")
def images():
    return fashion_mnist.load("test").pixels


@pytest.fixture(scope="module")
def rows():
    return Store()


@pytest.mark.parametrize("variant", models.STORED)
def test_a_stored_model_is_the_first_seed_of_its_variant(variant, images, rows):
    model = models.trained(variant)
    found = evaluation.elbo_terms(model, images, seed=0)
    row = rows[Run(VARIANTS[variant], 0)]["measures"]
    for measure, value in found.items():
        # Weights are rounded to 11 bits, and on another machine training ends in other digits.
        assert value == pytest.approx(row[measure], rel=2e-3, abs=1e-3), measure
    assert not model.training


def test_other_models_are_refused():
    with pytest.raises(ValueError, match=r"no model 'beta-1'; there are report-kl, .*, elbo-1e-3"):
        models.trained("beta-1")


def test_a_missing_model_says_how_to_make_it(monkeypatch, tmp_path):
    monkeypatch.setattr(models, "results", lambda: tmp_path)
    with pytest.raises(FileNotFoundError, match=r"report-kl.npz: `make models` trains it"):
        models.trained("report-kl")
