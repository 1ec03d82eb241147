"""What one run does: train a model on a data set with a seed, and measure it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from torch import Tensor

from kldiv import fashion_mnist, photographs
from kldiv.convolutional import ConvolutionalConfig, ConvolutionalVAE
from kldiv.likelihoods import Bernoulli, Likelihood, Normal
from kldiv.replication.measures import measure, pictures
from kldiv.replication.outcome import Outcome
from kldiv.training import train
from kldiv.vae import VAE, Loss, VAEConfig

LIKELIHOODS: dict[str, Callable[[], Likelihood]] = {"Bernoulli": Bernoulli, "Normal": Normal}


class Data(NamedTuple):
    """Training and test images as rows, and their classes where they have any."""

    train: Tensor
    test: Tensor
    labels: tuple[Tensor, Tensor] | None


@lru_cache(maxsize=1)
def load(name: str) -> Data:
    """The data of an experiment, kept while the process goes on with the same ones."""
    if name == "Fashion-MNIST":
        clothes = fashion_mnist.load("train"), fashion_mnist.load("test")
        labels = clothes[0].labels, clothes[1].labels
        return Data(clothes[0].pixels, clothes[1].pixels, labels)
    if name == "photographs":
        patches = photographs.load("train"), photographs.load("test")
        return Data(patches[0].images.flatten(1), patches[1].images.flatten(1), None)
    raise ValueError(f"there are no data {name!r}; expected 'Fashion-MNIST' or 'photographs'")


@dataclass(frozen=True)
class Training:
    """A model trained with a loss, and measured on the test images.

    Parameters
    ----------
    loss : Loss
        Reconstruction plus a penalty.
    learning_rate : float
        Adam's.
    epochs, batch_size : int
        Passes over the training images, and images a step.
    data : str
        "Fashion-MNIST" or "photographs".
    model : VAEConfig or ConvolutionalConfig
        The sizes, and with them the kind, of the network.
    likelihood : str
        "Bernoulli" or "Normal".
    """

    loss: Loss
    learning_rate: float
    epochs: int = 10
    batch_size: int = 128
    data: str = "Fashion-MNIST"
    model: VAEConfig | ConvolutionalConfig = field(default_factory=VAEConfig)
    likelihood: str = "Bernoulli"

    def build(self, seed: int) -> VAE:
        """The model before training."""
        likelihood = LIKELIHOODS[self.likelihood]()
        if isinstance(self.model, ConvolutionalConfig):
            return ConvolutionalVAE(self.model, seed=seed, likelihood=likelihood)
        return VAE(self.model, seed=seed, likelihood=likelihood)

    def fit(
        self, seed: int, *, device: str = "cpu", epochs: int | None = None
    ) -> tuple[VAE, dict[str, list[float]]]:
        """The model after training (all epochs, or as many as asked for), and its history."""
        model = self.build(seed)
        images = load(self.data).train
        history = train(
            model,
            self.loss,
            images,
            epochs=epochs or self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            seed=seed,
            device=device,
            progress=False,
        )
        if history.interrupted:  # half a training is none
            raise KeyboardInterrupt
        return model, {name: history[name] for name in history.last}

    def run(self, seed: int, *, device: str = "cpu") -> Outcome:
        """Train and measure."""
        model, history = self.fit(seed, device=device)
        data = load(self.data)
        train_images, test_images = (t.to(device) for t in (data.train, data.test))
        measured = measure(model, train_images, test_images, data.labels, seed=seed)
        measured |= {
            "gradient_norm_first": history["gradient_norm"][0],
            "gradient_norm_last": history["gradient_norm"][-1],
            "gradient_norm_max": max(history["gradient_norm_max"]),
            "seconds": sum(history["seconds"]),
        }
        return Outcome(measured, history, pictures(model, test_images))


def settings(experiment: Any) -> str:
    """An experiment in words, the same in every process: a row made with other ones is stale."""
    return repr(_plain(experiment))


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        parts = {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
        return {"kind": type(value).__name__} | parts
    if callable(value):
        return value.__name__
    if isinstance(value, (tuple, list)):
        return [_plain(part) for part in value]
    return value
