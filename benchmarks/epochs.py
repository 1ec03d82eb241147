"""One epoch of the report's VAE, batch 128, against other ways of training the same model.

Ours includes what the others' loops do not do: every term of the loss and the gradient's norm are
recorded at each step. The images are in memory before the clock starts, on all sides, and PyTorch
has as many threads in one loop as in the other.
"""

from __future__ import annotations

import math
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import torch

from benchmarks._measure import Comparison, NotInstalledError, Pair, Work
from kldiv import fashion_mnist
from kldiv._torchvision import datasets, transforms
from kldiv.training import train
from kldiv.vae import REPORT_KL, VAE

BATCH_SIZE, LEARNING_RATE = 128, 1e-4
QUICK = 6_000  # images

WORK = "an epoch of the VAE, batch 128"


@cache
def images(quick: bool) -> torch.Tensor:
    pixels = fashion_mnist.load("train", allow_sample=True).pixels
    return pixels[:QUICK].clone() if quick else pixels


def ours(quick: bool) -> Work:
    pixels = images(quick)
    return lambda: train(
        VAE(),
        REPORT_KL,
        pixels,
        epochs=1,
        batch_size=BATCH_SIZE,
        learning_rate=LEARNING_RATE,
        progress=False,
    )


# --- DataLoader + ToTensor ----------------------------------------------------------------------


def usual_loop(quick: bool) -> Pair:
    """`torch.utils.data.DataLoader` over torchvision's data set, as PyTorch's tutorial has it."""
    data = fashion_mnist.load("train", allow_sample=True)
    with tempfile.TemporaryDirectory(prefix="kldiv-") as folder:
        dataset = torchvision_dataset(data, folder)
    subset = torch.utils.data.Subset(dataset, range(QUICK)) if quick else dataset
    torch.testing.assert_close(subset[QUICK - 1][0].flatten(), images(quick)[QUICK - 1])

    def theirs() -> None:
        model, generator = VAE(), torch.Generator().manual_seed(0)
        optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
        loader = torch.utils.data.DataLoader(subset, batch_size=BATCH_SIZE, shuffle=True)
        total = 0.0
        for batch, _labels in loader:
            loss = REPORT_KL(model, batch.flatten(1), generator=generator)["loss"]
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        if not math.isfinite(total):
            raise FloatingPointError(f"the usual loop ended at a loss of {total}")

    return Pair(ours(quick), theirs)


def torchvision_dataset(data: fashion_mnist.FashionMNIST, folder: str) -> Any:
    """torchvision's own dataset with `ToTensor`, over the images that `data` holds."""
    # `data` have been found and verified. Written in torchvision's layout, it reads them itself.
    raw = Path(folder, "FashionMNIST", "raw")
    raw.mkdir(parents=True)
    for name, array in (("images-idx3", data.images), ("labels-idx1", data.labels)):
        header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
        content = header + array.to(torch.uint8).numpy().tobytes()
        for split in ("train", "t10k"):  # it insists on both
            (raw / f"{split}-{name}-ubyte").write_bytes(content)
    return datasets.FashionMNIST(folder, train=True, transform=transforms.ToTensor())


# --- The floor ----------------------------------------------------------------------------------


def five_products(quick: bool) -> Pair:
    """The large matrix products of each step and nothing else: no step can be faster.

    Forwards one for the encoder and one for the decoder, 784 × 100 each; backwards the weights of
    both, and the decoder's hidden layer.
    """
    pixels = images(quick)
    config = VAE().config
    inwards = torch.rand(config.hidden, config.pixels)
    outwards = torch.rand(config.pixels, config.hidden)
    hidden = torch.rand(BATCH_SIZE, config.hidden)
    slopes = torch.rand(BATCH_SIZE, config.pixels)

    def theirs() -> None:
        for start in range(0, len(pixels), BATCH_SIZE):
            x = pixels[start : start + BATCH_SIZE]
            h, d = hidden[: len(x)], slopes[: len(x)]
            x @ inwards.T
            h @ outwards.T
            d.T @ h
            d @ outwards
            h.T @ x

    return Pair(ours(quick), theirs)


# --- pythae -------------------------------------------------------------------------------------


def pythae_trainer(quick: bool) -> Pair:
    """pythae's `BaseTrainer` on its VAE with our layers, as its documentation sets one up."""
    try:
        from benchmarks import _pythae
    except ImportError as error:
        raise NotInstalledError("pip install '.[bench]' (pythae)") from error
    theirs, close = _pythae.epoch(images(quick), BATCH_SIZE, LEARNING_RATE)
    return Pair(ours(quick), theirs, close)


# --- Keras --------------------------------------------------------------------------------------


def keras_fit(quick: bool) -> Pair:
    """Keras with TensorFlow, in an environment and a process of its own."""
    from benchmarks.keras.client import Server

    server = Server(images(quick), BATCH_SIZE, LEARNING_RATE)
    return Pair(ours(quick), server.epoch, server.close)


COMPARISONS = [
    Comparison(
        "epoch/keras",
        WORK,
        "Keras, the same layers, loss and batch, own train_step",
        4,
        keras_fit,
        "https://keras.io/examples/generative/vae/",
        rounds=2,
        turns=4,
        limit=150,
    ),
    Comparison(
        "epoch/dataloader",
        WORK,
        "DataLoader + ToTensor, the same model",
        6,
        usual_loop,
        "https://pytorch.org/tutorials/beginner/basics/data_tutorial.html",
        rounds=2,
        turns=4,
        limit=120,
    ),
    Comparison(
        "epoch/products",
        WORK,
        "its five large matrix products alone",
        1.8,
        five_products,
        "https://pytorch.org/docs/stable/generated/torch.matmul.html",
        kind="within",
    ),
    Comparison(
        "epoch/pythae",
        WORK,
        "pythae's trainer, an equal MLP",
        5,
        pythae_trainer,
        "https://pythae.readthedocs.io/en/latest/trainers/pythae.trainer.html",
        rounds=2,
        turns=4,
        limit=120,
    ),
]
