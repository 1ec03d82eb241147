"""Where a training step spends its time: its parts, each alone, over its five matrix products."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional

from benchmarks._measure import Comparison, Pair, Work
from benchmarks.epochs import BATCH_SIZE, LEARNING_RATE, images
from kldiv.training import train
from kldiv.vae import REPORT_KL, VAE, kl_penalty

STEPS = 200


def products() -> Work:
    """The five, on one batch."""
    x, hidden = torch.rand(BATCH_SIZE, 784), torch.rand(BATCH_SIZE, 100)
    inwards, outwards = torch.rand(100, 784), torch.rand(784, 100)

    def work() -> None:
        x @ inwards.T
        hidden @ outwards.T
        x.T @ hidden
        x @ outwards
        hidden.T @ x

    return work


def step() -> Work:
    """A whole step of the training loop, of so many that its preparations no longer count."""
    pixels = images(False)[: STEPS * BATCH_SIZE]
    return lambda: train(VAE(), REPORT_KL, pixels, epochs=1, progress=False)


def cross_entropy() -> Work:
    logits, x = torch.randn(BATCH_SIZE, 784, requires_grad=True), torch.rand(BATCH_SIZE, 784)

    def work() -> None:
        logits.grad = None
        losses = functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
        losses.sum(-1).sum().backward()

    return work


def penalty() -> Work:
    mean, log_var = (torch.randn(BATCH_SIZE, 2, requires_grad=True) for _ in range(2))

    def work() -> None:
        mean.grad = log_var.grad = None
        kl_penalty(mean, log_var).backward()

    return work


def _with_gradients() -> list[torch.nn.Parameter]:
    parameters = list(VAE().parameters())
    for parameter in parameters:
        parameter.grad = torch.rand_like(parameter)
    return parameters


def adam() -> Work:
    return torch.optim.Adam(_with_gradients(), lr=LEARNING_RATE, fused=True).step


def norm() -> Work:
    gradients = [p.grad for p in _with_gradients()]
    return lambda: torch.nn.utils.get_total_norm(gradients).item()  # type: ignore[arg-type]


def gather() -> Work:
    pixels = images(True)
    picked = torch.randperm(len(pixels), generator=torch.Generator().manual_seed(0))[:BATCH_SIZE]
    return lambda: pixels.index_select(0, picked)


PARTS: dict[str, tuple[str, Callable[[], Work], int]] = {
    "step": ("a whole step", step, STEPS),
    "cross-entropy": ("cross-entropy of 784 logits an image, and its slope", cross_entropy, 1),
    "kl": ("KL of the latent coordinates, and its slope", penalty, 1),
    "adam": ("Adam, fused", adam, 1),
    "norm": ("norm of the gradient", norm, 1),
    "gather": ("gathering the batch", gather, 1),
}


def part(make: Callable[[], Work], steps: int) -> Pair:
    one = products()

    def theirs() -> None:
        for _ in range(steps):
            one()

    return Pair(make(), theirs)


COMPARISONS = [
    Comparison(
        f"profile/{name}",
        words,
        "the five matrix products of a step",
        None,
        lambda quick, make=make, steps=steps: part(make, steps),  # type: ignore[misc]
        "https://pytorch.org/docs/stable/generated/torch.matmul.html",
        kind="within",
        limit=20,
    )
    for name, (words, make, steps) in PARTS.items()
]
