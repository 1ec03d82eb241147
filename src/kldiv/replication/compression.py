"""Lossless files of the test images: by a VAE with bits back, and by general codecs."""

from __future__ import annotations

from dataclasses import dataclass

from kldiv import codecs, fashion_mnist, lossless
from kldiv.convolutional import ConvolutionalConfig
from kldiv.replication.outcome import Outcome
from kldiv.vae import VAE


@dataclass(frozen=True)
class GreyLevelCode:
    """Train a VAE over the 256 grey levels, write the test images with it, and read them back.

    The settings are repeated here so that rows made with other ones count as stale.
    """

    epochs: int = lossless.EPOCHS
    learning_rate: float = lossless.LEARNING_RATE
    model: ConvolutionalConfig = lossless.CONFIG

    def fit(
        self, seed: int, *, device: str = "cpu", epochs: int | None = None
    ) -> tuple[VAE, dict[str, list[float]]]:
        """The model after training (all epochs, or as many as asked for), and its history."""
        model, history = lossless.fit(
            seed,
            epochs=epochs or self.epochs,
            device=device,
            config=self.model,
            learning_rate=self.learning_rate,
        )
        return model, {name: history[name] for name in history.last}

    def run(self, seed: int, *, device: str = "cpu") -> Outcome:
        """Train, write, read, weigh."""
        model, history = self.fit(seed, device=device)
        measures = lossless.code(model, fashion_mnist.load("test").images, seed=seed)
        return Outcome(measures | {"seconds": sum(history["seconds"])}, history, {})


@dataclass(frozen=True)
class Codecs:
    """Bytes of all test images by each codec; one that is not installed has no measure."""

    names: tuple[str, ...] = (*codecs.STREAMS, *codecs.PICTURES)

    def run(self, seed: int, *, device: str = "cpu") -> Outcome:
        """Write with each codec, read back, count."""
        sizes = codecs.sizes(fashion_mnist.load("test").images.numpy(), self.names)
        measures = {name: float(size.bytes) for name, size in sizes.items() if size.bytes}
        return Outcome(measures | {"raw": 7_840_000.0}, {}, {})
