"""The likelihoods, against PyTorch's distributions and against what they must obey."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from kldiv.likelihoods import Bernoulli, Normal
from kldiv.training import train
from kldiv.vae import ELBO, VAE, VAEConfig

N, PIXELS = 6, 30


@pytest.fixture
def outputs():
    return 4 * torch.randn(N, PIXELS, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def x():
    """Images in [0, 1], the ends included."""
    pixels = torch.rand(N, PIXELS, generator=torch.Generator().manual_seed(1))
    pixels[0], pixels[1] = 0, 1
    return pixels


# --- Bernoulli ----------------------------------------------------------------------------------


def test_bernoulli_of_black_and_white_is_pytorchs(outputs, x):
    known = torch.distributions.Bernoulli(logits=outputs)
    torch.testing.assert_close(
        Bernoulli().nats(outputs, x.round()), -known.log_prob(x.round()).sum(1)
    )
    torch.testing.assert_close(Bernoulli().mean(outputs), known.mean)
    probability = outputs.double().sigmoid()
    grey = -(x * probability.log() + (1 - x) * (1 - probability).log()).sum(1)
    torch.testing.assert_close(Bernoulli().nats(outputs, x), grey.float())


def test_bernoulli_stays_finite_at_certainty_and_pays_for_being_wrong():
    outputs = torch.tensor([[1e4, -1e4, 1e4]])
    assert Bernoulli().nats(outputs, torch.tensor([[1.0, 0.0, 1.0]])).item() == 0
    assert Bernoulli().nats(outputs, torch.tensor([[0.0, 0.0, 1.0]])).item() == 1e4
    pairs = Bernoulli().log_prob_pairs(outputs, torch.tensor([[1.0, 0.0, 0.0]]))
    assert pairs.item() == -1e4


def test_the_floor_is_reached_by_the_images_themselves_and_by_nothing_else(outputs, x):
    floor = Bernoulli.floor(x)
    at_the_images = torch.logit(x.clamp(1e-7, 1 - 1e-7))
    assert Bernoulli().nats(at_the_images, x).mean().item() == pytest.approx(floor, rel=1e-4)
    assert Bernoulli().nats(outputs, x).mean() > floor
    for nudge in (0.1, -0.1):
        assert Bernoulli().nats(at_the_images + nudge, x).mean() > floor + 1e-3
    entropy = stats.entropy(np.stack([x.numpy(), 1 - x.numpy()]), axis=0)
    assert floor == pytest.approx(entropy.sum(1).mean(), rel=1e-5)
    assert Bernoulli.floor(x.round()) == 0
    assert Bernoulli.floor(torch.full((2, 7), 0.5)) == pytest.approx(7 * math.log(2))


def test_bernoulli_observes_images_unchanged(x):
    assert Bernoulli().observe(x) is x
    assert Bernoulli().observe(x, torch.Generator()) is x


# --- Normal -------------------------------------------------------------------------------------


@pytest.mark.parametrize("std", [1e-3, 0.25, 7.0])
def test_normal_is_pytorchs(outputs, x, std):
    known = torch.distributions.Normal(outputs, std)
    likelihood = Normal(std)
    torch.testing.assert_close(likelihood.nats(outputs, x), -known.log_prob(x).sum(1))
    assert likelihood.mean(outputs) is outputs
    assert likelihood.log_std.item() == pytest.approx(math.log(std))


def test_bytes_are_spread_over_their_intervals_and_other_images_left_alone(x):
    images = torch.arange(256, dtype=torch.uint8).reshape(4, 1, 8, 8)
    generator = torch.Generator().manual_seed(0)
    before = torch.get_rng_state()
    observed = Normal().observe(images, generator)
    assert observed.shape == (4, 64) and observed.dtype == torch.float32
    assert torch.equal((256 * observed).floor(), images.flatten(1).float())
    assert observed.min() >= 0 and observed.max() < 1
    assert not torch.equal(Normal().observe(images, generator), observed)
    again = Normal().observe(images, torch.Generator().manual_seed(0))
    assert torch.equal(again, observed)
    assert Normal().observe(x, generator) is x
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("std", [0.002, 0.02, 0.3])
def test_nats_over_spread_bytes_bound_the_bits_of_a_code_of_them(std):
    """−log₂ p(x|z) + 8 a pixel, averaged over the spread, is at least the bits of the level."""
    levels = torch.tensor([[90, 95, 100, 101, 101]], dtype=torch.uint8)
    centre = torch.full((1, 5), 101.3 / 256)
    mass = stats.norm(centre[0], std).cdf((levels + 1.0) / 256)
    mass = mass - stats.norm(centre[0], std).cdf(levels / 256)
    bits = -np.log2(np.maximum(mass[0], 1e-300)).sum()
    spread = Normal(std).observe(levels.expand(20_000, 5), torch.Generator().manual_seed(0))
    with torch.no_grad():
        nats = Normal(std).nats(centre, spread)
    bound = nats.mean().item() / math.log(2) + 8 * 5
    assert bound >= bits - 4 * nats.std().item() / math.log(2) / math.sqrt(20_000)
    assert std < 0.1 or bound == pytest.approx(bits, rel=1e-3)  # a density that hardly changes


def test_the_standard_deviation_is_learned():
    likelihood = Normal()
    outputs, x = torch.zeros(5, 8), torch.full((5, 8), 0.1)
    (gradient,) = torch.autograd.grad(likelihood.nats(outputs, x).mean(), likelihood.log_std)
    assert gradient.item() == pytest.approx(8 * (1 - 0.1**2 / 0.25**2), rel=1e-5)

    images = 0.5 + 0.05 * torch.randn(400, 12, generator=torch.Generator().manual_seed(0))
    model = VAE(VAEConfig(12, 8, 2), likelihood=Normal())
    assert "likelihood.log_std" in dict(model.named_parameters())
    train(model, ELBO, images, epochs=15, batch_size=20, learning_rate=0.02)
    assert model.likelihood.log_std.exp().item() == pytest.approx(0.05, rel=0.3)


# --- Both ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("likelihood", [Bernoulli(), Normal(0.5)], ids=["Bernoulli", "Normal"])
@pytest.mark.parametrize(("n", "g"), [(1, 1), (6, 4), (3, 6)])
def test_pairs_are_nats_of_every_image_under_every_output(likelihood, outputs, x, n, g):
    outputs, x = outputs[:g], x[:n]
    pairs = likelihood.log_prob_pairs(outputs, x)
    assert pairs.shape == (n, g) and pairs.dtype == torch.float32
    for image in range(n):
        for output in range(g):
            nats = likelihood.nats(outputs[output : output + 1], x[image : image + 1])
            torch.testing.assert_close(pairs[image, output], -nats[0], rtol=1e-5, atol=1e-4)


def test_pairs_of_a_narrow_normal_do_not_cancel():
    generator = torch.Generator().manual_seed(0)
    outputs = 0.4 + 0.3 * torch.rand(64, 3072, generator=generator)
    x = outputs + 0.01 * torch.randn(outputs.shape, generator=generator)
    likelihood = Normal(0.01)
    with torch.no_grad():
        pairs = likelihood.log_prob_pairs(outputs, x).diagonal()
        exact = -likelihood.double().nats(outputs.double(), x.double())
    torch.testing.assert_close(pairs.double(), exact, rtol=0, atol=0.02)


@pytest.mark.parametrize("likelihood", [Bernoulli(), Normal()], ids=["Bernoulli", "Normal"])
def test_a_model_holds_its_likelihood_and_speaks_through_it(likelihood, outputs, x):
    model = VAE(VAEConfig(PIXELS, 5, 2), likelihood=likelihood)
    assert model.likelihood is likelihood
    assert len(list(model.parameters())) == 10 + isinstance(likelihood, nn.Module)
    z = torch.zeros(N, 2)
    torch.testing.assert_close(
        model.reconstruction(z, x), likelihood.nats(model.decode_outputs(z), x)
    )
