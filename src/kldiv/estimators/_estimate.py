"""What every estimator of this package returns: a value, how far to trust it, and its unit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from statistics import NormalDist
from typing import Any

from kldiv._amount import Amount


@dataclass(frozen=True, repr=False, eq=False)
class Estimate(Amount):
    """An estimate with its standard error. Compares and converts like its value.

    Attributes
    ----------
    value : float, or a 0-dimensional array of the library that computed it
        The estimate. A PyTorch tensor keeps its gradient.
    standard_error : float
        Estimated standard deviation of the value, in the same unit. Infinite where the value is.
    method : str
        How it was estimated.
    sizes : tuple of int
        Numbers of draws: (n,) from p, or (n, m) from p and from q.
    base : float or None
        Base of the logarithm: None for nats, 2 for bits.

    Examples
    --------
    >>> from kldiv.estimators import Estimate
    >>> Estimate(0.12341, 0.0021, "k3", (10000,))
    0.1234 ± 0.0021 nats (k3, 10000 draws)
    >>> lower, upper = Estimate(2.0, 0.5, "k1", (100,)).interval(0.95)
    >>> round(lower, 2), round(upper, 2)
    (1.02, 2.98)
    >>> bits = Estimate(2.0, 0.5, "k1", (100,)).to(2)
    >>> bits, bits > 2
    (2.89 ± 0.72 bits (k1, 100 draws), True)
    """

    value: Any
    standard_error: float
    method: str
    sizes: tuple[int, ...]
    base: float | None = None

    @property
    def error(self) -> float:
        """The standard error, under the name that `kldiv.distributions.KLResult` has for errors."""
        return self.standard_error

    @property
    def error_kind(self) -> str:
        """Always "standard error", as a `KLResult` names the kind of its error."""
        return "standard error"

    def to(self, base: float | None) -> Estimate:
        """The same estimate in the unit of another base of the logarithm (None: nats)."""
        factor = self._factor(base)
        return Estimate(
            self.value * factor, self.standard_error * factor, self.method, self.sizes, base
        )

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The normal interval value ± z · standard error, which covers in `level` of the cases.

        It is right where the estimator is nearly unbiased and normal, and says nothing of bias.
        It may reach below 0, where no divergence is: clipping is left to the reader. Where the
        value or its error is infinite, it is (−∞, ∞).

        Raises
        ------
        ValueError
            A level that is not between 0 and 1.
        """
        if not math.isfinite(self.standard_error):
            check_level(level)
            return -math.inf, math.inf
        half = NormalDist().inv_cdf((1 + check_level(level)) / 2) * self.standard_error
        return float(self) - half, float(self) + half

    def __repr__(self) -> str:
        value, error = float(self), self.standard_error
        if math.isfinite(value) and math.isfinite(error) and error > 0:
            decimals = min(max(1 - math.floor(math.log10(error)), 0), 17)
            number = f"{value:.{decimals}f} ± {error:.{decimals}f}"
        elif math.isfinite(value):
            number = f"{value:.6g} ± {error:g}"
        else:
            number = f"{value:g}"
        draws = " and ".join(map(str, self.sizes))
        return f"{number} {self.unit} ({self.method}, {draws} draws)"


def check_level(level: Any) -> float:
    """The level of an interval, as a float."""
    is_number = isinstance(level, Real)
    if not is_number or not 0 < level < 1:
        raise ValueError(f"level must be a number between 0 and 1; got {level!r}")
    return float(level)
