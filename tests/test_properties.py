"""Theorems about divergences, tried on distributions that hypothesis makes up."""

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kldiv import (
    chi_squared_divergence,
    conditional_entropy,
    cross_entropy,
    entropy,
    f_divergence,
    jeffreys_divergence,
    js_divergence,
    kl_divergence,
    mutual_information,
    renyi_divergence,
    squared_hellinger,
    total_variation,
)

TOLERANCE = 1e-12


def renyi_half(p, q, **options):
    return renyi_divergence(p, q, 0.5, **options)


def renyi_three(p, q, **options):
    return renyi_divergence(p, q, 3, **options)


LOGARITHMIC = [kl_divergence, jeffreys_divergence, js_divergence, renyi_half, renyi_three]
OTHERS = [total_variation, chi_squared_divergence, squared_hellinger]
DIVERGENCES = LOGARITHMIC + OTHERS

# Zeros, tiny numbers and ordinary ones: what sums to one is made of them.
weights = st.one_of(
    st.just(0.0), st.floats(1e-30, 1e-6), st.floats(0.01, 1.0), st.sampled_from([1.0, 2.0])
)


sizes = st.integers(2, 6)


@st.composite
def distributions(draw, count=2, size=sizes, positive=False):
    """`count` distributions over the same outcomes."""
    n = draw(size)
    entries = st.floats(1e-3, 1.0) if positive else weights
    made = []
    for _ in range(count):
        w = draw(hnp.arrays(float, n, elements=entries))
        assume(w.sum() > 0)
        made.append(w / w.sum())
    return made


@pytest.mark.parametrize("divergence", DIVERGENCES)
@given(distributions())
def test_gibbs_none_is_negative_and_zero_is_for_equals(divergence, pq):
    p, q = pq
    value = divergence(p, q)
    assert value >= 0
    assert divergence(p, p) <= 1e-15
    if np.abs(p - q).max() > 1e-7:
        assert value > 0


@pytest.mark.parametrize("divergence", DIVERGENCES)
@given(distributions(), st.randoms(use_true_random=False))
def test_names_of_outcomes_do_not_matter(divergence, pq, random):
    p, q = pq
    order = list(range(len(p)))
    random.shuffle(order)
    value = divergence(p, q)
    assert divergence(p[order], q[order]) == pytest.approx(value, rel=1e-11, abs=1e-15)


@pytest.mark.parametrize("divergence", DIVERGENCES)
@given(distributions(), st.data())
def test_data_processing_merging_outcomes_never_adds(divergence, pq, data):
    p, q = pq
    to = data.draw(hnp.arrays(np.intp, len(p), elements=st.integers(0, len(p) - 1)))
    merge = np.eye(len(p))[to].T
    merged = divergence(*((merge @ x) / (merge @ x).sum() for x in pq))
    assert merged <= divergence(p, q) * (1 + 1e-9) + TOLERANCE


@pytest.mark.parametrize("divergence", DIVERGENCES)
@given(distributions(), st.data())
def test_data_processing_through_a_noisy_channel(divergence, pq, data):
    channel = np.stack(data.draw(distributions(count=len(pq[0]), positive=True)))
    after = divergence(*((x @ channel) / (x @ channel).sum() for x in pq))
    assert after <= divergence(*pq) * (1 + 1e-9) + TOLERANCE


@pytest.mark.parametrize("divergence", [kl_divergence, js_divergence, jeffreys_divergence, *OTHERS])
@given(distributions(count=4, size=st.just(4)), st.floats(0, 1))
def test_joint_convexity(divergence, four, weight):
    p, q, r, s = four
    mixed = divergence(weight * p + (1 - weight) * r, weight * q + (1 - weight) * s)
    ends = [w * divergence(*pair) for w, pair in ((weight, (p, q)), (1 - weight, (r, s))) if w > 0]
    assert mixed <= sum(ends) * (1 + 1e-9) + TOLERANCE


@pytest.mark.parametrize(
    "divergence", [kl_divergence, jeffreys_divergence, renyi_half, renyi_three]
)
@given(distributions(), distributions())
def test_additivity_for_independent_parts(divergence, first, second):
    together = divergence(*(np.outer(a, b).ravel() for a, b in zip(first, second, strict=True)))
    apart = divergence(*first) + divergence(*second)
    assert together == pytest.approx(apart, rel=1e-9, abs=TOLERANCE)


@given(distributions(size=st.just(12), positive=True))
def test_chain_rules(pq):
    p, q = (x.reshape(3, 4) for x in pq)
    p_x, q_x = p.sum(1), q.sum(1)
    p_y, q_y = p / p_x[:, None], q / q_x[:, None]
    conditional = (p_x * kl_divergence(p_y, q_y, normalize=True)).sum()
    total = kl_divergence(p, q, axis=None)
    assert total == pytest.approx(kl_divergence(p_x, q_x) + conditional, rel=1e-9, abs=TOLERANCE)
    assert entropy(p, axis=None) == pytest.approx(entropy(p_x) + conditional_entropy(p))


@given(distributions(count=1, size=st.sampled_from([4, 6, 12])))
def test_mutual_information_is_bounded_by_the_entropies(one):
    joint = one[0].reshape(2, -1)
    information = mutual_information(joint)
    h_x, h_y = entropy(joint.sum(1)), entropy(joint.sum(0))
    assert 0 <= information <= min(h_x, h_y) + TOLERANCE
    assert information == pytest.approx(h_y - conditional_entropy(joint), abs=TOLERANCE)


@given(distributions())
def test_pinsker_and_its_relatives(pq):
    kl, tv, h2 = (f(*pq) for f in (kl_divergence, total_variation, squared_hellinger))
    chi2 = chi_squared_divergence(*pq)
    assert tv <= math.sqrt(kl / 2) + TOLERANCE
    if kl < math.inf:
        assert tv <= math.sqrt(-math.expm1(-kl)) + TOLERANCE  # Bretagnolle and Huber
    assert h2 <= tv + TOLERANCE
    assert tv <= math.sqrt(2 * h2) + TOLERANCE
    assert kl <= math.log1p(chi2) * (1 + 1e-9) + TOLERANCE
    assert js_divergence(*pq) <= math.log(2)
    assert js_divergence(*pq) <= math.log(2) * tv + TOLERANCE


@given(distributions(count=3))
def test_the_metrics_among_them_obey_the_triangle_inequality(pqr):
    p, q, r = pqr
    for metric in (
        total_variation,
        lambda a, b: math.sqrt(js_divergence(a, b)),
        lambda a, b: math.sqrt(squared_hellinger(a, b)),
    ):
        assert metric(p, r) <= metric(p, q) + metric(q, r) + 1e-9


@given(distributions(), st.floats(0, 8), st.floats(0, 8))
def test_renyi_grows_with_its_order(pq, a, b):
    low, high = sorted((a, b))
    assert renyi_divergence(*pq, low) <= renyi_divergence(*pq, high) * (1 + 1e-9) + 1e-9


@given(distributions(positive=True))
def test_a_generator_gives_the_divergence_it_is_for(pq):
    value = f_divergence(*pq, lambda t: t * np.log(t))
    assert value == pytest.approx(kl_divergence(*pq), rel=1e-7, abs=1e-13)


@pytest.mark.parametrize("divergence", [*LOGARITHMIC, cross_entropy])
@given(distributions(), st.floats(1.1, 100))
def test_the_base_is_a_unit(divergence, pq, base):
    nats = divergence(*pq)
    assert divergence(*pq, base=base) == pytest.approx(nats / math.log(base), rel=1e-12)


@pytest.mark.parametrize("divergence", [*DIVERGENCES, cross_entropy])
@given(distributions())
def test_numpy_and_pytorch_agree(divergence, pq):
    value = float(divergence(*map(torch.from_numpy, pq)))
    assert value == pytest.approx(float(divergence(*pq)), rel=1e-9, abs=1e-14)


@pytest.mark.parametrize("divergence", [*DIVERGENCES, cross_entropy])
@given(distributions(positive=True), st.integers(0, 1))
def test_gradients_are_finite_also_at_a_shared_zero(divergence, pq, zeros):
    p, q = (torch.from_numpy(np.concatenate([x, [0.0] * zeros])).requires_grad_() for x in pq)
    divergence(p, q).backward()
    assert p.grad.isfinite().all()
    assert q.grad.isfinite().all()


@pytest.mark.parametrize("divergence", [*DIVERGENCES, cross_entropy])
@given(distributions(positive=True))
def test_single_precision_is_safe(divergence, pq):
    singles = [(x / x.sum()).astype(np.float32) for x in pq]
    value = divergence(*singles, normalize=True)
    assert value.dtype == np.float32
    assert value >= 0
    assert value == pytest.approx(float(divergence(*pq)), rel=1e-3, abs=1e-6)


@settings(max_examples=30)
@given(st.data())
def test_a_batch_is_its_rows(data):
    rows = [data.draw(distributions(size=st.just(5))) for _ in range(3)]
    p, q = (np.stack(x) for x in zip(*rows, strict=True))
    for divergence in DIVERGENCES:
        values = divergence(p, q)
        for value, row in zip(values, rows, strict=True):
            assert value == pytest.approx(divergence(*row), rel=1e-12, abs=1e-15)
