"""−log p(x) by quadrature and by importance sampling, against a model where it is known."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from kldiv import evaluation
from kldiv.likelihoods import Normal
from kldiv.marginal import RINGS, nll_by_importance, nll_by_quadrature
from kldiv.vae import VAE, VAEConfig

PIXELS, STD = 12, 0.3


class LinearGaussian(VAE):
    """p(x|z) = N(Wz + b, σ²I), so that p(x) = N(b, WWᵀ + σ²I), and p(z|x) is known too.

    q(z|x) is p(z|x), whose axes are those of the plane, moved by `shift` and widened by `widen`
    of its standard deviations.
    """

    def __init__(self, latent=2, std=STD, shift=0.0, widen=1.0):
        self.shift, self.widen, self.std = shift, widen, std
        super().__init__(VAEConfig(PIXELS, 1, latent), likelihood=Normal(std))

    def _build(self, generator):
        latent = self.config.latent
        generator.manual_seed(5)
        axes = torch.linalg.qr(torch.randn(PIXELS, latent, generator=generator))[0]
        self.register_buffer("weight", axes * torch.linspace(1.0, 0.4, latent))
        self.register_buffer("bias", torch.randn(PIXELS, generator=generator))

    def encode(self, x):
        precision = 1 + (self.weight**2).sum(0) / self.std**2  # diagonal, as W has square axes
        mean = (x - self.bias) @ self.weight / self.std**2 / precision
        log_var = torch.log(self.widen**2 / precision).expand_as(mean)
        return mean + self.shift * precision**-0.5, log_var

    def decode_outputs(self, z):
        return z @ self.weight.T + self.bias

    def draw(self, n):
        """Images from the model itself, from a seed that is nobody else's."""
        generator = torch.Generator().manual_seed(10_000)
        z = torch.randn(n, self.config.latent, generator=generator)
        return self.decode_outputs(z) + self.std * torch.randn(n, PIXELS, generator=generator)

    def nll(self, x):
        """−log p(x) of every image: (n,)."""
        weight = self.weight.double().numpy()
        covariance = weight @ weight.T + self.std**2 * np.eye(PIXELS)
        return -stats.multivariate_normal(self.bias.double(), covariance).logpdf(x.double())


# --- Quadrature ---------------------------------------------------------------------------------


@pytest.mark.parametrize("std", [1.0, 0.3, 0.1])
def test_quadrature_finds_the_known_value(std):
    model = LinearGaussian(std=std)
    x = torch.cat([model.draw(50), model.bias[None], 0.5 + model.draw(5)])  # some are improbable
    estimate = nll_by_quadrature(model, x)
    assert estimate.value == pytest.approx(model.nll(x).mean(), rel=2e-5, abs=2e-4)
    assert estimate.error < 1e-3


@pytest.mark.parametrize("step", [0.75, 0.5, 0.375, 0.1875])
def test_the_error_of_a_lattice_too_coarse_bounds_how_far_it_is_off(step):
    model = LinearGaussian()
    x = model.draw(50)
    estimate = nll_by_quadrature(model, x, rings=[(0, 6, step)])
    off = abs(estimate.value - model.nll(x).mean())
    assert off <= estimate.error + 1e-4
    assert step < 0.75 or off > 1e-3  # there is something to be bounded


def test_quadrature_of_a_network_is_the_sum_over_a_lattice_done_otherwise():
    model = VAE(VAEConfig(pixels=20, hidden=8), seed=2)
    for parameter in model.parameters():
        parameter.data *= 3
    x = (torch.rand(9, 20, generator=torch.Generator().manual_seed(0)) > 0.5).float()
    axis = torch.linspace(-8, 8, 321)
    z = torch.stack(torch.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    log_prior = stats.norm.logpdf(z.double().numpy()).sum(1)
    values = []
    with torch.no_grad():
        logits = model.decode_outputs(z)
        for image in x:
            likelihood = torch.distributions.Bernoulli(logits=logits).log_prob(image).sum(1)
            log_joint = likelihood.double().numpy() + log_prior
            values.append(-np.logaddexp.reduce(log_joint) - 2 * math.log(0.05))
    estimate = nll_by_quadrature(model, x)
    assert estimate.value == pytest.approx(np.mean(values), abs=1e-3) and estimate.error < 1e-2
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize(("place", "std"), [(7.0, 0.3), (12.0, 0.4), (-18.0, 0.5)])
def test_codes_far_out_are_found(place, std):
    model = LinearGaussian(std=std)
    x = model.decode_outputs(torch.tensor([[place, 0.0]]))
    known = model.nll(x).item()
    within = nll_by_quadrature(model, x, rings=RINGS[:1])
    assert within.value > known + 1  # the inner square alone misses them
    assert nll_by_quadrature(model, x).value == pytest.approx(known, rel=1e-4, abs=0.05)


@pytest.mark.parametrize("step", [3.0, 1.0, 0.01])  # fewer and more than a slice of the lattice
def test_the_slices_of_the_lattice_make_one_sum(step):
    model = LinearGaussian(std=1.0)
    outer = min(6.0, 50 * step)
    estimate = nll_by_quadrature(model, model.bias[None], rings=[(0, outer, step)])
    index = np.arange(-round(outer / step) + 1, round(outer / step))
    factors = [
        np.sum(np.exp(-((index * step) ** 2) * (1 + w**2) / 2)) * step / math.sqrt(2 * math.pi)
        for w in model.weight.norm(dim=0).tolist()
    ]
    expected = -math.log(math.prod(factors)) + PIXELS * math.log(2 * math.pi) / 2
    assert estimate.value == pytest.approx(expected, rel=1e-5)


def test_quadrature_needs_a_plane_and_rings():
    with pytest.raises(ValueError, match="latent plane; got 3 dimensions"):
        nll_by_quadrature(LinearGaussian(latent=3), torch.zeros(1, PIXELS))
    for ring in ((6, 6, 0.1), (-1, 2, 0.1), (0, 6, 0), (0, 6, 7)):
        with pytest.raises(ValueError, match="a ring is"):
            nll_by_quadrature(LinearGaussian(), torch.zeros(1, PIXELS), rings=[ring])
    with pytest.raises(ValueError, match=r"no point of .* spacing 0.2 lies in \[0.1, 0.2\)"):
        nll_by_quadrature(LinearGaussian(), torch.zeros(1, PIXELS), rings=[(0.1, 0.2, 0.2)])


# --- Importance sampling ------------------------------------------------------------------------


@pytest.mark.parametrize("latent", [1, 2, 5])
def test_with_the_true_posterior_every_sample_gives_the_known_value(latent):
    model = LinearGaussian(latent)
    x = model.draw(30)
    estimate = nll_by_importance(model, x, samples=2)
    assert estimate.value == pytest.approx(model.nll(x).mean(), abs=1e-3)
    assert estimate.error < 1e-4


@pytest.mark.parametrize(("latent", "shift", "widen"), [(2, 0.0, 1.5), (2, 0.5, 1.2), (5, 0, 1.3)])
def test_the_standard_error_is_calibrated(latent, shift, widen):
    model = LinearGaussian(latent, shift=shift, widen=widen)
    x = model.draw(40)
    known = model.nll(x).mean()
    estimates = [nll_by_importance(model, x, seed=seed) for seed in range(150)]
    scores = np.array([(e.value - known) / e.error for e in estimates])
    assert 0.82 < scores.std() < 1.18 and abs(scores.mean()) < 1
    assert np.mean(np.abs(scores) < 1.96) > 0.85
    assert len({estimate.value for estimate in estimates}) == 150
    # Too large on average, by half the variance of an image's mean weight.
    bias = np.mean([e.value for e in estimates]) - known
    spread = np.mean([e.error for e in estimates])
    expected = spread**2 * len(x) / 2
    assert bias == pytest.approx(expected, abs=4 * spread / math.sqrt(150) + 0.3 * expected)


def test_more_samples_bring_it_down_from_the_elbo_to_the_known_value():
    model = LinearGaussian(5, shift=0.5, widen=0.8)
    x = model.draw(400)
    elbo = evaluation.elbo_terms(model, x)["negative_elbo"]
    values = [nll_by_importance(model, x, samples=samples).value for samples in (2, 8, 64, 1024)]
    assert elbo > values[0] > values[1] > values[2] > values[3] > model.nll(x).mean() - 0.01
    assert values[3] == pytest.approx(model.nll(x).mean(), abs=0.02)


def test_importance_sampling_and_quadrature_agree_on_a_network():
    model = VAE(VAEConfig(pixels=20, hidden=8), seed=2)
    x = (torch.rand(50, 20, generator=torch.Generator().manual_seed(0)) > 0.5).float()
    sampled = nll_by_importance(model, x, samples=2048)
    integrated = nll_by_quadrature(model, x)
    assert abs(sampled.value - integrated.value) < 4 * sampled.error + integrated.error
    assert 0 < sampled.error < 0.05


def test_a_seed_repeats_it_and_global_random_state_is_left_alone():
    model = LinearGaussian(widen=1.5)
    x = model.draw(20)
    before = torch.get_rng_state()
    assert nll_by_importance(model, x, seed=4) == nll_by_importance(model, x, seed=4)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("samples", [0, 1])
def test_a_standard_error_needs_two_samples(samples):
    with pytest.raises(ValueError, match=f"at least 2, for a standard error; got {samples}"):
        nll_by_importance(LinearGaussian(), torch.zeros(1, PIXELS), samples=samples)


def test_importance_sampling_from_posteriors_narrower_than_a_digit_is_finite():
    model = VAE(VAEConfig(pixels=20, hidden=8), seed=2)
    model.encoder_log_var.bias.data[:] = -300.0  # its standard deviation underflows
    x = (torch.rand(9, 20, generator=torch.Generator().manual_seed(0)) > 0.5).float()
    estimate = nll_by_importance(model, x, samples=4)
    assert math.isfinite(estimate.value) and math.isfinite(estimate.error)
    assert estimate.value > 100  # nothing but an upper bound, near −ELBO
