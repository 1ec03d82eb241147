"""Distributions of torch.distributions: PyTorch's own registry, else Monte Carlo."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from kldiv.distributions._result import KLResult
from kldiv.gaussian import kl_normal


def is_torch(distribution: Any) -> bool:
    """Whether this is one of torch.distributions. Does not import PyTorch."""
    torch = sys.modules.get("torch.distributions")
    return torch is not None and isinstance(distribution, torch.Distribution)


def kl_torch(p: Any, q: Any, method: str | None, draws: int, rng: np.random.Generator) -> KLResult:
    """KL(p‖q) as a tensor of the broadcast batch shape, with gradients."""
    from torch.distributions import kl_divergence

    if method not in (None, "closed form", "monte carlo"):
        raise ValueError(f"torch's distributions take no method {method!r}")
    if method != "monte carlo":
        if (exact := _normals(p, q)) is not None:
            return KLResult(exact, "closed form")
        try:
            return KLResult(kl_divergence(p, q), "torch")
        except NotImplementedError:
            if method == "closed form":
                raise ValueError(
                    f"torch has no closed form for ({type(p).__name__}, {type(q).__name__})"
                ) from None
    return _monte_carlo(p, q, draws, rng)


def _normals(p: Any, q: Any) -> Any:
    """KL of two normals, whose digits near q = p PyTorch's own formula loses; None of others."""
    from torch.distributions import Independent, Normal

    if type(p) is type(q) is Normal:
        return kl_normal(p.loc, p.scale, q.loc, q.scale)
    if type(p) is type(q) is Independent:
        axes = p.reinterpreted_batch_ndims
        inner = _normals(p.base_dist, q.base_dist)
        if inner is not None and axes == q.reinterpreted_batch_ndims:
            return inner.sum(tuple(range(-axes, 0))) if axes else inner
    return None


def _monte_carlo(p: Any, q: Any, draws: int, rng: np.random.Generator) -> KLResult:
    """The mean over draws, with gradients."""
    import torch

    if p.event_shape != q.event_shape:
        raise ValueError(
            f"p has events of shape {tuple(p.event_shape)}, q of {tuple(q.event_shape)}"
        )
    kinds = {_is_discrete(p), _is_discrete(q)}
    if kinds == {True, False}:  # a density and a mass share no place
        shape = torch.broadcast_shapes(p.batch_shape, q.batch_shape)
        return KLResult(torch.full(shape, math.inf), "support")
    with torch.random.fork_rng():  # torch's distributions draw from the global generator
        torch.manual_seed(int(rng.integers(2**63)))
        x = p.rsample((draws,)) if p.has_rsample else p.sample((draws,))
    axes = x.ndim - len(p.event_shape)
    inside = q.support.check(x)
    inside = inside.reshape(*inside.shape[:axes], -1).all(-1) if inside.ndim > axes else inside
    covered = inside.all(0)  # of each entry of the batch, whether all draws have a density under q
    if not bool(covered.any()):
        return KLResult(torch.full(covered.shape, math.inf), "support")
    log_p = p.log_prob(x)
    if not bool(covered.all()):
        # Such an entry is infinite: any place within the support of q will do for the others' sake.
        with torch.random.fork_rng():
            spare = q.expand(covered.shape).sample((draws,))
        x = torch.where(_as_events(inside, spare), x, spare)
    log_q = q.log_prob(x)
    if not p.has_rsample:
        # The draws do not move with p's parameters; their probabilities do. The gradient of E r is
        # that of E r log p with r held fast (less its mean, which only takes noise away).
        r = (log_p - log_q).detach()
        weight = (r - r.mean(0)).nan_to_num(0.0, 0.0, 0.0)  # where r is infinite, so is the value
        log_p = log_p.detach() + weight * (log_p - log_p.detach())
    log_ratio = log_p - log_q
    value, error = log_ratio.mean(0), log_ratio.detach().std(0) / math.sqrt(draws)
    value = value - value.detach().clamp(max=0)  # not below 0, and its gradient stays
    value = torch.where(covered, value, math.inf)
    return KLResult(value, "Monte Carlo", torch.where(covered, error, 0.0), "standard error", draws)


def _is_discrete(distribution: Any) -> bool | None:
    """Whether it has masses, not a density; None if it does not say."""
    from torch.distributions import TransformedDistribution

    while isinstance(distribution, TransformedDistribution):  # says where its transform leads
        distribution = distribution.base_dist
    try:
        return bool(distribution.support.is_discrete)
    except (NotImplementedError, AttributeError):
        return None


def _as_events(inside: Any, x: Any) -> Any:
    """What is said of each draw, for each of its coordinates."""
    return inside.reshape(*inside.shape, *[1] * (x.ndim - inside.ndim))
