r"""A likelihood over the 256 grey levels of a byte: p(x|z) that a lossless code can be made for.

`kldiv.likelihoods.Bernoulli` gives no probability to a grey level, and `Normal` gives a density.
A file needs a probability for each of the 256 values that a pixel can take. About half the pixels
of Fashion-MNIST are exactly 0, so zero is asked about first, and the other levels share the rest:

    P(v = 0) = 1 − σ(a)
    P(v)     = σ(a) Σₖ wₖ [F((v + ½ − mₖ)/sₖ) − F((v − ½ − mₖ)/sₖ)],    v = 1 … 255,

with F(t) = σ(t) = 1/(1 + e^(−t)), the logistic distribution. The first and the last interval
reach to −∞ and ∞, so that the 256 probabilities sum to 1 exactly.

References
----------
T. Salimans, A. Karpathy, X. Chen, D. P. Kingma. "PixelCNN++: improving the PixelCNN with
discretized logistic mixture likelihood and other modifications." ICLR (2017).
https://doi.org/10.48550/arXiv.1701.05517
"""

from __future__ import annotations

import math
from functools import reduce
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

LEVELS = 256
INITIAL_SCALE = 12.0  # grey levels: where an output of 0 puts s
SCALES = (0.1, 1e4)  # grey levels: the least and the greatest s; within them nothing overflows


class GreyLevels:
    """Pixels of 256 grey levels: zero or not, and if not a mixture of discretised logistics.

    Images are float tensors of levels / 255; the decoder's outputs are (batch, outputs a pixel ·
    pixels), one plane of pixels after the other: a, then mₖ and sₖ of each component, then, where
    there are two components or more, the logits of the weights wₖ.

    Parameters
    ----------
    components : int
        How many logistics are mixed.

    Examples
    --------
    >>> import torch
    >>> from kldiv.grey_levels import GreyLevels
    >>> likelihood, outputs = GreyLevels(), torch.zeros(1, 3 * 4)  # four pixels
    >>> likelihood.probabilities(outputs).shape
    torch.Size([1, 4, 256])
    >>> image = torch.tensor([[0, 100, 128, 255]]) / 255
    >>> round(likelihood.nats(outputs, image).item(), 2)
    22.2
    """

    def __init__(self, components: int = 1) -> None:
        if not isinstance(components, int) or components < 1:
            raise ValueError(f"components must be a positive integer; got {components!r}")
        self.components = components
        self.outputs_per_pixel = 3 if components == 1 else 1 + 3 * components

    def __repr__(self) -> str:
        return f"GreyLevels(components={self.components})"

    def observe(self, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """The images as the model is given them: unchanged."""
        return x

    def nats(self, outputs: Tensor, x: Tensor) -> Tensor:
        """−log p(x|z), (batch,): the sum over pixels of −log P(level), in nats.

        For an inner level, with b and c the ends of its interval in units of s, the difference is
        a product, F(b) − F(c) = F(b) F(−c) (1 − e^(c − b)), whose logarithm keeps its digits
        however far the level lies from m; b − c is 1/s.
        """
        level = torch.round(x * (LEVELS - 1))
        parameters = self._parameters(outputs)
        coloured = level > 0
        nats = functional.softplus(torch.where(coloured, -parameters.coloured, parameters.coloured))
        lowest, highest = level <= 1, level == LEVELS - 1
        logs = []
        for mean, scale in parameters.logistics:
            centre, half = (level - mean) / scale, 0.5 / scale
            inner = torch.log(-torch.expm1(-2 * half)).masked_fill(lowest | highest, 0)
            below = functional.softplus(-centre - half).masked_fill(highest, 0)  # −log F(b)
            above = functional.softplus(centre - half).masked_fill(lowest, 0)  # −log F(−c)
            logs.append(inner - below - above)
        if self.components == 1:
            log_level = logs[0]
        else:
            log_level = torch.logsumexp(parameters.log_weights + torch.stack(logs, 1), 1)
        return (nats - log_level * coloured).sum(-1)

    def probabilities(self, outputs: Tensor) -> Tensor:
        """P(level) of every pixel, (batch, pixels, 256), from differences of F.

        They are exact to the rounding of a number near 1. 256 numbers a pixel: give it a few dozen
        images at once.
        """
        parameters = self._parameters(outputs)
        edges = torch.arange(1.5, LEVELS - 1, dtype=outputs.dtype, device=outputs.device)  # (254,)
        cumulative = self._cumulative(parameters, edges)  # (batch, pixels, 254)
        coloured = torch.sigmoid(parameters.coloured)[..., None]
        ones = torch.ones_like(coloured)
        levels = torch.diff(cumulative, prepend=0 * ones, append=ones)  # 1 … 255
        # Rounding can make F fall by its last digit.
        levels = levels.clamp_(min=0).mul_(coloured)
        return torch.cat([torch.sigmoid(-parameters.coloured)[..., None], levels], -1)

    def mean(self, outputs: Tensor) -> Tensor:
        """E[x|z], (batch, pixels), in units of 255 levels: the picture that is shown.

        E[v] = Σ P(v > u) over u = 0 … 254.
        """
        parameters = self._parameters(outputs)
        total = torch.ones_like(parameters.coloured)  # P(v > 0), given that v > 0
        for edge in range(1, LEVELS - 1):
            at = torch.full((1,), edge + 0.5, dtype=outputs.dtype, device=outputs.device)
            total += 1 - self._cumulative(parameters, at)[..., 0]
        return torch.sigmoid(parameters.coloured) * total / (LEVELS - 1)

    def _cumulative(self, parameters: _Parameters, edges: Tensor) -> Tensor:
        """Σₖ wₖ F((edge − mₖ)/sₖ), (batch, pixels, edges)."""

        def component(k: int) -> Tensor:
            mean, scale = parameters.logistics[k]
            cumulative = torch.sigmoid((edges - mean[..., None]).div_(scale[..., None]))
            if self.components > 1:
                cumulative *= torch.exp(parameters.log_weights[:, k, :, None])
            return cumulative

        return reduce(torch.add, map(component, range(self.components)))

    def _parameters(self, outputs: Tensor) -> _Parameters:
        planes = outputs.unflatten(-1, (self.outputs_per_pixel, -1))  # (batch, outputs, pixels)
        low, high = (math.log(scale / INITIAL_SCALE) for scale in SCALES)
        logistics = []
        for k in range(self.components):
            mean = (planes[:, 1 + 2 * k] + 1) * ((LEVELS - 1) / 2)  # 0: the middle level
            scale = INITIAL_SCALE * torch.exp(planes[:, 2 + 2 * k].clamp(low, high))
            logistics.append((mean, scale))
        weights = planes[:, 1 + 2 * self.components :]
        log_weights = weights.log_softmax(1) if self.components > 1 else weights
        return _Parameters(planes[:, 0], logistics, log_weights)


class _Parameters(NamedTuple):
    coloured: Tensor  # a, the logit of "not zero": (batch, pixels)
    logistics: list[tuple[Tensor, Tensor]]  # mₖ and sₖ, in grey levels: (batch, pixels) each
    log_weights: Tensor  # log wₖ: (batch, components, pixels)
