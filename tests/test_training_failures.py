"""What stops a training run: numbers that are not finite, and arguments that make no sense."""

import math

import pytest
import torch
from test_training import CONFIG, IMAGES, STEPS, elbo_but, run

from kldiv.training import History
from kldiv.vae import ELBO, VAE


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_with_epoch_and_step(tmp_path, value):
    def spoil(model, x, *, generator):
        return {"loss": ELBO(model, x, generator=generator)["loss"] * value}

    model = VAE(CONFIG)
    with pytest.raises(FloatingPointError, match=rf"{value} at epoch 2, step 3 of {STEPS}"):
        run(model, elbo_but(STEPS + 3, spoil), checkpoint=tmp_path / "run.pt")
    assert all(weight.isfinite().all() for weight in model.state_dict().values())
    assert len(torch.load(tmp_path / "run.pt")["history"]) == 1  # the good epoch is kept


def test_nan_in_the_data_is_found_in_the_first_epoch():
    data = IMAGES.clone()
    data[17, 3] = math.nan
    with pytest.raises(FloatingPointError, match="nan at epoch 1"):
        run(data=data)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs .*0"),
        ({"epochs": 1.0}, r"epochs .*1\.0"),
        ({"batch_size": -2}, "batch_size .*-2"),
        ({"batch_size": "8"}, "batch_size .*'8'"),
        ({"learning_rate": 0}, "learning_rate .*0"),
        ({"learning_rate": math.nan}, "learning_rate .*nan"),
        ({"learning_rate": "1e-3"}, "learning_rate .*'1e-3'"),
        ({"learning_rate": None}, "learning_rate .*None"),
        ({"seed": 1.5}, r"seed .*1\.5"),
        ({"seed": None}, "seed .*None"),
        ({"data": []}, r"data .*\[\]"),
        ({"data": IMAGES[:0]}, r"data .*\(0, 20\)"),
        ({"data": (IMAGES, IMAGES[:3])}, r"data .*\(50, 20\), \(3, 20\)"),
        ({"data": torch.tensor(1.0)}, r"data .*\(\)"),
        ({"data": IMAGES.numpy()}, "data .*ndarray"),
        ({"data": None}, "data .*None"),
        ({"data": [[1.0, 2.0]]}, "data .*list"),
    ],
)
def test_wrong_arguments_are_refused_with_what_was_passed(options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        run(**options)


def test_an_empty_history_says_so():
    with pytest.raises(ValueError, match="no epoch"):
        _ = History().last
