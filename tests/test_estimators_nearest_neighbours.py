"""Nearest neighbours, against the closed form of normals and against brute force."""

import math

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.special import digamma
from torch.autograd import gradcheck

from kldiv.estimators import kl_nearest_neighbours
from kldiv.gaussian import kl_normal

VARIANTS = ["fixed", "adaptive"]


def points(seed, n, d, mean=0.0, std=1.0):
    return np.random.default_rng(seed).normal(mean, std, size=(n, d))


# --- Simulation ---------------------------------------------------------------------------------


def simulate(n, m, d, mean, std, repeats=120, **options):
    """The truth, the estimates and their standard errors."""
    found = [
        kl_nearest_neighbours(points(2 * i, n, d, mean, std), points(2 * i + 1, m, d), **options)
        for i in range(repeats)
    ]
    values, errors = np.array([(float(e), e.standard_error) for e in found]).T
    return d * kl_normal(mean, std, 0, 1), values, errors


CASES = [  # n, m, d, mean and standard deviation of p, and how large a bias may be
    (400, 400, 1, 0.0, 1.0, 0.01),
    (400, 400, 1, 0.0, 0.5, 0.02),
    (300, 600, 2, 0.5, 1.0, 0.04),
    (400, 400, 3, 0.5, 0.8, 0.05),
]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("n", "m", "d", "mean", "std", "bias"), CASES)
def test_bias_and_coverage(n, m, d, mean, std, bias, variant):
    truth, values, errors = simulate(n, m, d, mean, std, variant=variant)
    assert abs(values.mean() - truth) < bias + 3 * values.std() / math.sqrt(len(values))
    assert np.mean(abs(values - truth) < 1.96 * errors) > 0.93
    # The jackknife's errors are too large rather than too small, and not by much.
    assert 1 < errors.mean() / values.std() < 2.2


def test_it_converges():
    for variant in VARIANTS:
        far, near = (
            simulate(n, n, 1, 1.0, 1.0, repeats=repeats, variant=variant, k=3)
            for n, repeats in ((100, 200), (4000, 10))
        )
        assert abs(near[1].mean() - near[0]) < abs(far[1].mean() - far[0])
        assert near[1].std() < far[1].std() / 3
        assert near[2].mean() < far[2].mean() / 3


def test_the_adaptive_ball_has_less_bias_where_the_densities_differ():
    truth, fixed, _ = simulate(1000, 200, 1, 1.0, 1.0)
    _, adaptive, _ = simulate(1000, 200, 1, 1.0, 1.0, variant="adaptive")
    assert abs(adaptive.mean() - truth) < 0.9 * abs(fixed.mean() - truth)


# --- Brute force --------------------------------------------------------------------------------


def brute(x, y, k, variant="fixed"):
    n, m, d = len(x), len(y), x.shape[1]
    to_x, to_y = np.sort(cdist(x, x))[:, 1:], np.sort(cdist(x, y))
    if variant == "fixed":
        terms = d * np.log(to_y[:, k - 1] / to_x[:, k - 1])
        return terms.mean() + math.log(m / (n - 1))
    total = 0.0
    for from_x, from_y in zip(to_x, to_y, strict=True):
        radius = max(from_x[k - 1], from_y[k - 1])
        inside_x, inside_y = np.sum(from_x <= radius), np.sum(from_y <= radius)
        total += d * math.log(from_y[inside_y - 1] / from_x[inside_x - 1])
        total += digamma(inside_x) - digamma(inside_y)
    return total / n + math.log(m / (n - 1))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize(("n", "m", "d"), [(20, 30, 1), (35, 15, 2), (5, 4, 4), (1100, 50, 2)])
def test_brute_force_agrees(n, m, d, k, variant):
    x, y = points(0, n, d, 0.7), points(1, m, d)
    found = kl_nearest_neighbours(x, y, k=k, variant=variant)
    assert float(found) == pytest.approx(brute(x, y, k, variant), rel=1e-10)
    assert found.sizes == (n, m) and found.method == f"{k} nearest neighbours, {variant}"


@pytest.mark.parametrize("k", [1, 2])
def test_the_error_is_the_jackknife(k):
    x, y = points(0, 20, 2, 0.5), points(1, 15, 2)
    y[-1] = 100.0  # nobody's neighbour
    without_x = [brute(np.delete(x, i, 0), y, k) for i in range(20)]
    without_y = [brute(x, np.delete(y, j, 0), k) for j in range(15)]
    variance = 19 * np.var(without_x) + 14 * np.var(without_y)
    found = kl_nearest_neighbours(x, y, k=k)
    assert found.standard_error == pytest.approx(math.sqrt(variance), rel=1e-9)
    in_bits = kl_nearest_neighbours(x, y, k=k, base=2)
    assert float(in_bits) == pytest.approx(float(found) / math.log(2), rel=1e-13)
    assert in_bits.standard_error == pytest.approx(found.standard_error / math.log(2), rel=1e-13)
    assert in_bits.base == 2 and in_bits.unit == "bits"


def test_the_default_is_five_fixed_neighbours():
    x, y = points(0, 20, 2), points(1, 25, 2)
    default = kl_nearest_neighbours(x, y)
    assert float(default) == float(kl_nearest_neighbours(x, y, k=5, variant="fixed", workers=2))


# --- Invariances --------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", VARIANTS)
def test_shift_rotation_scale_and_order_change_nothing(variant):
    x, y = points(0, 60, 3, 0.5), points(1, 80, 3)
    found = float(kl_nearest_neighbours(x, y, variant=variant))
    assert float(kl_nearest_neighbours(x * 2.0**9, y * 2.0**9, variant=variant)) == found
    rotation = np.linalg.qr(points(2, 3, 3))[0]
    for a, b in [
        (x * 7, y * 7),
        (x + 10, y + 10),
        (x @ rotation, y @ rotation),
        (x[::-1], y[::-1]),
        (x * 1e300, y * 1e300),
        (x * 1e-300, y * 1e-300),
        (x.tolist(), y),
    ]:
        moved = float(kl_nearest_neighbours(a, b, variant=variant))
        assert moved == pytest.approx(found, rel=1e-9)


def test_one_dimension_may_be_left_out():
    x, y = points(0, 30, 1), points(1, 30, 1)
    assert float(kl_nearest_neighbours(x[:, 0], y[:, 0])) == float(kl_nearest_neighbours(x, y))


def test_disjoint_samples_are_far_apart_and_finite():
    x, y = points(0, 100, 1), points(1, 100, 1)
    near, far = (float(kl_nearest_neighbours(x + shift, y)) for shift in (100, 1e6))
    assert 5 < near < far < 30
    assert far - near == pytest.approx(math.log(1e4), rel=0.02)  # d log(distance)
    assert math.isfinite(float(kl_nearest_neighbours(x + 1e6, y, variant="adaptive")))


# --- PyTorch ------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", VARIANTS)
def test_torch_gives_the_same_with_a_gradient(variant):
    x, y = points(0, 12, 2, 0.5), points(1, 10, 2)
    a, b = (torch.tensor(v, requires_grad=True) for v in (x, y))
    estimate = kl_nearest_neighbours(a, b, k=2, variant=variant)
    in_numpy = kl_nearest_neighbours(x, y, k=2, variant=variant)
    assert float(estimate) == pytest.approx(float(in_numpy), rel=1e-13)
    assert estimate.standard_error == in_numpy.standard_error
    assert isinstance(in_numpy.value, float)
    assert gradcheck(lambda a, b: kl_nearest_neighbours(a, b, k=2, variant=variant).value, (a, b))
    single = kl_nearest_neighbours(a.float(), b.float(), k=2, variant=variant)
    assert single.value.dtype == torch.float32
    assert float(single) == pytest.approx(float(in_numpy), rel=1e-4)


def test_single_precision_sees_points_that_are_close():
    x, y = points(0, 12, 2).astype(np.float32), points(1, 12, 2).astype(np.float32)
    x[0], y[0] = [0, 0], [0, 1e-25]  # the square of 1e-25 is 0 in single precision
    found = kl_nearest_neighbours(x, y, k=1)
    in_double = kl_nearest_neighbours(x.astype(float), y.astype(float), k=1)
    assert found.value.dtype == np.float32
    assert float(found) == pytest.approx(float(in_double), rel=1e-5)
    assert found.standard_error == in_double.standard_error


# --- Bad input ----------------------------------------------------------------------------------

X, Y = points(0, 10, 2), points(1, 10, 2)


@pytest.mark.parametrize(
    ("x", "y", "options", "error", "message"),
    [
        (X, points(1, 10, 3), {}, ValueError, r"got shapes \(10, 2\) and \(10, 3\)"),
        (X, Y[:, 0], {}, ValueError, r"got shapes \(10, 2\) and \(10, 1\)"),
        (X[:6], Y, {}, ValueError, "at least 7 points x and 6 points y; got 6 and 10"),
        (X, Y[:5], {}, ValueError, "at least 7 points x and 6 points y; got 10 and 5"),
        (X[:0], Y, {}, ValueError, "got 0 and 10"),
        (X[0, 0], Y, {}, ValueError, r"x must have shape \(n, d\).*got \(\)"),
        (X, Y[None], {}, ValueError, r"y must have shape \(n, d\).*got \(1, 10, 2\)"),
        (X[:, :0], Y[:, :0], {}, ValueError, r"got \(10, 0\)"),
        (np.where(X[3] == X, math.nan, X), Y, {}, ValueError, "x must be finite"),
        (X, np.where(Y[3] == Y, math.inf, Y), {}, ValueError, "y must be finite"),
        (np.r_[X, X[:2]], Y, {}, ValueError, r"coincide \(2 within x\)"),
        (X, np.r_[Y, Y[:1]], {}, ValueError, r"coincide \(1 within y\)"),
        (X, X, {}, ValueError, r"\(10 between x and y\).*kl_plug_in"),
        (np.r_[X, X[:1]], np.r_[Y, X[3:4]], {}, ValueError, "1 within x, 1 between x and y"),
        (np.zeros((9, 1)), np.zeros((9, 1)), {}, ValueError, "8 within x, 8 within y, 1 between"),
        (np.r_[X, [[1e-170, 0], [0, 0]]], Y, {}, ValueError, "nearer to each other than"),
        (np.r_[X, [[0, 0]]], np.r_[Y, [[1e-170, 0]]], {}, ValueError, "nearer to each other"),
        (X, np.r_[Y, X[:1] * 0], {"k": 1.0}, TypeError, "k must be a whole number; got 1.0"),
        (X, Y, {"k": True}, TypeError, "k must be a whole number; got True"),
        (X, Y, {"k": 0}, ValueError, "k must be at least 1; got 0"),
        (X, Y, {"variant": "kd"}, ValueError, "^variant must .* 'adaptive'; got 'kd'"),
        (X, Y, {"workers": 0}, ValueError, "workers"),
        (X, Y, {"workers": -2}, ValueError, "workers must be at least -1"),
        (X, Y, {"base": 1.0}, ValueError, "base must be"),
        (X, Y + 1j, {}, TypeError, "y must hold real numbers"),
        (X, torch.tensor(Y), {}, TypeError, "one library"),
    ],
)
def test_bad_input(x, y, options, error, message):
    with pytest.raises(error, match=message):
        kl_nearest_neighbours(x, y, **options)


def test_just_enough_points():
    assert math.isfinite(float(kl_nearest_neighbours(X[:7], Y[:6])))
    assert math.isfinite(float(kl_nearest_neighbours(X[:3], Y[:2], k=1, workers=-1)))
