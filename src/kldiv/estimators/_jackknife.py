"""Leaving out one draw at a time, of either sample.

For a statistic of samples of n and m draws, with ΔX the changes D₋ᵢ − D when a draw from p is left
out, and ΔY those for the draws from q:

    bias      ≈ (n − 1) mean(ΔX) + (m − 1) mean(ΔY),
    variance  ≈ (n − 1)/n Σ (ΔX − mean)² + (m − 1)/m Σ (ΔY − mean)².

The variance is too large rather than too small, in expectation (Efron and Stein, "The jackknife
estimate of variance", Ann. Stat. 9 (1981), doi:10.1214/aos/1176345462).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def jackknife_error(*changes: Any) -> float:
    """The standard error, of the changes that leaving out each draw of each sample makes."""
    return math.sqrt(sum((len(c) - 1) * float(np.var(c)) for c in changes))


def plug_in_jackknife_bias(counts_p: Any, counts_q: Any, alpha: float) -> float:
    """The bias, in nats, of the KL of frequencies, of which α smooths those of q."""
    seen = counts_p > 0
    c, n = counts_p[seen], counts_p.sum()
    smoothed, m = counts_q[seen] + alpha, counts_q.sum()
    drawn = counts_q[seen] > 0
    total = m + alpha * len(counts_q)
    if n < 2 or m < 2:
        raise ValueError(f"the jackknife needs at least 2 draws of each; got {n:g} and {m:g}")
    if np.any(smoothed[drawn] <= 1):
        raise ValueError(
            "the jackknife would leave out the only draw of a symbol from q, and find infinity: "
            "draw more, smooth more, or choose another correction"
        )
    # Leaving out a draw from p: Σ c log c − Σ c log q of n − 1 draws.
    log_weights = np.log(c) - np.log(smoothed / total)
    own = np.sum(c * log_weights)
    left = np.where(c > 1, (c - 1) * np.log(np.maximum(c - 1, 1)), 0.0) - c * np.log(c)
    without = (own + left + np.log(smoothed / total)) / (n - 1) - math.log(n - 1)
    change_p = np.sum(c / n * (without - (own / n - math.log(n))))
    # Leaving out a draw from q: its symbol becomes rarer, and all others more frequent.
    rarer = np.log(smoothed[drawn]) - np.log(smoothed[drawn] - 1)
    change_q = math.log1p(-1 / total) + np.sum(counts_q[seen][drawn] / m * c[drawn] / n * rarer)
    return float((n - 1) * change_p + (m - 1) * change_q)
