"""The fast way through KL gives what the general way gives, and leaves to it what it must."""

import math
import tracemalloc

import numpy as np
import pytest

from kldiv import _one_pass, kl_divergence
from kldiv.discrete import _general_kl

BLOCK = _one_pass._BLOCK


def fast(p, q, axis=-1):
    return _one_pass.kl(p, q, axis, _general_kl)


def never(p, q):
    raise AssertionError("no row is to be computed with care")


def pair(shape, seed=0, alpha=1.0):
    return np.random.default_rng(seed).dirichlet(np.full(shape[-1], alpha), size=(2, *shape[:-1]))


@pytest.mark.parametrize(
    "shape",
    [
        *[(2,), (3,), (1000,), (BLOCK,), (BLOCK + 1,), (3 * BLOCK,)],
        *[(7, 5), (2, 3, 4), (3000, 11), (2, BLOCK), (2, BLOCK + 3), (1, 5), (BLOCK, 1)],
    ],
)
@pytest.mark.parametrize("zeros", [False, True])
def test_the_same_as_the_general_way(shape, zeros):
    p, q = pair(shape)
    if zeros and shape[-1] > 2:
        p[..., 1] = 0
        p /= p.sum(-1, keepdims=True)
    np.testing.assert_allclose(kl_divergence(p, q), _general_kl(p, q), rtol=1e-13, atol=1e-16)
    if shape[-1] > 2:
        assert fast(p, q) is not None
    assert type(kl_divergence(p, q)) is type(_general_kl(p, q))
    assert kl_divergence(p, q, base=2) == pytest.approx(_general_kl(p, q, base=2), rel=1e-13)


def test_infinities():
    p, q = pair((6,))
    q[2] = 0
    q /= q.sum()
    assert fast(p, q) == math.inf
    rows = np.stack([p, p]), np.stack([q, pair((6,))[1]])
    assert kl_divergence(*rows)[0] == fast(*rows)[0] == math.inf
    # Rows and a single distribution are summed in different orders on some processors.
    assert kl_divergence(*rows)[1] == pytest.approx(_general_kl(p, rows[1][1]), rel=1e-14)
    p[2] = q[2]
    p /= p.sum()
    assert fast(p, q) == pytest.approx(_general_kl(p, q), rel=1e-14)


def test_small_values_are_computed_with_care():
    p, _ = pair((5,))
    q = p + 1e-9 * np.array([1, -1, 0, 0, 0])
    assert fast(p, q) is None
    assert kl_divergence(p, q) == _general_kl(p, q)
    far = pair((5,))[1]
    rows = kl_divergence(np.stack([p, p]), np.stack([q, far]))
    assert rows[0] == _general_kl(p, q)
    assert rows[1] == pytest.approx(_general_kl(p, far), rel=1e-14)


def test_care_begins_below_a_32nd_of_a_nat():
    p = np.array([0.5, 0.5])
    above, below = (
        p + np.array([1, -1]) * math.sqrt(-math.expm1(-2 * kl)) / 2  # KL = −½ log(1 − 4 step²)
        for kl in (1.1 / 32, 0.9 / 32)
    )
    assert fast(p, above) is not None
    assert fast(p, below) is None
    values = _one_pass.kl(np.stack([p, p]), np.stack([above, below]), -1, lambda p, q: 0.0)
    assert values[0] > 1 / 64 and values[1] == 0


@pytest.mark.parametrize("zeros", [False, True])
def test_large_values_need_no_care(zeros):
    p, q = pair((7, 5))
    if zeros:
        p[:, 1] = 0
        p /= p.sum(-1, keepdims=True)
    value = _one_pass.kl(p, q, -1, never)
    np.testing.assert_allclose(value, _general_kl(p, q), rtol=1e-13)


def test_a_whole_block_of_zeros():
    p, q = pair((2 * BLOCK,))
    p[:BLOCK] = 0
    p /= p.sum()
    assert fast(p, q) == pytest.approx(_general_kl(p, q), rel=1e-13)
    assert fast(np.zeros(3), np.array([0.25, 0.25, 0.5])) is None


@pytest.mark.parametrize("extreme", [1e-290, 1e-310, 5e-324])
@pytest.mark.parametrize("which", [0, 1])
def test_extreme_numbers_go_the_general_way(extreme, which):
    pq = [np.array([0.4, 0.2, 0.4]), np.array([0.1, 0.6, 0.3])]
    pq[which][:] = 0.25, 0.75, extreme
    with np.errstate(all="raise"):
        assert fast(*pq) is None
        assert fast(*(np.stack([x, x]) for x in pq)) is None
        assert kl_divergence(*pq) == _general_kl(*pq)


@pytest.mark.parametrize("bad", [math.nan, -0.1, math.inf, 0.9])
@pytest.mark.parametrize("shape", [(4,), (3, 4), (BLOCK + 2,), (2, BLOCK + 2)])
@pytest.mark.parametrize("which", [0, 1])
def test_wrong_input_is_left_to_the_general_way(bad, shape, which):
    pq = pair(shape)
    pq[which][(-1,) * len(shape)] = bad
    assert fast(*pq) is None
    with pytest.raises(ValueError, match="^" + "pq"[which]):
        kl_divergence(*pq)


@pytest.mark.parametrize("which", [0, 1])
def test_a_negative_entry_is_seen_though_the_sum_is_1(which):
    pq = [np.array([0.5, 0.5]), np.array([0.5, 0.5])]
    pq[which] = np.array([-0.25, 1.25])
    assert fast(*pq) is None
    assert fast(*(np.stack([x, x]) for x in pq)) is None
    with pytest.raises(ValueError, match="pq"[which] + r" .*-0\.25"):
        kl_divergence(*pq)


def test_the_last_axis_by_its_number():
    p, q = pair((2, 3, 4))
    np.testing.assert_array_equal(fast(p, q, 2), fast(p, q))
    assert fast(p, q, 4) is None
    with pytest.raises(ValueError, match="axis 4 is not an axis"):
        kl_divergence(p, q, axis=4)


@pytest.mark.parametrize(
    ("p", "q", "axis"),
    [
        ([0.5, 0.5], np.array([0.25, 0.75]), -1),
        (np.array([0.5, 0.5]), np.float32([0.25, 0.75]), -1),
        (np.float32([0.5, 0.5]), np.float32([0.25, 0.75]), -1),
        (np.array([[0.5, 0.5]]), np.array([0.25, 0.75]), -1),
        (np.array([0.5, 0.5]), np.array([0.25, 0.75]), None),
        (np.array([0.5, 0.5]), np.array([0.25, 0.75]), True),
        (np.full((2, 2), 0.5), np.array([[0.25, 0.75]] * 2), 0),
        (np.full((2, 2), 0.5).T[:, ::-1], np.array([[0.25, 0.75]] * 2), -1),
        (np.empty((0, 2)), np.empty((0, 2)), -1),
        (np.array(1.0), np.array(1.0), -1),
    ],
)
def test_what_is_not_for_the_fast_way(p, q, axis):
    assert fast(p, q, axis) is None


def test_the_tolerance_is_that_of_the_general_way():
    off = math.sqrt(np.finfo(float).eps)
    for error, accepted in [(0.9 * off, True), (off, True), (1.1 * off, False)]:
        p, q = np.array([0.5, 0.5]), np.array([0.25, 0.75 + error])
        for pair in ((p, q), (q, p)):
            assert (fast(*pair) is not None) == accepted
            assert (fast(*(np.stack([x, x]) for x in pair)) is not None) == accepted


def test_no_temporary_of_the_size_of_the_input():
    p, q = pair((2_000_000,))
    tracemalloc.start()
    kl_divergence(p, q)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < p.nbytes / 10


def test_input_stays_as_it_is():
    p, q = pair((5,))
    copies = p.copy(), q.copy()
    p.flags.writeable = q.flags.writeable = False
    kl_divergence(p, q)
    np.testing.assert_array_equal((p, q), copies)
