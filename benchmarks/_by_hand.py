"""The report's VAE with its gradient written out: no record of operations, no autograd."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from kldiv._numerics import exp_remainder_value
from kldiv.vae import VAE


class FusedKL(torch.autograd.Function):
    """`kldiv.vae.kl_penalty` as one operation, with its two gradients: in μ, and in log σ²."""

    @staticmethod
    def forward(ctx, mean: Tensor, log_var: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
        ctx.save_for_backward(mean, log_var)
        return penalty(mean, log_var)

    @staticmethod
    def backward(ctx, slope: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[no-untyped-def]
        mean, log_var = ctx.saved_tensors
        share = slope / len(mean)
        return share * mean, share / 2 * torch.expm1(log_var)


def penalty(mean: Tensor, log_var: Tensor) -> Tensor:
    """KL(q(z|x)‖p(z)), averaged over the batch, by plain operations."""
    return (mean**2 + exp_remainder_value(log_var, torch)).sum() / (2 * len(mean))


@torch.no_grad()
def backward(model: VAE, x: Tensor, noise: Tensor) -> list[Tensor]:
    """The terms of `REPORT_KL`; each parameter's `grad` is set."""
    images, pixels = x.shape
    # Forwards: q(z|x), a draw z from it, and the logits of p(x|z).
    hidden = model.encoder_hidden(x).relu_()
    mean, log_var = model.encoder_mean(hidden), model.encoder_log_var(hidden)
    std = torch.exp(log_var / 2)
    z = mean + std * noise
    decoded = model.decoder_hidden(z).relu_()
    logits = model.decoder_pixels(decoded)
    nats = functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    reconstruction, kl = nats / pixels, penalty(mean, log_var)

    # Backwards, the last layer first.
    slope = torch.sigmoid(logits).sub_(x).div_(pixels)
    slope = _through(model.decoder_pixels, decoded, slope).mul_(decoded > 0)
    slope = _through(model.decoder_hidden, z, slope)
    of_mean = slope + mean / images
    of_log_var = slope * noise * std / 2 + torch.expm1(log_var) / (2 * images)
    slope = _through(model.encoder_mean, hidden, of_mean)
    slope += _through(model.encoder_log_var, hidden, of_log_var)
    slope *= hidden > 0
    model.encoder_hidden.weight.grad = slope.T @ x  # the images have no slope
    model.encoder_hidden.bias.grad = slope.sum(0)
    return [reconstruction + kl, reconstruction, kl]


def _through(layer: torch.nn.Linear, inputs: Tensor, slope: Tensor) -> Tensor:
    """Set the layer's gradients, and return the slope in its inputs."""
    layer.weight.grad, layer.bias.grad = slope.T @ inputs, slope.sum(0)
    return slope @ layer.weight
