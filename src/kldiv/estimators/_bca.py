"""Bias-corrected and accelerated quantiles (BCa) of bootstrap estimates.

The quantiles Φ(z₀ + (z₀ + z_a)/(1 − â(z₀ + z_a))) instead of a, where z_a = Φ⁻¹(a),

    z₀ = Φ⁻¹(share of D* below D)                      how far D* lies off D: the bias,
    â  = ⅙ Σ U³ / (Σ U²)^{3/2}                         how skewed D is: the acceleration,

and the U, of all draws of both samples, are what each adds to D: −(D₋ᵢ − mean D₋ᵢ)(n − 1)/n, by
the jackknife. Equal values count half as below.

B. Efron and R. J. Tibshirani, *An Introduction to the Bootstrap* (1993), sections 14.3 and 22.5,
doi:10.1201/9780429246593; with two samples as `scipy.stats.bootstrap` has it.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np

_NORMAL = NormalDist()


def bca_levels(
    level: float, estimate: float, resampled: Any, without: tuple[Any, Any]
) -> tuple[float, float]:
    """At which levels to take the quantiles of the resampled estimates.

    `without` are the estimates without each draw of x, and of y.

    Raises
    ------
    ValueError
        All resampled estimates lie on one side of the estimate, or it is infinite without some
        draw: there is no correction then.
    """
    below = np.mean(resampled < estimate) / 2 + np.mean(resampled <= estimate) / 2
    if not 0 < below < 1:
        side = "below" if below else "above"
        raise ValueError(
            f'method "bca" cannot correct so large a bias: all {len(resampled)} resampled '
            f'estimates lie {side} the estimate, {estimate:g}; "basic" takes off any'
        )
    for values, name in zip(without, ("x", "y"), strict=True):
        if not np.all(np.isfinite(values)):
            at = int(np.argmin(np.isfinite(values)))
            raise ValueError(
                f'method "bca" needs the estimate without each draw, and without {name}[{at}] it '
                'is infinite: draw more, or choose "basic" or "percentile"'
            )
    bias, acceleration = _NORMAL.inv_cdf(float(below)), _acceleration(*without)

    def corrected(a: float) -> float:
        z = bias + _NORMAL.inv_cdf(a)
        stretch = 1 - acceleration * z
        # Where it stretches without bound, and beyond, lies the outermost quantile.
        return _NORMAL.cdf(bias + z / stretch) if stretch > 0 else float(z > 0)

    return corrected((1 - level) / 2), corrected((1 + level) / 2)


def _acceleration(*without: Any) -> float:
    """A sixth of the skewness of the estimate."""
    parts = [(len(w) - 1) / len(w) * (np.mean(w) - w) for w in without]
    variance = math.fsum(float(np.sum(u**2)) for u in parts)
    third = math.fsum(float(np.sum(u**3)) for u in parts)
    return third / (6 * variance**1.5) if variance > 0 else 0.0
