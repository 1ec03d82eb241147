"""Whether a density that SciPy does not vouch for has a total probability of 1.

KL from a q that does not is no divergence: it may be negative, or 0 where q differs from p. Nor are
its quantiles to be asked for: SciPy searches for them in a cumulative probability that may never
get there.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.integrate
import scipy.stats

from kldiv.distributions._frozen import canonical
from kldiv.distributions._pieces import pieces, total
from kldiv.distributions._summation import TERMS, Sums, add_outward, start_of
from kldiv.distributions._tails import computable, rest
from kldiv.distributions._types import Univariate

_TOLERANCE = 1e-8
_REACHES_QUANTILES = 0.9995  # a cumulative probability; the outermost quantile is that of 0.999


def check_total(view: Univariate, role: str) -> None:
    """Raise ArithmeticError unless the whole probability of a user's distribution is 1."""
    if view.trusted:
        return
    try:
        found, slack = _sum(view) if view.discrete else _integral(canonical(view, view)[0])
    except ArithmeticError as error:
        raise ArithmeticError(
            f"the total probability of {role} ({view.name}) cannot be told: {error}"
        ) from None
    if not -_TOLERANCE - slack <= found - 1 <= _TOLERANCE:
        if view.discrete:
            raise ArithmeticError(
                f"the probabilities of {role} ({view.name}) sum to {found:.10g}, not 1: "
                "divide them by their sum"
            )
        raise ArithmeticError(
            f"quadrature finds a total probability of {found:.10g} for {role} ({view.name}), not "
            "1: its density is not normalized, or too narrow, singular or heavy-tailed for it"
        )


def _integral(view: Univariate) -> tuple[float, float]:
    """The integral of the density, by the same means as KL's, and what may be left out."""
    if view.frozen is not None:  # SciPy's new infrastructure gives up its searches by itself
        reached = _reached(view)
        if not reached > _REACHES_QUANTILES:
            return reached, 0.0
    inner, tails = pieces(view, view)
    tails = [computable(view, view, tail) for tail in tails]
    found, _ = total([inner, *tails], lambda x, j: np.exp(view.log_density(x) + j))
    return found + sum(rest(view, view, tail).mass for tail in tails), 0.0


def _reached(view: Univariate) -> float:
    """What the cumulative probability comes to, as SciPy's search for quantiles would find it."""
    low, high = view.support
    if not _inherits_cdf(view, scipy.stats.rv_continuous):
        # At the end itself SciPy says 1 without asking.
        return float(view.cdf(min(np.nextafter(high, low), 1e300)))
    return float(scipy.integrate.quad(lambda x: float(np.exp(view.log_density(x))), low, high)[0])


def _sum(view: Univariate) -> tuple[float, float]:
    """The sum of the probabilities, and a bound on the terms left out."""
    if view.atoms is not None:
        return float(np.sum(np.exp(view.log_density(view.atoms)))), 0.0
    low, high = view.support
    if _inherits_cdf(view, scipy.stats.rv_discrete) and math.isfinite(low):
        start, found = _middle(view)
        if start is None:
            return found, 0.0
    else:
        start = start_of(view)
    sums = Sums()
    add_outward(view, view, start, high, 1, sums)
    if start > low:
        add_outward(view, view, start - 1, low, -1, sums)
    return sums.mass, 2 * sums.rest


def _middle(view: Univariate) -> tuple[float | None, float]:
    """An atom near the median, counted from the lower end; None, and the sum, where there is none.

    SciPy would add the probabilities up one by one, and for ever if they do not come to ½.
    """
    low, high = view.support
    found, done, length = 0.0, 0, 256
    while done < high - low + 1:
        k = low + done + np.arange(min(length, high - low + 1 - done))
        sums = found + np.cumsum(np.exp(view.log_density(k)))
        before, found = found, float(sums[-1])
        if found >= 0.5:
            return float(k[np.argmax(sums >= 0.5)]), found
        done, length = done + len(k), 2 * length
        if done >= TERMS:
            if found > before * (1 + 1e-12):
                raise ArithmeticError(f"its first {done} probabilities sum to {found:.10g}")
            break
    return None, found


def _inherits_cdf(view: Univariate, base: Any) -> bool:
    """Whether SciPy computes the cumulative probability from the density itself."""
    methods = ("_cdf", "_cdf_single", "_ppf")
    return all(getattr(view.family, m, None) is getattr(base, m) for m in methods)
