"""The trained autoencoders that run in the page: small enough to travel with it.

They are the first seed of the report's three losses, trained as `kldiv.replication` trains them,
with weights rounded to 16 bits. `python -m kldiv.explorers` trains them anew (two minutes).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from kldiv._repository import results
from kldiv.replication.experiments import Training
from kldiv.replication.experiments import load as load_data
from kldiv.replication.variants import VARIANTS
from kldiv.vae import VAE

FOLDER = "models"

#: By the name that the page gives them: the variant of the replication, and words.
MODELS = {
    "kl": ("report-kl", "KL"),
    "none": ("report-none", "no penalty"),
    "euclidean": ("report-euclidean", "Euclidean"),
}


def path(name: str) -> Path:
    """Where a model's weights lie."""
    if name not in MODELS:
        raise ValueError(f"there is no model {name!r}; there are {', '.join(MODELS)}")
    return results() / FOLDER / f"{name}.npz"


def load(name: str) -> VAE:
    """A model with the weights that the page has.

    Raises
    ------
    ValueError
        An unknown name.
    FileNotFoundError
        It has not been trained; the message says how.
    """
    file = path(name)
    if not file.is_file():
        raise FileNotFoundError(f"no model at {file}: `make models` trains it")
    model = _experiment(name).build(0)
    with np.load(file) as weights:
        model.load_state_dict({key: torch.from_numpy(weights[key]).float() for key in weights})
    return model.eval()


def train(name: str) -> None:
    """Train a model and keep its weights, rounded to 16 bits."""
    file = path(name)
    torch.set_num_threads(1)  # as every row of the replication was trained
    model, _ = _experiment(name).fit(0)
    weights = {key: value.numpy().astype(np.float16) for key, value in model.state_dict().items()}
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(file, **weights)


def codes(model: VAE, images: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Posterior means of the first test images, (images, 2), and their classes, (images,)."""
    data = load_data("Fashion-MNIST")
    with torch.no_grad():
        mean, _ = model.encode(data.test[:images])
    assert data.labels is not None  # Fashion-MNIST has classes
    return mean.numpy(), data.labels[1][:images].numpy()


def _experiment(name: str) -> Training:
    experiment = VARIANTS[MODELS[name][0]].experiment
    assert isinstance(experiment, Training)
    return experiment
