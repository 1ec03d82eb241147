"""The likelihood over 256 grey levels: normalised, stable, and the same in all its faces."""

import math

import pytest
import torch

from kldiv import vae
from kldiv.convolutional import ConvolutionalConfig, ConvolutionalVAE
from kldiv.grey_levels import LEVELS, GreyLevels

COMPONENTS = pytest.mark.parametrize("components", [1, 2, 3])


def outputs_and_levels(likelihood, batch=3, pixels=50, spread=1.0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(0)
    shape = (batch, pixels * likelihood.outputs_per_pixel)
    outputs = spread * torch.randn(shape, generator=generator, dtype=dtype)
    levels = torch.randint(0, LEVELS, (batch, pixels), generator=generator)
    levels[:, :3] = torch.tensor([0, 1, 255])
    return outputs, levels


@COMPONENTS
@pytest.mark.parametrize("spread", [0.1, 1.0, 100.0])
def test_the_256_probabilities_sum_to_one(components, spread):
    likelihood = GreyLevels(components)
    outputs, _ = outputs_and_levels(likelihood, spread=spread)
    probabilities = likelihood.probabilities(outputs)
    assert probabilities.shape == (3, 50, 256) and (probabilities >= 0).all()
    torch.testing.assert_close(
        probabilities.sum(-1), torch.ones(3, 50).double(), rtol=0, atol=1e-13
    )


@COMPONENTS
def test_nats_are_minus_the_logarithm_of_the_probability(components):
    likelihood = GreyLevels(components)
    outputs, levels = outputs_and_levels(likelihood, spread=0.5)
    picked = likelihood.probabilities(outputs).gather(-1, levels[..., None])[..., 0]
    expected = -torch.log(picked).sum(-1)
    torch.testing.assert_close(
        likelihood.nats(outputs, levels / 255.0), expected, rtol=1e-5, atol=0
    )
    # Single precision, as in training, with levels / 255 as the data module makes them.
    x = levels.to(torch.uint8).float() / 255
    single = likelihood.nats(outputs.float(), x)
    torch.testing.assert_close(single, expected.float(), rtol=1e-4, atol=0)


def test_the_formula_by_hand():
    """a = 0.3, m = 100 and s = 6 levels, against differences of the logistic distribution."""
    mean, log_scale = 2 * 100 / 255 - 1, math.log(6 / 12)
    outputs = torch.tensor([[0.3, mean, log_scale]], dtype=torch.float64)
    probabilities = GreyLevels().probabilities(outputs)[0, 0]

    def sigmoid(t):
        return 1 / (1 + math.exp(-t))

    def below(edge):
        return sigmoid((edge - 100) / 6)

    expected = {
        0: 1 - sigmoid(0.3),
        1: sigmoid(0.3) * below(1.5),
        97: sigmoid(0.3) * (below(97.5) - below(96.5)),
        255: sigmoid(0.3) * (1 - below(254.5)),
    }
    for level, probability in expected.items():
        assert probabilities[level].item() == pytest.approx(probability, rel=1e-9)


@COMPONENTS
def test_the_mean_is_that_of_the_probabilities(components):
    likelihood = GreyLevels(components)
    outputs, _ = outputs_and_levels(likelihood)
    levels = torch.arange(LEVELS, dtype=torch.float64) / 255
    expected = (likelihood.probabilities(outputs) * levels).sum(-1)
    torch.testing.assert_close(likelihood.mean(outputs), expected)


@COMPONENTS
@pytest.mark.parametrize("spread", [1.0, 1e3, 1e6])
def test_nats_and_gradients_stay_finite_however_far_the_level(components, spread):
    likelihood = GreyLevels(components)
    outputs, levels = outputs_and_levels(likelihood, spread=spread, dtype=torch.float32)
    outputs.requires_grad_()
    nats = likelihood.nats(outputs, levels.float() / 255)
    nats.sum().backward()
    assert nats.isfinite().all() and (nats >= 0).all()
    assert outputs.grad.isfinite().all() and (outputs.grad != 0).any()


@COMPONENTS
def test_gradients_are_those_of_the_formula(components):
    likelihood = GreyLevels(components)
    outputs, levels = outputs_and_levels(likelihood, batch=2, pixels=6)
    outputs.requires_grad_()
    assert torch.autograd.gradcheck(lambda o: likelihood.nats(o, levels / 255.0), (outputs,))


def test_all_levels_are_recovered_from_float32():
    levels = torch.arange(LEVELS, dtype=torch.uint8)[None]
    outputs = torch.zeros(1, 3 * LEVELS)
    nats = [GreyLevels().nats(torch.zeros(1, 3), level[None] / 255) for level in levels.T]
    total = GreyLevels().nats(outputs, levels.float() / 255)
    torch.testing.assert_close(total, torch.stack(nats).sum(0))
    assert torch.cat(nats).exp().reciprocal().sum().item() == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("components", [0, -1, 1.5, "2"])
def test_wrong_numbers_of_components_are_refused(components):
    with pytest.raises(ValueError, match="components must be a positive integer"):
        GreyLevels(components)


@pytest.mark.parametrize(
    "model",
    [
        vae.VAE(vae.VAEConfig(784, hidden=8, latent=3), likelihood=GreyLevels(2)),
        ConvolutionalVAE(ConvolutionalConfig(channels=(2, 4)), likelihood=GreyLevels()),
    ],
)
def test_models_take_it_as_their_likelihood(model):
    x = torch.randint(0, 256, (4, 784), dtype=torch.uint8) / 255
    terms = vae.ELBO(model, x, generator=torch.Generator().manual_seed(0))
    assert terms["loss"].isfinite()
    picture = model.decode(torch.zeros(2, model.config.latent))
    assert picture.shape == (2, 784) and picture.ge(0).all() and picture.le(1).all()
