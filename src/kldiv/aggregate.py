"""The aggregate posterior: where a model puts all its images, and how that differs from the prior.

q(z) = (1/n) Σ q(z|xₙ) is a mixture of one normal distribution an image. A prior sample makes a
good picture where q(z) has mass; where it has none, the decoder was never trained.

References
----------
M. D. Hoffman and M. J. Johnson. "ELBO surgery: yet another way to carve up the variational
evidence lower bound." NIPS workshop on advances in approximate Bayesian inference (2016).
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import numpy as np

from kldiv.marginal import Approximation


class AggregatePosterior:
    """q(z), the mixture of the posteriors q(z|xₙ) of n images, equally weighted.

    Parameters
    ----------
    means, stds : arrays, shape (n, latent)
        Of the posteriors, as `kldiv.evaluation.posteriors` returns them.
    seed : int
        Decides the draws that the estimates below rest on: one from each posterior.

    Raises
    ------
    ValueError
        Shapes that differ or are not two-dimensional, or a standard deviation that is not
        positive.
    """

    def __init__(self, means: Any, stds: Any, *, seed: int = 0) -> None:
        self.means, self.stds = (np.asarray(a, dtype=np.float64) for a in (means, stds))
        if self.means.shape != self.stds.shape or self.means.ndim != 2:
            raise ValueError(
                "means and stds must both be (n, latent); got shapes "
                f"{self.means.shape} and {self.stds.shape}"
            )
        if not np.all(self.stds > 0):
            raise ValueError(f"stds must be positive; the smallest is {self.stds.min()}")
        noise_seed, self._prior_seed = np.random.SeedSequence(seed).spawn(2)
        noise = np.random.default_rng(noise_seed).standard_normal(self.means.shape)
        self.draws = self.means + self.stds * noise

    def log_density(self, z: Any) -> np.ndarray:
        """log q(z) at points z (m, latent): (m,)."""
        z = np.asarray(z, dtype=np.float64)
        n, latent = self.means.shape
        if z.ndim != 2 or z.shape[1] != latent:
            raise ValueError(f"z must be (m, {latent}); got shape {z.shape}")
        # Multiplied out, the squares would be matrix products, and would cancel: a posterior may
        # be a billionth as wide as the posteriors lie apart.
        constant = -np.log(self.stds).sum(1) - latent / 2 * math.log(2 * math.pi) - math.log(n)
        scale = math.sqrt(0.5) / self.stds
        densities = np.empty(len(z))
        for start in range(0, len(z), 32):  # 32 × n numbers at once stay in the processor's cache
            rows = slice(start, start + 32)
            exponents = np.tile(constant, (len(z[rows]), 1))
            scaled = np.empty_like(exponents)
            for dimension in range(latent):
                np.subtract(z[rows, dimension, None], self.means[:, dimension], out=scaled)
                scaled *= scale[:, dimension]
                scaled *= scaled
                exponents -= scaled
            # SciPy's logsumexp gives the same, and takes ten times as long.
            largest = exponents.max(axis=1, keepdims=True)
            exponents -= largest
            np.exp(exponents, out=exponents)
            densities[rows] = np.log(exponents.sum(axis=1)) + largest[:, 0]
        return densities

    @cached_property
    def _log_density_of_draws(self) -> np.ndarray:
        return self.log_density(self.draws)

    def kl_to_prior(self) -> Approximation:
        """KL(q(z)‖N(0, I)) in nats, by Monte Carlo: the mean of log q(z)/p(z) over the draws.

        Nothing is fitted: q(z) is the mixture itself. The error is the standard error of the mean.
        """
        latent = self.means.shape[1]
        log_prior = -(self.draws**2).sum(1) / 2 - latent / 2 * math.log(2 * math.pi)
        log_ratio = self._log_density_of_draws - log_prior
        error = log_ratio.std(ddof=1) / math.sqrt(len(log_ratio)) if len(log_ratio) > 1 else np.inf
        return Approximation(float(log_ratio.mean()), float(error))

    def hole_share(self, draws: int = 10_000) -> float:
        """Share of `draws` draws of the prior that land in holes.

        A hole is where q(z) is lower than 99 % of its own draws have it: lower than nearly
        anywhere images are. Were q(z) the prior, the share would be 1 %.
        """
        threshold = np.quantile(self._log_density_of_draws, 0.01)
        prior = np.random.default_rng(self._prior_seed)  # anew, so that each call gives the same
        z = prior.standard_normal((draws, self.means.shape[1]))
        return float(np.mean(self.log_density(z) < threshold))
