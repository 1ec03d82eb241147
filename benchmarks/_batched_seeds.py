"""Several seeds trained as one model: each weight is a stack of theirs, each product a batch.

Every seed keeps its own weights, order of images and noise, so that its run is the one that
`kldiv.training.train` makes of it, up to rounding. `vmapped` leaves model and loss as they are and
has PyTorch stack the calls; `written_out` is the same model anew, over stacks.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.func import functional_call, stack_module_state, vmap

from kldiv.gaussian import kl_standard_normal
from kldiv.likelihoods import Bernoulli
from kldiv.vae import REPORT_KL, VAE

RECORDED = ("loss", "reconstruction", "penalty", "gradient_norm")

#: Images and noise, (seeds, batch, ...) each, to the terms of the loss, (seeds,) each.
Terms = Callable[[Tensor, Tensor], list[Tensor]]


class GivenNoise(VAE):
    """A VAE that is handed its noise in the generator's place, and draws none."""

    loss = REPORT_KL

    def sample(self, mean: Tensor, log_var: Tensor, generator: Tensor) -> Tensor:  # type: ignore[override]
        return mean + torch.exp(log_var / 2) * generator

    def forward(self, x: Tensor, noise: Tensor) -> dict[str, Tensor]:
        return self.loss(self, x, generator=noise)  # type: ignore[arg-type]


def vmapped(seeds: range) -> tuple[list[Tensor], Terms]:
    """The book's loss of the book's model, by `torch.func`."""
    weights, _ = stack_module_state([GivenNoise(seed=seed) for seed in seeds])
    model = GivenNoise()
    batched = vmap(lambda own, x, noise: functional_call(model, own, (x, noise)))

    def terms(x: Tensor, noise: Tensor) -> list[Tensor]:
        return list(batched(weights, x, noise).values())

    return list(weights.values()), terms


def written_out(seeds: range) -> tuple[list[Tensor], Terms]:
    """The model's layers as batched products, and the loss summed over each seed's images."""
    stacked, _ = stack_module_state([VAE(seed=seed) for seed in seeds])
    weights = {
        name: (w.detach().mT.contiguous() if w.ndim == 3 else w.detach()[:, None]).requires_grad_()
        for name, w in stacked.items()
    }  # (seeds, inputs, outputs) and (seeds, 1, outputs)

    def layer(name: str, x: Tensor) -> Tensor:
        return torch.baddbmm(weights[f"{name}.bias"], x, weights[f"{name}.weight"])

    def terms(x: Tensor, noise: Tensor) -> list[Tensor]:
        hidden = torch.relu(layer("encoder_hidden", x))  # (seeds, batch, hidden)
        mean, log_var = layer("encoder_mean", hidden), layer("encoder_log_var", hidden)
        z = mean + torch.exp(log_var / 2) * noise
        logits = layer("decoder_pixels", torch.relu(layer("decoder_hidden", z)))
        reconstruction = Bernoulli().nats(logits, x).sum(-1) / x.shape[-1]
        kl = kl_standard_normal(mean, log_var, validate=False).mean(-1)
        return [reconstruction + kl, reconstruction, kl]

    return list(weights.values()), terms


def epoch(
    make: Callable[[range], tuple[list[Tensor], Terms]],
    pixels: Tensor,
    seeds: range,
    batch_size: int,
    learning_rate: float,
) -> list[dict[str, float]]:
    """One epoch of every seed; for each the means that `train` records."""
    parameters, terms = make(seeds)
    orders = torch.stack([torch.randperm(len(pixels), generator=_draws(seed)) for seed in seeds])
    noises = [_draws(seed + 1) for seed in seeds]
    optimizer = torch.optim.Adam(parameters, lr=learning_rate, fused=True)
    steps = []
    for picked in orders.split(batch_size, dim=1):
        x = pixels.index_select(0, picked.flatten()).view(*picked.shape, -1)
        noise = torch.stack([torch.randn(picked.shape[1], 2, generator=g) for g in noises])
        for parameter in parameters:
            parameter.grad = None
        values = terms(x, noise)
        values[0].sum().backward()  # no weight of one seed is in the loss of another
        squares = [p.grad.flatten(1).square().sum(1) for p in parameters]  # type: ignore[union-attr]
        values = torch.stack([*values, torch.stack(squares).sum(0).sqrt()]).tolist()
        if not all(math.isfinite(value) for row in values for value in row):
            raise FloatingPointError("a loss or a gradient is not finite")
        steps.append(values)
        optimizer.step()
    means = torch.tensor(steps, dtype=torch.float64).mean(0)  # (terms, seeds)
    return [dict(zip(RECORDED, row.tolist(), strict=True)) for row in means.T]


def _draws(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
