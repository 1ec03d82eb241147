"""One view of all kinds of distributions: what the numerical methods ask of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Relative distance at which two ends of supports, or locations, are the same but for rounding.
SAME = 4 * float(np.finfo(float).eps)


def same(a: float, b: float) -> bool:
    """Whether two numbers are the same but for the rounding of a sum such as loc + scale."""
    return a == b or abs(a - b) <= min(SAME * max(abs(a), abs(b)), 1e300)  # ∞ is only itself


@dataclass(frozen=True)
class Univariate:
    """A distribution on the line, on a lattice, or on the circle."""

    name: str
    family: type
    parameters: Any
    discrete: bool
    support: tuple[float, float]
    log_density: Callable[[Any], Any]
    quantile: Callable[[Any], Any]
    cdf: Callable[[Any], Any]
    sf: Callable[[Any], Any]
    sample: Callable[[int, np.random.Generator], Any]
    circular: bool = False
    atoms: Any = None  # where a discrete distribution given by a table puts its probability
    edges: Any = ()  # where the density jumps
    frozen: Any = None  # SciPy's frozen distribution, if it is one
    trusted: bool = True  # whether SciPy vouches for a total probability of 1

    @property
    def space(self) -> str:
        """What two distributions must share to be compared."""
        return "the circle" if self.circular else "the line"


@dataclass(frozen=True)
class Multivariate:
    """A distribution of vectors or matrices."""

    name: str
    family: type
    parameters: Any
    discrete: bool
    space: str  # where the densities live: distributions on two spaces are mutually singular
    shape: tuple[int, ...]
    log_density: Callable[[Any], Any]
    sample: Callable[[int, np.random.Generator], Any]


View = Univariate | Multivariate


def scalar(name: str, value: Any) -> float:
    """A parameter as a number."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must be a real number; got {value!r}")
    if array.size != 1:
        raise ValueError(
            f"{name} must be one number; got an array of shape {array.shape}: "
            "take its entries one at a time, [kl(f(a), q) for a in …]"
        )
    return float(array.reshape(())[()])
