"""The derivative of `exp_remainder`, told to PyTorch.

PyTorch would find it by itself, going back through each term of the series: in a training step of
the autoencoder that costs as much as a matrix product. It is e^x − 1, one call.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class ExpRemainder(torch.autograd.Function):
    """e^x − 1 − x with its derivative e^x − 1; differentiable any number of times."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        """The value, without a record of how it was computed."""
        from kldiv._numerics import exp_remainder_value

        value: Tensor = exp_remainder_value(x, torch)
        return value

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        """Keep x for the derivative."""
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        """The chain rule."""
        (x,) = ctx.saved_tensors
        return gradient * torch.expm1(x)

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor) -> Tensor:
        """The same, forwards."""
        (x,) = ctx.saved_tensors
        return tangent * torch.expm1(x)
