"""The normal distribution that is closest to a mixture of normals."""

import numpy as np
import pytest

from kldiv.projection import closest_normal


@pytest.mark.parametrize("mean", [0, 1e4, 1e8])
def test_a_mean_far_from_zero_costs_no_digits(mean):
    found = closest_normal([0.5, 0.5], [mean, mean + 1], [1, 1])
    assert found.std**2 == pytest.approx(1.25, rel=1e-9) and found.mean == mean + 0.5
    assert found.kl == pytest.approx(closest_normal([0.5, 0.5], [0, 1], [1, 1]).kl, abs=1e-6)


@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_of_one_normal_it_is_that_normal(direction):
    found = closest_normal([1.0], [2.0], [0.5], direction=direction)
    assert (found.mean, found.std) == pytest.approx((2, 0.5), abs=1e-6)
    assert found.kl == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0], [0.0, 1.0], [1.0]), "of one length"),
        (([0.5, 0.4], [0.0, 1.0], [1.0, 1.0]), "sum to 1"),
        (([0.5, 0.5], [0.0, np.nan], [1.0, 1.0]), "means must be finite"),
        (([1.0], [0.0], [0.0]), "stds positive"),
    ],
)
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        closest_normal(*arguments)


def test_a_direction_is_forward_or_reverse():
    with pytest.raises(ValueError, match="got 'sideways'"):
        closest_normal([1.0], [0.0], [1.0], direction="sideways")
