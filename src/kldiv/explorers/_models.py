"""The trained autoencoders that run in the page: small enough to travel with it."""

from __future__ import annotations

import numpy as np
import torch

from kldiv.replication import models
from kldiv.replication.experiments import load as load_data
from kldiv.vae import VAE

#: By the name that the page gives them: the variant of the replication, and words.
MODELS = {
    "kl": ("report-kl", "KL"),
    "none": ("report-none", "no penalty"),
    "euclidean": ("report-euclidean", "Euclidean"),
}


def load(name: str) -> VAE:
    """A model with the weights that the page has."""
    return models.trained(MODELS[name][0])


def codes(model: VAE, images: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Posterior means of the first test images, (images, 2), and their classes, (images,)."""
    data = load_data("Fashion-MNIST")
    with torch.no_grad():
        mean, _ = model.encode(data.test[:images])
    assert data.labels is not None  # Fashion-MNIST has classes
    return mean.numpy(), data.labels[1][:images].numpy()
