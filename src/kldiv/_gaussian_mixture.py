"""The distribution Σ w_i N(μ_i, Σ_i): its density, and draws from it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kldiv._arguments import random_generator, whole_number
from kldiv._labels import unlabelled
from kldiv._mixture_bounds import log_sum_exp, log_weights
from kldiv._namespace import Symbolic, stop_gradient, to_arrays
from kldiv._numerics import without_warnings
from kldiv.gaussian import _check_finite, _cholesky, _log_diagonal_sum


@dataclass(frozen=True, eq=False)
class GaussianMixture:
    r"""The distribution Σ_i w_i N(μ_i, Σ_i).

    Parameters
    ----------
    weights : array_like, shape (k,)
        w_i: not negative, summing to 1 (within the square root of the type's precision).
    means : array_like, shape (k, d)
        μ_i.
    covs : array_like, shape (k, d, d)
        Σ_i: symmetric, positive definite.

    Raises
    ------
    ValueError
        Shapes that do not fit each other, entries that are not finite, weights that are not a
        distribution, a covariance that is not symmetric or not positive definite.
    TypeError
        Entries that are not real numbers, or arrays of two libraries.

    Examples
    --------
    >>> from kldiv.mixtures import GaussianMixture
    >>> mixture = GaussianMixture.diagonal([0.5, 0.5], [[-2.0], [2.0]], [[1.0], [1.0]])
    >>> round(float(mixture.log_prob([0.0])), 6)  # log of e^{−2}/√(2π)
    -2.918939
    >>> mixture.sample(3, seed=0).shape
    (3, 1)
    """

    weights: Any
    means: Any
    covs: Any
    _xp: Any = field(init=False, repr=False)
    _cholesky: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        xp, (weights, means, covs) = to_arrays(
            weights=unlabelled(self.weights), means=self.means, covs=self.covs
        )
        if isinstance(xp, Symbolic):
            raise TypeError("a GaussianMixture takes numbers, not symbols")
        k, d = weights.shape[0] if weights.ndim else 0, means.shape[-1] if means.ndim else 0
        if (
            not k
            or not d
            or [tuple(a.shape) for a in (weights, means, covs)] != [(k,), (k, d), (k, d, d)]
        ):
            raise ValueError(
                "weights, means and covs must have shapes (k,), (k, d) and (k, d, d); "
                f"got {tuple(weights.shape)}, {tuple(means.shape)} and {tuple(covs.shape)}"
            )
        for name, array in (("weights", weights), ("means", means), ("covs", covs)):
            _check_finite(name, array, xp)
        _check_precision("weights", weights, xp)
        if not xp.all(xp.abs(covs) < xp.finfo(covs.dtype).max / 64):
            raise ValueError(f"covs are too large for {covs.dtype}")
        total = float(stop_gradient(xp.sum(weights)))
        if not xp.all(weights >= 0):
            smallest = float(stop_gradient(xp.min(weights)))
            raise ValueError(f"weights must not be negative; found {smallest}")
        if abs(total - 1) > math.sqrt(float(xp.finfo(weights.dtype).eps)):
            raise ValueError(f"weights must sum to 1; found a sum of {total:.10g}")
        for name, value in (
            ("weights", weights),
            ("means", means),
            ("covs", covs),
            ("_xp", xp),
            ("_cholesky", _cholesky("covs", covs, xp)),
        ):
            object.__setattr__(self, name, value)

    @classmethod
    def diagonal(cls, weights: Any, means: Any, stds: Any) -> GaussianMixture:
        """A mixture with independent components, of standard deviations `stds`, shape (k, d)."""
        xp, (means, stds) = to_arrays(means=means, stds=stds)
        if isinstance(xp, Symbolic):
            raise TypeError("a GaussianMixture takes numbers, not symbols")
        if means.ndim != 2 or means.shape != stds.shape:
            raise ValueError(
                "means and stds must have the same shape (k, d); "
                f"got {tuple(means.shape)} and {tuple(stds.shape)}"
            )
        if not xp.all((stds > 0) & xp.isfinite(stds)):
            raise ValueError("stds must be positive and finite")
        eye = xp.eye(stds.shape[1], dtype=stds.dtype, device=getattr(stds, "device", None))
        with np.errstate(over="ignore"):
            covs = xp.where(eye > 0, stds[:, :, None] ** 2, 0.0)
        return cls(weights, means, covs)

    @property
    def dimension(self) -> int:
        """d, the number of components of x."""
        return int(self.means.shape[1])

    @without_warnings
    def log_prob(self, x: Any) -> Any:
        """Natural logarithm of the density.

        Parameters
        ----------
        x : array_like, shape (..., d)
            Points, finite.

        Returns
        -------
        array or scalar, shape (...)
            log p(x); −∞ where the squares of x overflow. PyTorch differentiates it, with respect
            to x and to the parameters.
        """
        xp, (x, means) = to_arrays(x=x, means=self.means)
        if isinstance(xp, Symbolic):
            raise TypeError("x must hold numbers, not symbols")
        if not x.ndim or x.shape[-1] != self.dimension:
            raise ValueError(
                f"x must have shape (..., {self.dimension}), the mixture's dimension last; "
                f"got {tuple(x.shape)}"
            )
        _check_finite("x", x, xp)
        points = xp.reshape(x, (-1, self.dimension))
        cholesky = xp.astype(self._cholesky, x.dtype)
        shifted = xp.matrix_transpose(points[None, :, :] - means[:, None, :])
        z = xp.linalg.solve(cholesky, shifted)  # (k, d, n)
        constant = -self.dimension / 2 * math.log(2 * math.pi) - _log_diagonal_sum(cholesky, xp)
        logs = constant[:, None] - xp.sum(z**2, axis=1) / 2
        logs = xp.where(xp.isnan(logs), -math.inf, logs)  # ∞ − ∞ in the solution
        value = log_sum_exp(log_weights(self.weights, xp)[:, None] + logs, 0, xp)
        value = xp.reshape(value, x.shape[:-1])
        return value[()] if isinstance(value, np.ndarray) else value

    def sample(self, n: int, *, seed: int | np.random.Generator) -> Any:
        """Independent draws, shape (n, d), of the library of the parameters.

        `seed` is a whole number or a numpy Generator. The draws are μ_i + L_i z with Σ_i = L_i L_iᵀ
        and z standard normal: differentiable with respect to means and covariances, not weights.
        """
        n, rng = whole_number("n", n, 1), random_generator(seed)
        xp = self._xp
        weights = np.asarray(stop_gradient(self.weights).tolist())
        component = rng.choice(len(weights), n, p=weights / weights.sum())
        z = rng.standard_normal((n, self.dimension, 1))
        device = getattr(self.means, "device", None)
        at = xp.asarray(component, device=device)
        z = xp.asarray(z, dtype=self.means.dtype, device=device)
        factor = xp.take(self._cholesky, at, axis=0)
        return xp.take(self.means, at, axis=0) + xp.matmul(factor, z)[..., 0]


def _check_precision(name: str, array: Any, xp: Any) -> None:
    if xp.finfo(array.dtype).bits < 32:
        raise TypeError(f"{name} must have at least single precision; got {array.dtype}")
