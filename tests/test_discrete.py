"""Entropy, cross-entropy and divergences of discrete distributions, against independent truths."""

import math

import numpy as np
import pytest
import scipy.spatial.distance
import scipy.special
import scipy.stats
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kldiv import cross_entropy, entropy, jeffreys_divergence, js_divergence, kl_divergence

FUNCTIONS = [kl_divergence, cross_entropy, js_divergence, jeffreys_divergence]
HALF, QUARTER = [0.5, 0.5], [0.25, 0.75]

repeatable = settings(deadline=None, derandomize=True, max_examples=60)
seeds = st.integers(0, 2**32 - 1)


def draw(seed, *shape, zeros=0.2):
    """Random distributions along the last axis, some entries 0."""
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(shape[-1], 0.7), size=shape[:-1]) + 1e-12
    weights[rng.random(shape) < zeros] = 0
    weights[..., 0] += 1e-3
    return weights / weights.sum(-1, keepdims=True)


def tensor(values, **options):
    return torch.tensor(values, dtype=torch.float64, **options)


# --- Agreement with other implementations -------------------------------------------------------


@repeatable
@given(seed=seeds, axis=st.integers(-3, 2), base=st.sampled_from([None, 2, 10]))
def test_scipy_agrees(seed, axis, base):
    p, q = (np.moveaxis(draw(seed + i, 3, 4, 6), -1, axis) for i in range(2))
    unit = math.log(base or math.e)
    options = {"axis": axis, "base": base}
    np.testing.assert_allclose(entropy(p, **options), scipy.stats.entropy(p, **options))
    np.testing.assert_allclose(
        kl_divergence(p, q, **options), scipy.special.rel_entr(p, q).sum(axis) / unit, rtol=1e-12
    )
    np.testing.assert_allclose(
        js_divergence(p, q, **options),
        scipy.spatial.distance.jensenshannon(p, q, **options) ** 2,
        rtol=1e-9,
    )


@repeatable
@given(seed=seeds)
def test_torch_agrees(seed):
    p, q = (torch.from_numpy(draw(seed + i, 4, 7, zeros=0)) for i in range(2))
    in_torch = [torch.distributions.Categorical(probs=x) for x in (p, q)]
    torch.testing.assert_close(entropy(p), in_torch[0].entropy())
    torch.testing.assert_close(
        kl_divergence(p, q), torch.distributions.kl_divergence(*in_torch), rtol=1e-9, atol=1e-12
    )


# --- Known answers, units, zeros and infinities --------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (entropy([0.5, 0.25, 0.25], base=2), 1.5),
        (entropy([1 / 6] * 6), math.log(6)),
        (entropy([1.0, 0.0]), 0),
        (cross_entropy(HALF, QUARTER, base=2), 1.5 - math.log2(3) / 2 + 0.5),
        (kl_divergence(HALF, QUARTER), math.log(4 / 3) / 2),
        (kl_divergence([1, 0], HALF, base=2), 1),
        (kl_divergence(HALF, [1, 0]), math.inf),
        (kl_divergence([0.5, 0.5, 0], [0.25, 0.25, 0.5]), math.log(2)),
        (cross_entropy(HALF, [1, 0]), math.inf),
        (cross_entropy([0, 1], [0, 1]), 0),
        (js_divergence([1, 0], [0, 1]), math.log(2)),
        (js_divergence([1, 0], [0, 1], weights=(0.25, 0.75), base=2), 2 - 0.75 * math.log2(3)),
        (jeffreys_divergence(HALF, QUARTER), math.log(3) / 4),
        (jeffreys_divergence([1, 0], HALF), math.inf),
        (
            kl_divergence([3, 1], [1, 1], normalize=True),
            math.log(2) + 0.75 * math.log(0.75) + 0.25 * math.log(0.25),
        ),
        (kl_divergence([1.7e308] * 2, [5e-324] * 2, normalize=True), 0),
    ],
)
def test_known_answers(value, expected):
    assert value == pytest.approx(expected, rel=1e-14)
    assert type(value) is np.float64
    assert math.copysign(1, value) == 1


@pytest.mark.parametrize("function", [*FUNCTIONS, entropy])
@pytest.mark.parametrize("base", [1.5, 2, 10, np.float32(16)])
def test_the_base_is_a_unit(function, base):
    arguments = [draw(i, 5) for i in range(1 if function is entropy else 2)]
    arguments[-1] = draw(9, 5, zeros=0)
    in_units, nats = function(*arguments, base=base), function(*arguments)
    assert in_units * math.log(base) == pytest.approx(nats, rel=1e-14)


@pytest.mark.parametrize("p", [[1.0, 0.0], [0.5, 0.0, 0.5], [1.0, 5e-324], [0.3, 0.3, 0.4]])
@pytest.mark.parametrize("convert", [np.array, np.float32, tensor, torch.tensor])
def test_a_distribution_is_at_no_distance_from_itself(p, convert):
    p = convert(p)
    for divergence in (kl_divergence, js_divergence, jeffreys_divergence):
        assert float(divergence(p, p)) == 0


def test_subnormal_numbers():
    tiny = [5e-324, 1.0]
    assert kl_divergence(tiny, [1e-310, 1.0]) == pytest.approx(1e-310, rel=1e-9, abs=0)
    assert kl_divergence([1.0, 0], [1e-310, 1.0]) == pytest.approx(310 * math.log(10))
    assert kl_divergence(tiny, [0, 1.0]) == math.inf
    assert 0 <= js_divergence(tiny, [0, 1.0]) < 1e-300
    assert entropy(tiny) == pytest.approx(744.44 * 5e-324, rel=1e-2, abs=0)


# --- Properties ---------------------------------------------------------------------------------


@repeatable
@given(seed=seeds, n=st.integers(2, 12), weight=st.floats(0, 1))
def test_gibbs_bounds_and_symmetries(seed, n, weight):
    p, q = draw(seed, n), draw(seed + 1, n, zeros=0)
    kl, weights = kl_divergence(p, q), (weight, 1 - weight)
    assert kl > 0 and 0 <= entropy(p) <= math.log(n) + 1e-12
    assert cross_entropy(p, q) == pytest.approx(entropy(p) + kl, rel=1e-12)
    order = np.random.default_rng(seed).permutation(n)
    assert kl_divergence(p[order], q[order]) == pytest.approx(kl, rel=1e-12)
    assert js_divergence(p, q) == pytest.approx(js_divergence(q, p), rel=1e-12)
    assert js_divergence(p, q) <= math.log(2)
    assert 0 <= js_divergence(p, q, weights=weights) <= entropy(weights)
    p = draw(seed, n, zeros=0)
    both = kl_divergence(p, q) + kl_divergence(q, p)
    assert jeffreys_divergence(p, q) == pytest.approx(both, rel=1e-12)


@repeatable
@given(seed=seeds)
def test_additivity_chain_rule_and_data_processing(seed):
    p, q = draw(seed, 4), draw(seed + 1, 4, zeros=0)
    p_given, q_given = draw(seed + 2, 4, 3), draw(seed + 3, 4, 3, zeros=0)  # rows: given x
    kl, inner = kl_divergence(p, q), kl_divergence(p_given, q_given)
    joint = kl_divergence(p[:, None] * p_given, q[:, None] * q_given, axis=None)
    assert joint == pytest.approx(kl + p @ inner, rel=1e-10)
    product = kl_divergence(np.outer(p, p_given[0]), np.outer(q, q_given[0]), axis=None)
    assert product == pytest.approx(kl + inner[0], rel=1e-10)
    assert kl_divergence(p @ p_given, q @ p_given) <= kl + 1e-12
    assert js_divergence(p @ p_given, q @ p_given) <= js_divergence(p, q) + 1e-12
