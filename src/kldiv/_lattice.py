"""A model's three distributions as an entropy coder takes them: over integers, bit for bit.

z lies on a lattice: it is an integer times the spacing. The probability of a point is that of the
interval around it, from half a spacing below to half a spacing above.
"""

from __future__ import annotations

import copy
import hashlib

import constriction
import numpy as np
import torch
from torch import Tensor

from kldiv.likelihoods import LevelLikelihood
from kldiv.vae import VAE

# The lattice reaches from −8 to 8, where the prior has all its mass. constriction gives each of its
# points a probability of at least 2⁻²⁴ under every distribution. With a lattice of many points
# that would sum to a noticeable chance of a z that has nothing to do with q(z|x).
HALF_WIDTH = 8
SYMBOL_BITS = 24

PIXELS = constriction.stream.model.Categorical(perfect=False)  # its probabilities are given later


def fingerprint(model: VAE) -> bytes:
    """Eight bytes that tell models apart: from sizes, likelihood and weights."""
    digest = hashlib.sha256(f"{type(model).__name__} {model.config} {model.likelihood}".encode())
    for name, weights in model.state_dict().items():
        digest.update(name.encode() + weights.detach().cpu().numpy().tobytes())
    return digest.digest()[:8]


class LatticeModel:
    """The three distributions as the coder takes them: on a lattice, in fixed order, in float64."""

    def __init__(self, model: VAE, pixels: int, spacing: float) -> None:
        self.model = copy.deepcopy(model).cpu().double().eval()
        likelihood = self.model.likelihood
        if not isinstance(likelihood, LevelLikelihood):
            raise ValueError(
                "the model's likelihood gives no probabilities of grey levels; got "
                f"{type(likelihood).__name__}, expected GreyLevels"
            )
        if pixels != model.config.pixels:
            raise ValueError(f"images of {pixels} pixels; the model takes {model.config.pixels}")
        if not 2**-8 <= spacing <= 1:
            raise ValueError(f"spacing must lie between 2⁻⁸ and 1; got {spacing!r}")
        self.likelihood = likelihood
        self.latent, self.spacing = model.config.latent, spacing
        end = round(HALF_WIDTH / spacing)
        self.points = constriction.stream.model.QuantizedGaussian(-end, end)

    def most_bits(self, images: int) -> int:
        """At most so many bits are taken for z; 96 more keep the coder's state whole."""
        return SYMBOL_BITS * self.latent * images + 96

    def prior(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of p(z) in units of the spacing, (size,) each."""
        return np.zeros(size), np.full(size, 1 / self.spacing)

    @torch.no_grad()
    def posterior(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same of q(z|x), (batch · latent,) each, for images (batch, pixels)."""
        mean, log_var = self.model.encode(torch.from_numpy(rows).double() / 255)
        std = torch.exp(log_var / 2).clamp(1e-6, 1e6)  # the coder takes none that is 0 or infinite
        return _array(mean / self.spacing), _array(std / self.spacing)

    @torch.no_grad()
    def pixels(self, z: np.ndarray) -> np.ndarray:
        """p(x|z), (batch · pixels, 256), for z in units of the spacing, (batch · latent,).

        The network computes in float64; the 256 probabilities are float32, which has as many
        digits as the coder keeps.
        """
        points = torch.from_numpy(z).double().reshape(-1, self.latent) * self.spacing
        outputs = self.model.decode_outputs(points).float()
        # A few images at once: what fits in the processor's cache is ten times as fast.
        few = [self.likelihood.probabilities(some) for some in outputs.split(2)]
        levels = torch.cat(few)
        return _array(levels, levels.shape[-1])


def _array(values: Tensor, *width: int) -> np.ndarray:
    if not values.isfinite().all():
        raise ValueError("the model returns NaN or infinite numbers: no code can be made for it")
    return values.reshape(-1, *width).numpy()
