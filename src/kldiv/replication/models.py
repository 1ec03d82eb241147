"""Trained models of the replication: the first seed of the variants whose pictures the book shows.

Their weights are stored, rounded to 16 bits. `make models` trains them anew, as
`kldiv.replication` trains them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from kldiv._repository import results
from kldiv._whole_files import written_whole
from kldiv.replication.experiments import Training
from kldiv.replication.variants import VARIANTS
from kldiv.vae import VAE

STORED = ("report-kl", "report-none", "report-euclidean", "matched-report", "elbo-1e-3")


def path(variant: str) -> Path:
    """Where a variant's weights lie.

    Raises
    ------
    ValueError
        A variant whose model is not stored; the message lists those that are.
    """
    if variant not in STORED:
        raise ValueError(f"there is no model {variant!r}; there are {', '.join(STORED)}")
    return results() / "models" / f"{variant}.npz"


def trained(variant: str) -> VAE:
    """A variant's model after its ten epochs with seed 0.

    Parameters
    ----------
    variant : str
        One of `STORED`, as `kldiv.replication.VARIANTS` describes them.

    Returns
    -------
    VAE
        With weights in single precision that were stored in half.

    Raises
    ------
    ValueError
        A variant whose model is not stored.
    FileNotFoundError
        It has not been trained; the message says how.

    Examples
    --------
    >>> from kldiv.replication.models import trained
    >>> trained("report-kl").config.latent
    2
    """
    file = path(variant)
    if not file.is_file():
        raise FileNotFoundError(f"no model at {file}: `make models` trains it")
    model = _experiment(variant).build(0)
    with np.load(file) as weights:
        model.load_state_dict({key: torch.from_numpy(weights[key]).float() for key in weights})
    return model.eval()


def train(variant: str) -> None:
    """Train a variant with seed 0, and store its weights."""
    file = path(variant)
    torch.set_num_threads(1)  # as every row of the replication was trained
    model, _ = _experiment(variant).fit(0)
    weights = {key: value.numpy().astype(np.float16) for key, value in model.state_dict().items()}
    with written_whole(file) as unfinished, unfinished.open("wb") as opened:
        np.savez_compressed(opened, **weights)  # of a path it would ask for its own suffix


def _experiment(variant: str) -> Training:
    experiment = VARIANTS[variant].experiment
    assert isinstance(experiment, Training)
    return experiment


def main() -> None:
    """Train them all."""
    for variant in tqdm(STORED, "models", file=sys.stderr, disable=None):
        train(variant)
        print(f"written: {path(variant)}")


if __name__ == "__main__":
    main()
