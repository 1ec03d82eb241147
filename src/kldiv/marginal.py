"""The negative log-likelihood of images, −log p(x) = −log ∫ p(z) p(x|z) dz, in nats an image.

Two ways to the same number. Over a latent plane the integral is done on a lattice; in more
dimensions it is estimated from samples of q(z|x). Either says how far it may be off.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, cast

import torch
from torch import Tensor

from kldiv.likelihoods import PairwiseLikelihood
from kldiv.vae import VAE


class Approximation(NamedTuple):
    """A number, and how far it may be off: a standard error, or a bound where one is named."""

    value: float  #: The number.
    error: float  #: How far it may be off.


#: The lattice of the quadrature: (inner, outer, step) of square rings, in latent units. Beyond 6
#: the prior has a mass of 4e-9 only, but a model whose codes lie far out may give an image e^400
#: times the likelihood there that it has within; beyond 24 the prior takes off 288 nats.
RINGS = ((0.0, 6.0, 3 / 32), (6.0, 24.0, 3 / 8))


@torch.no_grad()
def nll_by_quadrature(
    model: VAE, x: Tensor, *, rings: Sequence[tuple[float, float, float]] = RINGS
) -> Approximation:
    """−log p(x), averaged over images, by quadrature over the latent plane.

    A sum over lattices that are fine near the origin, where the prior N(0, I) has its mass, and
    coarser further out.

    Parameters
    ----------
    model : VAE
        With a latent space of two dimensions.
    x : tensor, shape (n, pixels)
        Images, as the likelihood takes them.
    rings : sequence of (inner, outer, step)
        Points of a lattice with spacing `step` whose larger coordinate, in absolute value, is at
        least `inner` and less than `outer`.

    Returns
    -------
    Approximation
        Nats an image; the error is the difference from the same lattices at twice the spacing. It
        is that of the spacing, not of what lies beyond the last ring.

    Raises
    ------
    ValueError
        A latent space that is not a plane, or a ring that is empty.
    """
    if model.config.latent != 2:
        raise ValueError(f"quadrature needs a latent plane; got {model.config.latent} dimensions")
    likelihood = cast(PairwiseLikelihood, model.likelihood)  # GreyLevels is none, and fails below
    fine = torch.full((len(x),), -math.inf, device=x.device)
    coarse = fine.clone()
    for inner, outer, step in rings:
        z, even = _ring(inner, outer, step)
        for points, on_coarse in zip(z.split(1024), even.split(1024), strict=True):
            points = points.to(x)
            log_prior = -(points**2).sum(-1) / 2 - math.log(2 * math.pi)
            log_joint = likelihood.log_prob_pairs(model.decode_outputs(points), x)
            log_joint += log_prior + 2 * math.log(step)
            if on_coarse.any():
                some = log_joint[:, on_coarse] + 2 * math.log(2)
                coarse = torch.logaddexp(coarse, _logsumexp(some))
            fine = torch.logaddexp(fine, _logsumexp(log_joint))
    value, other = -fine.double().mean().item(), -coarse.double().mean().item()
    return Approximation(value, abs(value - other))


def _logsumexp(values: Tensor) -> Tensor:
    """log Σ exp along the last axis, (n, m) to (n,), of finite values; `values` is overwritten.

    Terms of e⁻⁸⁰ of the largest count as that much: they do not change the sum's last digit, and
    PyTorch's exp takes twenty times as long, and more, where its result underflows.
    """
    largest = values.amax(1, keepdim=True)
    return values.sub_(largest).clamp_(min=-80).exp_().sum(1).log_() + largest[:, 0]


def _ring(inner: float, outer: float, step: float) -> tuple[Tensor, Tensor]:
    """Points (g, 2) of a lattice within a square ring, and which lie on the one twice as coarse."""
    if not 0 <= inner < outer or not 0 < step <= outer:
        raise ValueError(f"a ring is 0 ≤ inner < outer, 0 < step ≤ outer; got {inner, outer, step}")
    index = torch.arange(-math.ceil(outer / step), math.ceil(outer / step) + 1)
    index = torch.cartesian_prod(index, index)
    distance = index.abs().amax(1) * step
    index = index[(distance >= inner) & (distance < outer)]
    if not len(index):
        raise ValueError(f"no point of a lattice with spacing {step} lies in [{inner}, {outer})")
    return index * step, (index % 2 == 0).all(1)


@torch.no_grad()
def nll_by_importance(model: VAE, x: Tensor, *, samples: int = 256, seed: int = 0) -> Approximation:
    """−log p(x), averaged over images, by importance sampling with q(z|x) as the proposal.

    −log of the mean of p(z) p(x|z) / q(z|x) over `samples` draws z ~ q(z|x). On average this is
    too large, by an amount that falls as samples are added; it is never below the true value by
    more than chance, and never above −ELBO on average.

    Returns
    -------
    Approximation
        Nats an image, and the standard error that the draws leave (delta method). It does not
        cover the part of p(z|x) where q(z|x) draws nothing: a posterior that misses the prior
        gives an upper bound and no more.

    References
    ----------
    Y. Burda, R. Grosse, R. Salakhutdinov. "Importance weighted autoencoders." ICLR (2016).
    https://doi.org/10.48550/arXiv.1509.00519
    """
    if samples < 2:
        raise ValueError(f"samples must be at least 2, for a standard error; got {samples}")
    generator = torch.Generator(x.device).manual_seed(seed)
    total, variance = 0.0, 0.0
    for images in x.split(max(1, 2048 // samples)):
        mean, log_var = model.encode(images)
        mean, log_var = (t.repeat_interleave(samples, 0) for t in (mean, log_var))
        # Not (z − mean) / std: a posterior may be so narrow that it vanishes in z's last digit.
        noise = torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
        z = mean + torch.exp(log_var / 2) * noise
        log_ratio = ((noise**2 - z**2 + log_var) / 2).sum(-1)  # log p(z)/q(z|x)
        log_weight = log_ratio - model.reconstruction(z, images.repeat_interleave(samples, 0))
        log_weight = log_weight.unflatten(0, (len(images), samples)).double()
        log_mean = log_weight.logsumexp(1) - math.log(samples)
        weight = torch.exp(log_weight - log_mean[:, None])  # mean 1
        total -= log_mean.sum().item()
        variance += (weight.var(1) / samples).sum().item()
    return Approximation(total / len(x), math.sqrt(variance) / len(x))
