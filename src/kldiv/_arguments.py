"""Checks of single arguments: whole numbers, choices, seeds."""

from __future__ import annotations

import operator
from numbers import Integral
from typing import Any

import numpy as np


def whole_number(name: str, value: Any, at_least: int) -> int:
    """`value` as an int that is at least `at_least`."""
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None:
        raise TypeError(f"{name} must be a whole number; got {value!r}")
    if number < at_least:
        raise ValueError(f"{name} must be at least {at_least}; got {number}")
    return number


def one_of(name: str, value: Any, choices: tuple[Any, ...]) -> Any:
    """`value`, which must be one of `choices`."""
    if not any(
        value is choice or (isinstance(value, str) and value == choice) for choice in choices
    ):
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}; got {value!r}")
    return value


def random_generator(seed: Any) -> np.random.Generator:
    """The Generator that a seed starts, or the one that was passed."""
    if isinstance(seed, np.random.Generator):
        return seed
    if isinstance(seed, bool) or not isinstance(seed, Integral):
        raise TypeError(f"seed must be a whole number or a numpy Generator; got {seed!r}")
    if seed < 0:
        raise ValueError(f"seed must not be negative; got {seed!r}")
    return np.random.default_rng(int(seed))
