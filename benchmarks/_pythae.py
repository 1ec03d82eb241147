"""The report's VAE as pythae writes one."""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
from collections.abc import Callable

import torch
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from torch import nn

HIDDEN, LATENT = 100, 2


class Encoder(BaseEncoder):
    def __init__(self, pixels: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(pixels, HIDDEN)
        self.mean, self.log_var = nn.Linear(HIDDEN, LATENT), nn.Linear(HIDDEN, LATENT)

    def forward(self, x: torch.Tensor) -> ModelOutput:
        hidden = torch.relu(self.hidden(x))
        return ModelOutput(embedding=self.mean(hidden), log_covariance=self.log_var(hidden))


class Decoder(BaseDecoder):
    def __init__(self, pixels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(LATENT, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, pixels), nn.Sigmoid()
        )

    def forward(self, z: torch.Tensor) -> ModelOutput:
        return ModelOutput(reconstruction=self.layers(z))


def epoch(
    pixels: torch.Tensor, batch_size: int, learning_rate: float
) -> tuple[Callable[[], None], Callable[[], None]]:
    """A call that trains for one epoch, and one that removes the folder it wrote its model to."""
    folder = tempfile.TemporaryDirectory(prefix="kldiv-")
    size = pixels.shape[1]
    dataset = BaseDataset(pixels, torch.zeros(len(pixels)))

    def train() -> None:
        logging.disable(logging.INFO)  # it describes each run
        config = VAEConfig(input_dim=(size,), latent_dim=LATENT, reconstruction_loss="bce")
        trainer = BaseTrainer(
            model=VAE(config, encoder=Encoder(size), decoder=Decoder(size)),
            train_dataset=dataset,
            training_config=BaseTrainerConfig(
                output_dir=folder.name,
                num_epochs=1,
                per_device_train_batch_size=batch_size,
                learning_rate=learning_rate,
                no_cuda=True,
            ),
        )
        with contextlib.redirect_stderr(io.StringIO()):  # its progress bar
            trainer.train()
        logging.disable(logging.NOTSET)

    return train, folder.cleanup
