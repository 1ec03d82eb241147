"""Mutual information and conditional entropy of joint tables."""

import math

import numpy as np
import pytest
import sympy as sp
import torch

from kldiv import conditional_entropy, entropy, kl_divergence, mutual_information

FUNCTIONS = [mutual_information, conditional_entropy]


def table(seed, shape=(3, 4)):
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.full(shape[-1] * shape[-2], 0.5), size=shape[:-2])
    return joint.reshape(shape)


@pytest.mark.parametrize("seed", range(5))
def test_the_identities(seed):
    joint = table(seed)
    x, y = joint.sum(1), joint.sum(0)
    h_x, h_y, h_xy = entropy(x), entropy(y), entropy(joint, axis=None)
    information = mutual_information(joint)
    assert information == pytest.approx(h_x + h_y - h_xy)
    assert information == pytest.approx(kl_divergence(joint, x[:, None] * y, axis=None))
    assert conditional_entropy(joint) == pytest.approx(h_xy - h_x)
    assert conditional_entropy(joint, axes=(1, 0)) == pytest.approx(h_xy - h_y)
    assert h_y - conditional_entropy(joint) == pytest.approx(information)
    assert mutual_information(joint.T) == pytest.approx(information)
    assert mutual_information(joint, base=2) == pytest.approx(information / math.log(2))


def test_known_answers():
    assert mutual_information([[0.5, 0], [0, 0.5]]) == pytest.approx(math.log(2))
    assert conditional_entropy([[0.5, 0], [0, 0.5]]) == 0
    assert conditional_entropy([[0.25, 0.25], [0, 0.5]], base=2) == 0.5
    assert conditional_entropy([[0.25, 0.25], [0, 0.5]], axes=(1, 0), base=2) == pytest.approx(
        0.75 * entropy([1 / 3, 2 / 3], base=2)
    )
    assert mutual_information([[1.0]]) == conditional_entropy([[1.0]]) == 0


def test_independent_variables_share_nothing_to_the_last_digit():
    x, y = np.random.default_rng(0).dirichlet(np.ones(7), size=2)
    assert 0 <= mutual_information(x[:, None] * y) < 1e-15
    almost = x[:, None] * y
    almost[:2, :2] += 1e-9 * np.array([[1, -1], [-1, 1]])
    exact = 1e-18 / 2 * (1 / (x[:2, None] * y[:2])).sum()
    assert mutual_information(almost) == pytest.approx(exact, rel=1e-5, abs=0)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_axes_batches_libraries_and_forms(function):
    joint = table(1, (5, 3, 4))
    value = function(joint)
    assert value.shape == (5,)
    assert value[2] == pytest.approx(function(joint[2]))
    moved = np.moveaxis(joint, 0, 1)  # x, batch, y
    np.testing.assert_allclose(function(moved, axes=(0, 2)), value, rtol=1e-12)
    np.testing.assert_allclose(function(torch.tensor(joint)).numpy(), value, rtol=1e-12)
    np.testing.assert_allclose(function(joint * 7, normalize=True), value, rtol=1e-12)
    np.testing.assert_allclose(function(np.log(joint) + 2, form="logits"), value, rtol=1e-9)
    assert function(joint.astype(np.float32)).dtype == np.float32
    assert function(joint[:0]).shape == (0,)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_gradients(function):
    logits = torch.randn(3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(lambda t: function(t, form="logits"), logits.requires_grad_())
    joint = torch.tensor([[0.5, 0.0], [0.25, 0.25]], requires_grad=True)
    function(joint).backward()
    assert joint.grad.isfinite().all()


def test_symbols():
    e = sp.Symbol("e", positive=True)
    channel = [[(1 - e) / 2, e / 2], [e / 2, (1 - e) / 2]]
    capacity = sp.log(2) + e * sp.log(e) + (1 - e) * sp.log(1 - e)
    value = mutual_information(channel)
    assert float((value - capacity).subs(e, 0.11)) == pytest.approx(0, abs=1e-14)
    assert float(
        (conditional_entropy(channel) - sp.log(2) + capacity).subs(e, 0.3)
    ) == pytest.approx(0)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("joint", "options", "error", "match"),
    [
        ([0.5, 0.5], {}, ValueError, r"at least two axes; got shape \(2,\)"),
        (1.0, {}, ValueError, r"at least two axes; got shape \(\)"),
        ([[0.5, 0.6]], {}, ValueError, r"joint must sum to 1 over both axes; .*1\.1"),
        ([[0, 0]], {"normalize": True}, ValueError, "a sum over both axes is 0"),
        ([[-math.inf]], {"form": "logits"}, ValueError, "-inf everywhere over both axes"),
        ([[sp.Rational(1, 3)]], {}, ValueError, "sum to 1 over both axes; .*1/3"),
        ([[0.5, -0.5, 1]], {}, ValueError, r"joint .*-0\.5"),
        ([[1.0]], {"axes": (0, 0)}, ValueError, r"different ones; got \(0, 0\)"),
        ([[1.0]], {"axes": (1, -1)}, ValueError, r"different ones; got \(1, -1\)"),
        ([[1.0]], {"axes": (0, 2)}, ValueError, r"\(0, 2\) are not axes"),
        ([[1.0]], {"axes": (0,)}, ValueError, r"axes must be two integers; got \(0,\)"),
        ([[1.0]], {"axes": 0}, ValueError, "axes must be two integers; got 0"),
        ([[1.0]], {"axes": "xy"}, ValueError, "axes must be two integers; got 'xy'"),
        ([[1.0]], {"base": 1}, ValueError, "base"),
        ([[1.0]], {"form": "log"}, ValueError, "form must be one of 'probabilities'.*got 'log'"),
        ([["a"]], {}, TypeError, "joint must hold real numbers"),
        (np.empty((2, 0)), {}, ValueError, r"empty table, shape \(2, 0\)"),
        (np.empty((0, 3)), {}, ValueError, r"empty table, shape \(0, 3\)"),
    ],
)
def test_wrong_input_is_refused(function, joint, options, error, match):
    with pytest.raises(error, match=match):
        function(joint, **options)
