"""Helpers of figures."""

import itertools

import numpy as np
import pytest

from kldiv.figures import spread_labels


@pytest.mark.parametrize("seed", range(20))
def test_labels_are_moved_up_until_none_is_on_another(seed):
    places = np.random.default_rng(seed).uniform(0, 2, (10, 2))
    moved = spread_labels(places, apart=(0.7, 0.2))
    assert (moved[:, 0] == places[:, 0]).all() and (moved[:, 1] >= places[:, 1]).all()
    for one, other in itertools.combinations(moved, 2):
        dx, dy = abs(one - other)
        assert dx >= 0.7 or dy >= 0.2 - 1e-12


def test_labels_far_apart_stay():
    places = [(0, 0), (0, 1), (2, 0.05)]
    assert (spread_labels(places, apart=(1, 0.5)) == places).all()
