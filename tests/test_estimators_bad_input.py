"""Thousands of bad inputs a function: ValueError or TypeError in words, or what is documented.

Each example starts from good arguments and spoils one or two of them; what still passes must give
a number that is not NaN. KLDIV_BAD_INPUTS sets how many examples each function gets.
"""

import math
import os
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy
import torch

from kldiv.estimators import (
    Estimate,
    bootstrap,
    kl_monte_carlo,
    kl_nearest_neighbours,
    kl_plug_in,
    kl_plug_in_counts,
)
from kldiv.gaussian import kl_diagonal_normal
from kldiv.mixtures import GaussianMixture, kl_mixtures_bounds, kl_mixtures_monte_carlo
from kldiv.wasserstein import wasserstein2_multivariate_normal, wasserstein2_normal

EXAMPLES = int(os.environ.get("KLDIV_BAD_INPUTS", "2000"))

NUMBERS = [
    *(0, 1, -1, 2, 0.5, -0.5, 1e-320, 1e-160, 1e160, 1e308, -1e308, 2**53, 2**70),
    *(math.nan, math.inf, -math.inf, True, 1j, np.float32(2), np.float16(3), np.int8(1)),
    *(Fraction(1, 3), Decimal("0.1"), Decimal("sNaN"), sympy.Rational(1, 2), sympy.Symbol("s")),
]
THINGS = [
    *(None, "", "ab", b"ab", {}, {1: 2}, set(), {1, 2}, [], [[]], [[1], [1, 2]], (), object(), int),
    *(np.zeros(0), np.zeros((2, 0)), np.zeros((0, 2)), np.array(1.0), np.array([None, 1])),
    *(np.array(["a", "b"]), np.array(["2020-01-01", "NaT"], "M8[D]"), np.zeros((1, 2, 3))),
    *(np.ma.array([1.0, 2.0], mask=[0, 1]), torch.zeros(3), torch.zeros(0), torch.ones(2, 2)),
    *(torch.ones(2, requires_grad=True), torch.ones(3, dtype=torch.complex64), [torch.ones(1)]),
    *(torch.tensor([1.0, math.nan], requires_grad=True), "k1", "fixed", lambda x, y: 0.5, -3),
]


def spoil(value, rng):
    """Something else in its place, or the same with something wrong in it."""
    choice = rng.integers(8)
    pick = NUMBERS[rng.integers(len(NUMBERS))]
    if choice == 0:
        return THINGS[rng.integers(len(THINGS))]
    if choice == 1:
        return pick
    if type(value) is not np.ndarray or value.dtype.kind not in "fi" or not value.ndim * value.size:
        return [value] if choice == 2 else pick
    if choice == 2:
        return torch.tensor(value, requires_grad=value.dtype.kind == "f")
    if choice == 3:
        return value[: rng.integers(len(value) + 1)]
    if choice == 4:
        return value[..., None] if rng.random() < 0.5 else value[0]
    if choice == 5:
        with np.errstate(all="ignore"):
            return value * rng.choice([0.0, -1.0, 1e-300, 1e300, math.inf])
    if choice == 6 and isinstance(pick, (int, float)) and abs(pick) < 2**62:
        spoilt = value.astype(float)
        spoilt.reshape(-1)[rng.integers(value.size)] = pick
        return spoilt
    entries = value.tolist()
    entries[rng.integers(len(entries))] = pick
    return entries


def points(rng, n, d=2):
    return rng.normal(size=(n, d))


def mixture(weights, means, covs):
    return GaussianMixture(weights, means, covs)


def bounds(*parameters):
    return kl_mixtures_bounds(mixture(*parameters[:3]), mixture(*parameters[3:]))


def mixtures_monte_carlo(w, m, c, w_2, m_2, c_2, **options):
    return kl_mixtures_monte_carlo(mixture(w, m, c), mixture(w_2, m_2, c_2), **options)


def log_prob(weights, means, covs, x):
    return mixture(weights, means, covs).log_prob(x)


def sample(weights, means, covs, n, seed):
    return mixture(weights, means, covs).sample(n, seed=seed)


def smoothed(x, y):
    return kl_plug_in(x, y, smoothing=0.5)


def a_mixture(rng):
    return [np.array([0.25, 0.75]), points(rng, 2), np.stack([np.eye(2)] * 2)]


def a_covariance(rng):
    factor = points(rng, 2)
    return factor @ factor.T + np.eye(2)


FUNCTIONS = {
    kl_plug_in: lambda rng: (
        [rng.integers(3, size=9), rng.integers(3, size=9)],
        {"correction": "miller-madow", "smoothing": 0.5, "categories": range(3), "base": None},
    ),
    kl_plug_in_counts: lambda rng: (
        [rng.integers(2, 9, size=3), rng.integers(2, 9, size=3)],
        {"correction": "jackknife", "smoothing": 0.0, "base": 2},
    ),
    kl_nearest_neighbours: lambda rng: (
        [points(rng, 7), points(rng, 8)],
        {"k": 2, "variant": rng.choice(["fixed", "adaptive"]), "base": 2, "workers": 1},
    ),
    kl_monte_carlo: lambda rng: (
        [rng.normal(size=5), rng.normal(size=5)],
        {"estimator": rng.choice(["k1", "k2", "k3"]), "base": 2},
    ),
    bootstrap: lambda rng: (
        [smoothed, rng.integers(2, size=5), rng.integers(2, size=6)],
        {"seed": 0, "level": 0.9, "resamples": 3, "method": "basic"},
    ),
    log_prob: lambda rng: ([*a_mixture(rng), points(rng, 3)], {}),
    sample: lambda rng: ([*a_mixture(rng), 3, 0], {}),
    GaussianMixture.diagonal: lambda rng: (
        [np.array([0.25, 0.75]), points(rng, 2), np.ones((2, 2))],
        {},
    ),
    bounds: lambda rng: ([*a_mixture(rng), *a_mixture(rng)], {}),
    mixtures_monte_carlo: lambda rng: (
        [*a_mixture(rng), *a_mixture(rng)],
        {"seed": 0, "draws": 5, "estimator": "k1", "base": None},
    ),
    wasserstein2_normal: lambda rng: ([points(rng, 2), np.ones(2)] * 2, {}),
    wasserstein2_multivariate_normal: lambda rng: (
        [points(rng, 3), a_covariance(rng), rng.normal(size=2), a_covariance(rng)],
        {},
    ),
    kl_diagonal_normal: lambda rng: ([points(rng, 2), np.ones(2)] * 2, {}),
}


def numbers_of(result):
    """All numbers in a result."""
    if isinstance(result, Estimate):
        assert result.standard_error >= 0 and repr(result)
        lower, upper = result.interval()
        assert lower <= float(result) <= upper
        return [float(result)]
    if isinstance(result, GaussianMixture):
        return []
    if isinstance(result, tuple):
        assert result[0] <= result[1]
        return [number for part in result for number in numbers_of(part)]
    if isinstance(result, torch.Tensor):
        return result.detach().reshape(-1).tolist()
    numbers = np.ravel(result).tolist()
    return [n for n in numbers if isinstance(n, float)]  # others are symbols


def answer(function, arguments, options):
    """The numbers in the result; or, as it is refused, the words."""
    try:
        return numbers_of(function(*arguments, **options)), None
    except (ValueError, TypeError) as error:
        return [], str(error)
    except Exception as error:
        raise AssertionError((arguments, options)) from error


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_bad_input_is_refused_or_answered_as_documented(function):
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(EXAMPLES):
        arguments, options = FUNCTIONS[function](rng)
        for _ in range(rng.integers(1, 3)):
            at = rng.integers(len(arguments) + len(options))
            if at < len(arguments):
                arguments[at] = spoil(arguments[at], rng)
            else:
                name = list(options)[at - len(arguments)]
                options[name] = 10**400 if rng.random() < 0.1 else spoil(options[name], rng)
        sizes = [options.get("draws"), options.get("resamples")]
        sizes += arguments[3:4] if function is sample else []
        if any(isinstance(size, int) and size > 10**4 for size in sizes):
            continue  # what it says, and too long
        numbers, refusal = answer(function, arguments, options)
        refused += refusal is not None
        assert refusal is None or len(refusal) > 10, (arguments, options)
        assert not any(math.isnan(number) for number in numbers), (arguments, options)
    assert refused > EXAMPLES / 4
