"""What a decoder says of an image: the distributions p(x|z).

A likelihood turns the decoder's outputs into −log p(x|z), in nats an image. Which one is used
decides what those nats mean:

- `Bernoulli` treats a grey level between 0 and 1 as the probability of a white pixel. It is the
  report's choice and is not a density of grey levels: −log p(x|z) is a cross-entropy, and cannot
  fall below the entropy of the pixels themselves, `Bernoulli.floor`, however good the model.
- `Normal` is a density of real numbers, with one standard deviation for all pixels that is
  learned with the rest. Its nats can be negative, and depend on the scale of x.
"""

from __future__ import annotations

import math
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn import functional

from kldiv.photographs import dequantise


class Likelihood(Protocol):
    """What a `kldiv.vae.VAE` asks of its likelihood."""

    @property
    def outputs_per_pixel(self) -> int:
        """How many numbers the decoder puts out for each pixel."""

    def observe(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """The images as the model is given them."""

    def nats(self, outputs: Tensor, x: Tensor) -> Tensor:
        """−log p(x|z), (batch,)."""

    def mean(self, outputs: Tensor) -> Tensor:
        """E[x|z], (batch, pixels): the picture that is shown."""


class PairwiseLikelihood(Likelihood, Protocol):
    """One that can be asked of many images and many outputs at once, for quadrature."""

    def log_prob_pairs(self, outputs: Tensor, x: Tensor) -> Tensor:
        """log p(xₙ|z_g) of every image under every output: (n, g)."""


@runtime_checkable
class LevelLikelihood(Likelihood, Protocol):
    """One that gives a probability to each of the 256 grey levels, for lossless codes."""

    def probabilities(self, outputs: Tensor) -> Tensor:
        """P(level) of every pixel, (batch, pixels, 256)."""


class Bernoulli:
    """Pixels in [0, 1], each the probability of white; the decoder's outputs are logits."""

    outputs_per_pixel = 1

    def observe(self, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """The images as the model is given them: unchanged."""
        return x

    def nats(self, outputs: Tensor, x: Tensor) -> Tensor:
        """−log p(x|z), (batch,): binary cross-entropy summed over the pixels."""
        losses = functional.binary_cross_entropy_with_logits(outputs, x, reduction="none")
        return losses.sum(-1)

    def mean(self, outputs: Tensor) -> Tensor:
        """E[x|z], (batch, pixels): the picture that is shown."""
        return torch.sigmoid(outputs)

    def log_prob_pairs(self, outputs: Tensor, x: Tensor) -> Tensor:
        """log p(xₙ|z_g) of every image under every output: (n, g), by one matrix product."""
        return x @ outputs.T - functional.softplus(outputs).sum(-1)

    @staticmethod
    def floor(x: Tensor) -> float:
        """The least that −log p(x|z) can be on average over images x, in nats: their entropy.

        It is reached by a decoder that returns the image itself: Σ −x log x − (1−x) log(1−x).
        """
        return (-torch.xlogy(x, x) - torch.xlogy(1 - x, 1 - x)).sum(-1).mean().item()


class Normal(nn.Module):
    """Real-valued pixels around the decoder's outputs, with one standard deviation, learned.

    Bytes are spread over the intervals they stand for before they are given to the model, because
    a density can be made infinite at isolated values: level v becomes (v + u)/256, u uniform on
    [0, 1). With that, −log₂ p(x|z) + 8 bits a pixel bounds the bits a lossless code of the bytes
    needs.

    References
    ----------
    L. Theis, A. van den Oord, M. Bethge. "A note on the evaluation of generative models." ICLR
    (2016). https://doi.org/10.48550/arXiv.1511.01844

    O. Rybkin, K. Daniilidis, S. Levine. "Simple and effective VAE training with calibrated
    decoders." ICML (2021). https://doi.org/10.48550/arXiv.2006.13202
    """

    outputs_per_pixel = 1

    def __init__(self, std: float = 0.25) -> None:
        super().__init__()
        self.log_std = nn.Parameter(torch.tensor(math.log(std)))

    def observe(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Bytes (batch, …) as real numbers in [0, 1), (batch, pixels); other tensors unchanged."""
        if x.dtype != torch.uint8:
            return x
        return dequantise(x, generator)

    def nats(self, outputs: Tensor, x: Tensor) -> Tensor:
        """−log p(x|z), (batch,): ½((x − outputs)/σ)² + log σ + ½ log 2π, summed over pixels."""
        squares = ((x - outputs) ** 2).sum(-1) / (2 * torch.exp(2 * self.log_std))
        return squares + x.shape[-1] * (self.log_std + math.log(2 * math.pi) / 2)

    def mean(self, outputs: Tensor) -> Tensor:
        """E[x|z], (batch, pixels): the picture that is shown."""
        return outputs

    def log_prob_pairs(self, outputs: Tensor, x: Tensor) -> Tensor:
        """log p(xₙ|z_g) of every image under every output: (n, g)."""
        # By a matrix product, in which most digits of a float32 would cancel.
        distances = torch.cdist(x.double(), outputs.double()).to(x.dtype)
        squares = distances**2 / (2 * torch.exp(2 * self.log_std))
        return -squares - x.shape[-1] * (self.log_std + math.log(2 * math.pi) / 2)
