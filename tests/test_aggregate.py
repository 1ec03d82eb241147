"""The aggregate posterior: densities, its KL from the prior, and holes, where they are known."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from kldiv.aggregate import AggregatePosterior
from kldiv.gaussian import kl_standard_normal


@pytest.fixture
def generator():
    return np.random.default_rng(0)


def average_kl(means, stds):
    return np.mean(np.asarray(kl_standard_normal(means, 2 * np.log(stds))))


@pytest.mark.parametrize("latent", [1, 2, 7])
@pytest.mark.parametrize("m", [1, 31, 32, 33, 100])
def test_density_is_that_of_the_mixture(generator, latent, m):
    means, stds = generator.standard_normal((50, latent)), generator.uniform(0.05, 2, (50, latent))
    z = 3 * generator.standard_normal((m, latent))
    parts = stats.norm(means, stds).logpdf(z[:, None]).sum(-1)
    expected = logsumexp(parts, axis=1) - math.log(50)
    density = AggregatePosterior(means, stds).log_density(z)
    assert density.shape == (m,)
    np.testing.assert_allclose(density, expected, rtol=1e-12, atol=1e-10)


def test_density_integrates_to_one(generator):
    q = AggregatePosterior(generator.standard_normal((9, 2)), generator.uniform(0.2, 1, (9, 2)))
    axis = np.linspace(-8, 8, 321)
    z = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    assert np.exp(q.log_density(z)).sum() * 0.05**2 == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("latent", [1, 2, 16])
def test_were_it_the_prior_kl_is_zero_and_a_hundredth_is_holes(latent):
    q = AggregatePosterior(np.zeros((2000, latent)), np.ones((2000, latent)))
    kl = q.kl_to_prior()
    assert kl.value == pytest.approx(0, abs=1e-12) and kl.error < 1e-12
    assert q.hole_share() == pytest.approx(0.01, abs=0.008)


def test_of_equal_posteriors_kl_is_that_of_one_of_them():
    means, stds = np.full((5000, 2), [0.5, -1.0]), np.full((5000, 2), [0.5, 1.5])
    kl = AggregatePosterior(means, stds).kl_to_prior()
    assert abs(kl.value - average_kl(means, stds)) < 4 * kl.error
    assert 0 < kl.error < 0.05


def test_of_narrow_posteriors_far_apart_kl_is_their_average_less_log_n(generator):
    axis = np.arange(-20, 20, 2.0)
    means = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    stds = generator.uniform(0.01, 0.1, means.shape)
    kl = AggregatePosterior(means, stds).kl_to_prior()
    expected = average_kl(means, stds) - math.log(len(means))
    # The value is of the same images as the average: what is left is the noise of the draws.
    assert kl.value == pytest.approx(expected, rel=0.002)


def test_kl_of_a_mixture_of_two_and_its_standard_error():
    z = np.linspace(-9, 9, 40_001)
    density = (stats.norm(-1, 0.5).pdf(z) + stats.norm(1, 0.3).pdf(z)) / 2
    ratio = np.log(density) - stats.norm.logpdf(z)
    known = np.sum(density * ratio) * (z[1] - z[0])
    means, stds = np.tile([[-1.0], [1.0]], (300, 1)), np.tile([[0.5], [0.3]], (300, 1))
    kls = [AggregatePosterior(means, stds, seed=seed).kl_to_prior() for seed in range(100)]
    scores = np.array([(kl.value - known) / kl.error for kl in kls])
    assert abs(scores.mean()) < 0.4 and 0.8 < scores.std() < 1.2


def test_holes_are_where_no_image_is():
    # Prior draws of the left half-plane see nothing of the images, which lie in the right one.
    prior = np.random.default_rng(1).standard_normal((1000, 2))
    means = np.abs(prior) * [1, 0] + prior * [0, 1]
    assert AggregatePosterior(means, np.full(means.shape, 0.05)).hole_share() > 0.4
    far = AggregatePosterior(np.full((100, 2), 50.0), np.full((100, 2), 0.1))
    assert far.hole_share() == 1
    assert far.hole_share(draws=7) == 1


def test_posteriors_a_billionth_wide_are_measured_exactly(generator):
    means = generator.standard_normal((500, 2))
    stds = np.full(means.shape, 1e-9)
    q = AggregatePosterior(means, stds)
    noise = (q.draws - means) / stds
    expected = stats.norm.logpdf(noise).sum(1) - 2 * math.log(1e-9) - math.log(500)
    np.testing.assert_allclose(q.log_density(q.draws), expected, rtol=1e-9)
    kl = q.kl_to_prior()
    assert abs(kl.value - (average_kl(means, stds) - math.log(500))) < 6 * kl.error
    assert q.hole_share() == 1  # no prior draw hits any of them


def test_a_mixture_of_very_narrow_and_very_wide_posteriors(generator):
    means = 1e3 * generator.standard_normal((100, 2))
    stds = np.repeat([1e-9, 1e-3, 1.0, 1e6], 25)[:, None] * np.ones((1, 2))
    z = np.concatenate([means, 1e7 * generator.standard_normal((50, 2))])
    parts = stats.norm(means, stds).logpdf(z[:, None]).sum(-1)
    q = AggregatePosterior(means, stds)
    np.testing.assert_allclose(q.log_density(z), logsumexp(parts, 1) - math.log(100), rtol=1e-12)
    assert math.isfinite(q.kl_to_prior().value)


def test_a_single_posterior_has_a_kl_of_unknown_error():
    kl = AggregatePosterior(np.zeros((1, 2)), np.ones((1, 2))).kl_to_prior()
    assert kl.value == pytest.approx(0, abs=1e-12) and kl.error == math.inf


def test_the_seed_decides_and_global_random_state_is_left_alone(generator):
    means, stds = generator.standard_normal((100, 2)), np.full((100, 2), 0.1)
    before = np.random.get_state()[1].copy()
    one, same, other = (AggregatePosterior(means, stds, seed=seed) for seed in (1, 1, 2))
    assert one.kl_to_prior() == same.kl_to_prior() != other.kl_to_prior()
    assert one.hole_share() == same.hole_share() == one.hole_share()
    assert (np.random.get_state()[1] == before).all()


@pytest.mark.parametrize(
    ("means", "stds", "words"),
    [
        (np.zeros((3, 2)), np.ones((2, 2)), r"shapes \(3, 2\) and \(2, 2\)"),
        (np.zeros(3), np.ones(3), r"shapes \(3,\) and \(3,\)"),
        (np.zeros((2, 2)), [[1, 1], [1, 0]], "positive; the smallest is 0"),
        (np.zeros((2, 2)), [[1, 1], [1, -2]], "positive; the smallest is -2"),
        (np.zeros((2, 2)), [[1, 1], [1, math.nan]], "positive; the smallest is nan"),
    ],
)
def test_what_are_no_posteriors_is_refused(means, stds, words):
    with pytest.raises(ValueError, match=words):
        AggregatePosterior(means, stds)


@pytest.mark.parametrize("z", [np.zeros(2), np.zeros((3, 1)), np.zeros((1, 3, 2))])
def test_points_of_another_space_are_refused(z):
    with pytest.raises(ValueError, match=r"z must be \(m, 2\); got shape"):
        AggregatePosterior(np.zeros((1, 2)), np.ones((1, 2))).log_density(z)
