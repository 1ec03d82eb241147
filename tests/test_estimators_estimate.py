"""What the estimators return: value, error, unit and interval."""

import math

import numpy as np
import pytest
import torch

from kldiv.distributions import KLResult
from kldiv.estimators import Estimate


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(0.12344, 0.0021, "k3", (10000,)), "0.1234 ± 0.0021 nats (k3, 10000 draws)"),
        (Estimate(0.12344, 0.021, "k1", (5, 7), 2), "0.123 ± 0.021 bits (k1, 5 and 7 draws)"),
        (Estimate(-1.26, 0.96, "k1", (5,), 10), "-1.26 ± 0.96 hartleys (k1, 5 draws)"),
        (Estimate(1234.5, 99.0, "k1", (5,), 3), "1234 ± 99 units of log 3 (k1, 5 draws)"),
        (Estimate(0.5, 0.0, "k1", (5,), math.e), "0.5 ± 0 nats (k1, 5 draws)"),
        (Estimate(0.5, math.inf, "k1", (5,)), "0.5 ± inf nats (k1, 5 draws)"),
        (Estimate(math.inf, math.inf, "k1", (5,)), "inf nats (k1, 5 draws)"),
        (Estimate(0.5, 1e-30, "k1", (5,)), f"{0.5:.17f} ± {0:.17f} nats (k1, 5 draws)"),
    ],
)
def test_it_is_written_with_its_error_and_unit(estimate, text):
    assert repr(estimate) == text


def test_it_is_a_number_whatever_library_computed_it():
    for value in (1.5, np.float32(1.5), torch.tensor(1.5, requires_grad=True)):
        estimate = Estimate(value, 0.5, "k1", (10,))
        assert float(estimate) == 1.5 and type(float(estimate)) is float
        assert estimate.value is value
        assert estimate.interval() == pytest.approx((1.5 - 0.979982, 1.5 + 0.979982), abs=1e-6)


def test_the_interval_widens_with_its_level():
    estimate = Estimate(2.0, 1.0, "k1", (10,))
    assert estimate.interval(0.6826895) == pytest.approx((1, 3), abs=1e-6)
    assert estimate.interval(0.9973002) == pytest.approx((-1, 5), abs=1e-5)
    infinite = Estimate(math.inf, math.inf, "k1", (10,))
    assert infinite.interval() == (-math.inf, math.inf)


# --- As an amount of information, like the results of kl ------------------------------------------

AMOUNTS = {
    "estimate": Estimate(math.log(2), 0.5, "k1", (10,)),
    "result": KLResult(math.log(2), "Monte Carlo", 0.5, "standard error", 10),
}


@pytest.mark.parametrize("amount", AMOUNTS.values(), ids=AMOUNTS)
def test_amounts_convert_to_other_units(amount):
    bits = amount.to(2)
    assert type(bits) is type(amount) and bits.method == amount.method
    assert (float(bits), bits.unit, bits.base) == (pytest.approx(1), "bits", 2)
    assert bits.error == pytest.approx(0.5 / math.log(2)) and bits.error_kind == "standard error"
    assert float(bits.to(None)) == pytest.approx(math.log(2)) and bits.to(math.e).unit == "nats"
    with pytest.raises(ValueError, match="base must be"):
        amount.to(1)


@pytest.mark.parametrize("amount", AMOUNTS.values(), ids=AMOUNTS)
def test_amounts_compare_in_any_unit(amount):
    for other in AMOUNTS.values():
        assert amount == other and amount <= other and amount >= other
        less = other.to(2).__class__(**{**vars(other.to(2)), "value": 0.9})
        assert less < amount and amount > less and less != amount and amount >= less <= amount
    assert amount == math.log(2) and 0 < amount < 1 and amount > 0.5 and amount <= 0.7
    with pytest.raises(TypeError, match="unhashable"):
        hash(amount)
    with pytest.raises(TypeError, match="'<' not supported"):
        _ = amount < "1"


@pytest.mark.parametrize("amount", AMOUNTS.values(), ids=AMOUNTS)
def test_amounts_are_numbers_to_numpy(amount):
    assert np.isclose(amount, math.log(2)) and not np.isclose(amount, 0.7)
    np.testing.assert_allclose([amount, amount], math.log(2))
    array = np.asarray(amount)
    assert array.shape == () and array.dtype == np.float64
    assert np.asarray(amount, dtype=np.float32).dtype == np.float32
    assert np.mean([amount, 2 * np.asarray(amount)]) == pytest.approx(1.5 * math.log(2))
    assert np.log2(np.exp(amount)) == pytest.approx(1) and np.float64(0.5) < amount
    assert f"{amount:.3f}" == "0.693" and f"{amount}" == repr(amount)


def test_amounts_of_tensors():
    values = torch.tensor([1.0, 2.0], requires_grad=True)
    result = KLResult(values, "torch")
    np.testing.assert_array_equal(np.asarray(result), [1.0, 2.0])
    assert (result > 1.5).tolist() == [False, True]
    estimate = Estimate(values.sum(), 0.5, "k1", (10,))
    assert float(estimate) == 3 and np.asarray(estimate) == 3 and bool(estimate > 2.5)
    estimate.to(2).value.backward()
    assert values.grad.tolist() == pytest.approx([1 / math.log(2)] * 2)
    assert estimate.to(2).standard_error == pytest.approx(0.5 / math.log(2))


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, math.nan, "0.95", None, (0.5,)])
@pytest.mark.parametrize("error", [1.0, math.inf])
def test_bad_levels(level, error):
    with pytest.raises(ValueError, match="level must be a number between 0 and 1; got"):
        Estimate(2.0, error, "k1", (10,)).interval(level)
