"""What a trained autoencoder is worth, measured on images it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from kldiv.gaussian import kl_standard_normal
from kldiv.vae import VAE


@torch.no_grad()
def elbo_terms(model: VAE, x: Tensor, *, seed: int = 0) -> dict[str, float]:
    """The two terms of the negative evidence lower bound, and their sum, in nats an image.

    Parameters
    ----------
    model : VAE
        However it was trained: the terms have no weights here.
    x : tensor, shape (n, pixels)
        Images, values in [0, 1].
    seed : int
        Decides the one sample z that is drawn for each image.

    Returns
    -------
    dict
        "reconstruction", the mean of −log p(x|z); "kl", the mean of KL(q(z|x)‖p(z)); and
        "negative_elbo", their sum.
    """
    mean, log_var = _in_parts(model.encode, x)
    z = model.sample(mean, log_var, torch.Generator(x.device).manual_seed(seed))
    (nats,) = _in_parts(lambda z, x: [model.reconstruction(z, x)], z, x)
    reconstruction = nats.mean().item()
    kl = kl_standard_normal(mean, log_var).mean().item()
    return {"reconstruction": reconstruction, "kl": kl, "negative_elbo": reconstruction + kl}


@torch.no_grad()
def posteriors(model: VAE, x: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of q(z|x), each (n, latent), of images x (n, pixels)."""
    mean, log_var = _in_parts(model.encode, x)
    return mean.cpu().numpy(), torch.exp(log_var / 2).cpu().numpy()


@torch.no_grad()
def latent_samples(model: VAE, x: Tensor, *, seed: int = 0) -> np.ndarray:
    """One z ~ q(z|x) for each of the images x (n, pixels): (n, latent)."""
    mean, log_var = _in_parts(model.encode, x)
    return model.sample(mean, log_var, torch.Generator(x.device).manual_seed(seed)).cpu().numpy()


@torch.no_grad()
def decode(model: VAE, z: Any) -> np.ndarray:
    """The images, values in [0, 1], that the decoder makes of points z (n, latent): (n, pixels)."""
    weight = next(model.parameters())
    z = torch.as_tensor(np.asarray(z), dtype=weight.dtype, device=weight.device)
    (images,) = _in_parts(lambda z: [model.decode(z)], z)
    return images.cpu().numpy()


def neighbour_accuracy(
    train_points: Any, train_labels: Any, test_points: Any, test_labels: Any, *, k: int = 15
) -> float:
    """Share of test points whose class is that of most of their `k` nearest training points.

    A measure of how well a space separates classes. Points are (n, dimensions), labels (n,).
    """
    from sklearn.neighbors import KNeighborsClassifier

    neighbours = KNeighborsClassifier(n_neighbors=k).fit(train_points, np.asarray(train_labels))
    return float(neighbours.score(test_points, np.asarray(test_labels)))


def _in_parts(function: Callable[..., Sequence[Tensor]], *tensors: Tensor) -> list[Tensor]:
    """What `function` returns of tensors of one length, 2,048 rows at a time.

    A convolutional model keeps hundreds of kilobytes a row while it computes.
    """
    parts = [function(*rows) for rows in zip(*(t.split(2048) for t in tensors), strict=True)]
    return [torch.cat(column) for column in zip(*parts, strict=True)]
