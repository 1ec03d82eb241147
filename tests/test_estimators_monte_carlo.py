"""k1, k2 and k3, against the closed form of two normals."""

import math

import numpy as np
import pytest
import torch

from kldiv.estimators import kl_monte_carlo
from kldiv.gaussian import kl_normal

P, Q = (0.4, 1.0), (0.0, 0.9)


def log_normal(x, mean, std):
    return -math.log(std * math.sqrt(2 * math.pi)) - ((x - mean) / std) ** 2 / 2


def estimates(name, p=P, q=Q, n=500, repeats=1000):
    x = np.random.default_rng(0).normal(*p, size=(repeats, n))
    return [
        kl_monte_carlo(a, b, estimator=name)
        for a, b in zip(log_normal(x, *p), log_normal(x, *q), strict=True)
    ]


# --- Simulation ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["k1", "k3"])
def test_k1_and_k3_are_unbiased_and_their_intervals_cover(name):
    truth, found = kl_normal(*P, *Q), estimates(name)
    values, errors = np.array([(float(e), e.standard_error) for e in found]).T
    assert abs(values.mean() - truth) < 4 * values.std() / math.sqrt(len(values))
    assert errors.mean() == pytest.approx(values.std(), rel=0.1)
    covered = np.mean([lower < truth < upper for lower, upper in (e.interval() for e in found)])
    assert 0.92 < covered < 0.97


def test_k2_is_biased_as_its_docstring_says():
    x = np.linspace(-12, 12, 200_001)
    density = np.exp(log_normal(x, *P))
    log_r = log_normal(x, *Q) - log_normal(x, *P)
    expected = np.sum(density * log_r**2 / 2) * (x[1] - x[0])
    values = np.array([float(e) for e in estimates("k2")])
    assert abs(values.mean() - expected) < 4 * values.std() / math.sqrt(len(values))
    assert abs(expected - kl_normal(*P, *Q)) > 0.01
    near = np.array([float(e) for e in estimates("k2", (0.02, 1.0), (0.0, 1.0))])
    assert near.mean() == pytest.approx(kl_normal(0.02, 1.0, 0.0, 1.0), rel=0.05)


def test_k3_has_less_noise_where_q_is_near_p():
    first, third = (estimates(name, (0.1, 1.0), (0.0, 1.0), repeats=20) for name in ("k1", "k3"))
    assert np.mean([e.standard_error for e in third]) < 0.1 * first[0].standard_error
    assert all(float(e) >= 0 for e in third)


# --- Values -------------------------------------------------------------------------------------


def test_the_three_by_hand():
    log_p, log_q = np.array([-1.0, -2.0]), np.array([-1.0, -1.5])  # log r = 0, ½
    assert float(kl_monte_carlo(log_p, log_q)) == -0.25
    assert float(kl_monte_carlo(log_p, log_q, estimator="k2")) == 0.0625
    third = kl_monte_carlo(log_p, log_q, estimator="k3")
    assert float(third) == pytest.approx((math.exp(0.5) - 1.5) / 2, rel=1e-15)
    assert third.standard_error == pytest.approx((math.exp(0.5) - 1.5) / 2, rel=1e-14)
    in_bits = kl_monte_carlo(log_p, log_q, base=2)
    assert float(in_bits) == -0.25 / math.log(2) and in_bits.unit == "bits"
    assert in_bits.standard_error == pytest.approx(0.25 / math.log(2), rel=1e-15)
    assert (in_bits.method, in_bits.sizes, in_bits.base) == ("k1", (2,), 2)


@pytest.mark.parametrize("name", ["k1", "k2", "k3"])
def test_q_that_rules_out_a_draw_is_infinitely_far(name):
    estimate = kl_monte_carlo([0.0, -1.0], [-math.inf, -1.0], estimator=name)
    assert float(estimate) == estimate.standard_error == math.inf
    parameter = torch.tensor([0.0, -1.0], requires_grad=True)
    log_q = torch.stack([torch.tensor(-math.inf), parameter[1]])
    kl_monte_carlo(torch.zeros(2), log_q, estimator=name).value.backward()
    assert torch.isfinite(parameter.grad).all()


def test_overflow():
    assert float(kl_monte_carlo([0.0, 0.0], [800.0, 0.0], estimator="k3")) == math.inf
    assert float(kl_monte_carlo([0.0, 0.0], [1e200, 0.0], estimator="k2")) == math.inf
    assert float(kl_monte_carlo([0.0, 0.0], [800.0, 0.0])) == -400
    with pytest.raises(ValueError, match="log_q − log_p overflows float64"):
        kl_monte_carlo([-1e308, 0.0], [1e308, 0.0], estimator="k2")
    with pytest.raises(ValueError, match="the mean of log_p − log_q overflows float64"):
        kl_monte_carlo([1e308] * 3, [0.0] * 3)


@pytest.mark.parametrize("name", ["k1", "k2", "k3"])
def test_torch_gives_the_same_with_a_gradient(name):
    x = np.random.default_rng(0).normal(*P, size=200)
    log_p, mean = log_normal(x, *P), torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    estimate = kl_monte_carlo(
        torch.from_numpy(log_p), log_normal(torch.from_numpy(x), mean, 0.9), estimator=name
    )
    in_numpy = kl_monte_carlo(log_p, log_normal(x, 0.3, 0.9), estimator=name)
    assert float(estimate) == pytest.approx(float(in_numpy), rel=1e-12)
    assert estimate.standard_error == pytest.approx(in_numpy.standard_error, rel=1e-12)
    estimate.value.backward()
    step = 1e-6
    ends = [
        float(kl_monte_carlo(log_p, log_normal(x, 0.3 + h, 0.9), estimator=name))
        for h in (step, -step)
    ]
    assert float(mean.grad) == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-6)
    single = kl_monte_carlo(np.float32(log_p), np.float32(log_p) - np.float32(1), estimator=name)
    assert single.value.dtype == np.float32


# --- Bad input ----------------------------------------------------------------------------------

GOOD = [-1.0, -2.0]


@pytest.mark.parametrize(
    ("log_p", "log_q", "options", "error", "message"),
    [
        ([math.nan, 0.0], GOOD, {}, ValueError, "log_p must be finite"),
        ([-math.inf, 0.0], GOOD, {}, ValueError, "log_p must be finite"),
        (GOOD, [math.nan, 0.0], {}, ValueError, "log_q must be finite, or −∞"),
        (GOOD, [math.inf, 0.0], {}, ValueError, "log_q must be finite, or −∞"),
        (GOOD, [0.0] * 3, {}, ValueError, r"\(2,\) and \(3,\)"),
        ([GOOD], [GOOD], {}, ValueError, r"\(1, 2\) and \(1, 2\)"),
        ([0.0], [0.0], {}, ValueError, r"at least 2; got \(1,\)"),
        (0.0, 0.0, {}, ValueError, r"got \(\)"),
        (GOOD, GOOD, {"estimator": "k4"}, ValueError, "'k1', 'k2', 'k3'; got 'k4'"),
        (GOOD, GOOD, {"estimator": ["k1"]}, ValueError, "estimator must be one of"),
        (GOOD, GOOD, {"base": 1}, ValueError, "base must be .* got 1"),
        (GOOD, GOOD, {"base": "2"}, ValueError, "base must be .* got '2'"),
        (GOOD, ["a", "b"], {}, TypeError, "log_q must hold real numbers"),
        (np.array(GOOD), torch.tensor(GOOD), {}, TypeError, "one library"),
    ],
)
def test_bad_input(log_p, log_q, options, error, message):
    with pytest.raises(error, match=message):
        kl_monte_carlo(log_p, log_q, **options)
