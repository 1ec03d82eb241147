"""What the estimators return: value, error, unit and interval."""

import math

import numpy as np
import pytest
import torch

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


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, math.nan, "0.95", None, (0.5,)])
@pytest.mark.parametrize("error", [1.0, math.inf])
def test_bad_levels(level, error):
    with pytest.raises(ValueError, match="level must be a number between 0 and 1; got"):
        Estimate(2.0, error, "k1", (10,)).interval(level)
