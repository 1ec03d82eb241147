"""The normal distribution closest to a mixture of normal distributions, by KL in either direction.

Forward, KL(p‖q) averages over the target p, and its minimum has p's mean and variance. Reverse,
KL(q‖p) averages over q itself, and has a local minimum at most of p's peaks.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import optimize, special, stats

# The trapezoidal rule in units of the standard deviation. For smooth integrands that vanish at
# both ends, its error falls faster than any power of the step.
STEP, REACH = 1 / 12, 9


class Projection(NamedTuple):
    """A normal distribution, and its divergence in nats from what it stands for."""

    mean: float  #: Its mean.
    std: float  #: Its standard deviation.
    kl: float  #: The divergence, in nats.


def closest_normal(
    weights: Any, means: Any, stds: Any, *, direction: str = "forward"
) -> Projection:
    """The normal distribution q closest to the mixture p = Σ wₖ N(mₖ, sₖ²).

    Parameters
    ----------
    weights, means, stds : array_like, shape (components,)
        Of the mixture; weights are positive and sum to 1, standard deviations are positive.
    direction : str
        "forward": minimise KL(p‖q). The minimum has p's mean and variance. "reverse": minimise
        KL(q‖p). The least of the local minima that are reached from each component, and from
        N(0, 1.5²), is returned.

    Returns
    -------
    Projection
        Mean, standard deviation, and the divergence in nats.

    Raises
    ------
    ValueError
        Shapes that differ, weights or standard deviations out of range, an unknown direction.

    References
    ----------
    T. Minka. "Divergence measures and message passing." Microsoft Research, MSR-TR-2005-173 (2005).

    Examples
    --------
    >>> from kldiv.projection import closest_normal
    >>> round(closest_normal([0.5, 0.5], [-2, 2], [1, 1]).std ** 2, 9)
    5.0
    """
    w, m, s = (np.asarray(values, dtype=float) for values in (weights, means, stds))
    if w.ndim != 1 or not w.shape == m.shape == s.shape or not w.size:
        raise ValueError(
            f"weights, means and stds must be of one length; got {w.shape}, {m.shape}, {s.shape}"
        )
    if not (w > 0).all() or not np.isclose(w.sum(), 1):
        raise ValueError(f"weights must be positive and sum to 1; got {weights}")
    if not (np.isfinite(m).all() and np.isfinite(s).all() and (s > 0).all()):
        raise ValueError(f"means must be finite, stds positive and finite; got {means} and {stds}")
    if direction == "forward":
        return _forward(w, m, s)
    if direction == "reverse":
        starts = [*zip(m, s, strict=True), (0.0, 1.5)]
        return min((_reverse(w, m, s, start) for start in starts), key=lambda found: found.kl)
    raise ValueError(f'direction must be "forward" or "reverse"; got {direction!r}')


def _log_density(x: np.ndarray, w: np.ndarray, m: np.ndarray, s: np.ndarray) -> np.ndarray:
    log_p: np.ndarray = special.logsumexp(stats.norm.logpdf(x[..., None], m, s), axis=-1, b=w)
    return log_p


def _forward(w: np.ndarray, m: np.ndarray, s: np.ndarray) -> Projection:
    mean = float(w @ m)
    std = float(np.sqrt(w @ (s**2 + (m - mean) ** 2)))
    low, high = (m - REACH * s).min(), (m + REACH * s).max()
    x, step = np.linspace(
        low, high, int(np.ceil((high - low) / (STEP * s.min()))) + 1, retstep=True
    )
    log_p = _log_density(x, w, m, s)
    kl = step * np.sum(np.exp(log_p) * (log_p - stats.norm.logpdf(x, mean, std)))
    return Projection(mean, std, float(kl))


def _reverse(w: np.ndarray, m: np.ndarray, s: np.ndarray, start: tuple[float, float]) -> Projection:
    u = np.arange(-REACH, REACH + STEP / 2, STEP)
    weight = stats.norm.pdf(u) * STEP

    def divergence(parameters: np.ndarray) -> float:
        mean, log_std = parameters
        log_p = _log_density(mean + np.exp(log_std) * u, w, m, s)
        kl: float = weight @ (stats.norm.logpdf(u) - log_std - log_p)
        return kl

    found = optimize.minimize(
        divergence, [start[0], np.log(start[1])], method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-15, "maxiter": 2000},
    )  # fmt: skip
    return Projection(float(found.x[0]), float(np.exp(found.x[1])), float(found.fun))
