"""The convolutional variational autoencoder that the report left for the future (R37)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from kldiv.layers import dense
from kldiv.likelihoods import Likelihood
from kldiv.vae import VAE


@dataclass(frozen=True)
class ConvolutionalConfig:
    """Sizes of a convolutional VAE; the defaults are for Fashion-MNIST.

    Each layer of `channels` halves height and width on the way in and doubles them on the way out.
    """

    image: tuple[int, int, int] = (1, 28, 28)
    channels: tuple[int, ...] = (16, 32)
    latent: int = 2

    def __post_init__(self) -> None:
        sizes = (*self.image, *self.channels, self.latent)
        if len(self.image) != 3 or not all(isinstance(s, int) and s > 0 for s in sizes):
            raise ValueError(f"sizes must be positive integers, image (channels, h, w); got {self}")
        if not self.channels:
            raise ValueError("channels are empty; expected a number for each layer")
        if any(side % 2 ** len(self.channels) for side in self.image[1:]):
            raise ValueError(
                f"height and width must be multiples of {2 ** len(self.channels)}, one factor 2 "
                f"a layer; got {self.image[1:]}"
            )

    @property
    def pixels(self) -> int:
        """Numbers in an image, channels included."""
        return math.prod(self.image)

    @property
    def inner(self) -> tuple[int, int, int]:
        """Shape of the last layer of channels, (channels, height, width)."""
        _, height, width = self.image
        factor = 2 ** len(self.channels)
        return self.channels[-1], height // factor, width // factor


class ConvolutionalVAE(VAE):
    """A VAE that looks at neighbourhoods: 4 × 4 convolutions of stride 2, and their transposes.

    Images are rows of pixels, (batch, pixels), as for `VAE`; the model folds them itself.
    """

    config: ConvolutionalConfig

    def __init__(
        self,
        config: ConvolutionalConfig | None = None,
        *,
        seed: int = 0,
        likelihood: Likelihood | None = None,
    ) -> None:
        super().__init__(config or ConvolutionalConfig(), seed=seed, likelihood=likelihood)

    def _build(self, generator: torch.Generator) -> None:
        config = self.config
        widths = (config.image[0], *config.channels)
        flat = math.prod(config.inner)
        downwards, upwards = [], []
        for narrow, wide in pairwise(widths):
            downwards += [_convolution(nn.Conv2d, narrow, wide, generator), nn.ReLU()]
        self.encoder_convolutions = nn.Sequential(*downwards)
        self.encoder_mean = dense(flat, config.latent, generator)
        self.encoder_log_var = dense(flat, config.latent, generator)
        self.decoder_hidden = dense(config.latent, flat, generator)
        out = (widths[0] * self.likelihood.outputs_per_pixel, *widths[1:])
        for narrow, wide in reversed(list(pairwise(out))):
            upwards += [nn.ReLU(), _convolution(nn.ConvTranspose2d, wide, narrow, generator)]
        self.decoder_convolutions = nn.Sequential(*upwards)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """q(z|x): mean and log variance, each (batch, latent), of images x (batch, pixels)."""
        hidden = self.encoder_convolutions(x.unflatten(-1, self.config.image)).flatten(1)
        return self.encoder_mean(hidden), self.encoder_log_var(hidden)

    def decode_outputs(self, z: Tensor) -> Tensor:
        """What p(x|z) is, as its likelihood takes it: (batch, pixels · outputs a pixel)."""
        hidden = self.decoder_hidden(z).unflatten(-1, self.config.inner)
        outputs: Tensor = self.decoder_convolutions(hidden)
        return outputs.flatten(1)


def _convolution(
    kind: type[nn.Conv2d | nn.ConvTranspose2d],
    inputs: int,
    outputs: int,
    generator: torch.Generator,
) -> nn.Conv2d | nn.ConvTranspose2d:
    """A 4 × 4 convolution of stride 2 with Glorot-uniform weights and zero bias."""
    layer: nn.Conv2d | nn.ConvTranspose2d = nn.utils.skip_init(
        kind, inputs, outputs, kernel_size=4, stride=2, padding=1
    )
    nn.init.xavier_uniform_(layer.weight, generator=generator)
    assert layer.bias is not None  # unless it is asked to have none
    nn.init.zeros_(layer.bias)
    return layer
