r"""The variational autoencoder of the report, and the losses it was trained with.

An encoder maps an image x to a normal distribution q(z|x) over a latent plane; a decoder maps a
point z of that plane to a distribution p(x|z) over 784 pixels. What keeps the distributions
q(z|x) together is the regulariser: the KL divergence from the prior p(z) = N(0, I), nothing, or a
Euclidean penalty. Each loss below is one of the report's, or what it should have been.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from kldiv.gaussian import kl_standard_normal
from kldiv.layers import dense
from kldiv.likelihoods import Bernoulli, Likelihood


class Sizes(Protocol):
    """What every model's configuration says, whatever its layers are."""

    @property
    def pixels(self) -> int:
        """Numbers in an image."""

    @property
    def latent(self) -> int:
        """Dimensions of z."""


@dataclass(frozen=True)
class VAEConfig:
    """Sizes of the layers; the defaults are the report's (784-100-(2+2), 2-100-784)."""

    pixels: int = 784
    hidden: int = 100
    latent: int = 2

    def __post_init__(self) -> None:
        for name, size in vars(self).items():
            if not isinstance(size, int) or size < 1:
                raise ValueError(f"{name} must be a positive integer; got {size!r}")


class VAE(nn.Module):
    """A multilayer-perceptron variational autoencoder.

    Parameters
    ----------
    config : VAEConfig
        Sizes of the layers.
    seed : int
        Decides the initial weights (Glorot uniform; biases zero). No global state is read.
    likelihood : Likelihood
        What the decoder's outputs mean: one of `kldiv.likelihoods`. Default: `Bernoulli`.
    """

    def __init__(
        self,
        config: Sizes | None = None,
        *,
        seed: int = 0,
        likelihood: Likelihood | None = None,
    ) -> None:
        super().__init__()
        self.config: Sizes = config or VAEConfig()
        self.likelihood: Likelihood = likelihood or Bernoulli()
        self._build(torch.Generator().manual_seed(seed))

    def _build(self, generator: torch.Generator) -> None:
        """Make the layers."""
        pixels, hidden, latent = vars(self.config).values()
        self.encoder_hidden = dense(pixels, hidden, generator)
        self.encoder_mean = dense(hidden, latent, generator)
        self.encoder_log_var = dense(hidden, latent, generator)
        self.decoder_hidden = dense(latent, hidden, generator)
        self.decoder_pixels = dense(hidden, pixels * self.likelihood.outputs_per_pixel, generator)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """q(z|x): mean and log variance, each (batch, latent), of images x (batch, pixels)."""
        hidden = torch.relu(self.encoder_hidden(x))  # (batch, hidden)
        return self.encoder_mean(hidden), self.encoder_log_var(hidden)

    def sample(self, mean: Tensor, log_var: Tensor, generator: torch.Generator) -> Tensor:
        """z ~ q(z|x), written as mean + std · noise so that gradients reach mean and std."""
        noise = torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
        return mean + torch.exp(log_var / 2) * noise  # (batch, latent)

    def decode_outputs(self, z: Tensor) -> Tensor:
        """What p(x|z) is, as its likelihood takes it: (batch, pixels · outputs a pixel).

        The outputs of the Bernoulli likelihood are logits.
        """
        outputs: Tensor = self.decoder_pixels(torch.relu(self.decoder_hidden(z)))
        return outputs

    def decode(self, z: Tensor) -> Tensor:
        """The mean of p(x|z), shown as the grey levels of an image: (batch, pixels)."""
        return self.likelihood.mean(self.decode_outputs(z))

    def reconstruction(self, z: Tensor, x: Tensor) -> Tensor:
        """−log p(x|z) in nats an image, (batch,)."""
        return self.likelihood.nats(self.decode_outputs(z), x)


def kl_penalty(mean: Tensor, log_var: Tensor) -> Tensor:
    """KL(q(z|x)‖p(z)) in nats, averaged over the batch."""
    kl: Tensor = kl_standard_normal(mean, log_var, validate=False)  # (batch,)
    return kl.mean()


def no_penalty(mean: Tensor, log_var: Tensor) -> Tensor:
    """0: the model without a regulariser."""
    return mean.new_zeros(())


def report_euclidean_penalty(mean: Tensor, log_var: Tensor) -> Tensor:
    """The report's: squares averaged over dimensions, *summed* over the batch, towards log σ² = 1.

    The sum makes its pull on each mean 128 times that of `kl_penalty`, at a batch of 128.
    """
    return ((log_var - 1) ** 2).mean(-1).sum() + (mean**2).mean(-1).sum()


def euclidean_penalty(mean: Tensor, log_var: Tensor) -> Tensor:
    """Squares averaged over the batch, towards N(0, I): log σ² = 0.

    In two dimensions it pulls on each mean exactly as `kl_penalty` does: ½ Σ μ².
    """
    return (log_var**2 + mean**2).mean(-1).mean()


Penalty = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Loss:
    """Reconstruction plus `weight` times a penalty, as `kldiv.training.train` calls it.

    Parameters
    ----------
    penalty : callable (mean, log_var) -> scalar tensor
        One of the penalties above.
    weight : float
        β, its weight.
    report_scale : bool
        True: the report's reconstruction, cross-entropy *averaged* over pixels and *summed* over
        the batch; beside it a KL averaged over the batch weighs pixels / batch (784/128 = 6.125)
        times what the ELBO gives it. False: nats an image, as in the ELBO.
    """

    penalty: Penalty
    weight: float = 1.0
    report_scale: bool = False

    def __call__(self, model: VAE, x: Tensor, *, generator: torch.Generator) -> dict[str, Tensor]:
        """Terms of the loss for images x (batch, pixels): loss, reconstruction, penalty."""
        x = model.likelihood.observe(x, generator)
        mean, log_var = model.encode(x)  # q(z|x)
        z = model.sample(mean, log_var, generator)  # z ~ q(z|x)
        nats = model.reconstruction(z, x)  # −log p(x|z)
        reconstruction = nats.sum() / x.shape[-1] if self.report_scale else nats.mean()
        penalty = self.penalty(mean, log_var)
        return {
            "loss": reconstruction + self.weight * penalty,
            "reconstruction": reconstruction,
            "penalty": penalty,
        }


#: The report's three losses exactly as they were (R28, R31, R32).
REPORT_KL = Loss(kl_penalty, report_scale=True)
REPORT_NONE = Loss(no_penalty, report_scale=True)
REPORT_EUCLIDEAN = Loss(report_euclidean_penalty, report_scale=True)

#: The Euclidean penalty at KL's own weight and with KL's own target, in the report's scale.
MATCHED_EUCLIDEAN = Loss(euclidean_penalty, report_scale=True)

#: The negative evidence lower bound, in nats an image (β = 1).
ELBO = Loss(kl_penalty)
