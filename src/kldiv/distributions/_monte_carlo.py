"""KL by Monte Carlo, for whatever can be drawn from and has a log-density."""

from __future__ import annotations

import math

import numpy as np

from kldiv.distributions._gaps import ZeroDensity
from kldiv.distributions._types import View


def kl_monte_carlo(p: View, q: View, draws: int, rng: np.random.Generator) -> tuple[float, float]:
    """The mean of log(p/q) over draws from p, in nats, and its standard error.

    A negative mean is returned as 0, which is nearer to the divergence. Raises ZeroDensity where
    q has no density at a draw.
    """
    x = p.sample(draws, rng)
    log_ratio = p.log_density(x) - q.log_density(x)
    if np.any(log_ratio == math.inf):
        raise ZeroDensity
    if not np.all(np.isfinite(log_ratio)):
        raise ArithmeticError(f"a log-density of {p.name} or {q.name} is not a number at a draw")
    return max(float(np.mean(log_ratio)), 0.0), float(np.std(log_ratio, ddof=1)) / math.sqrt(draws)
