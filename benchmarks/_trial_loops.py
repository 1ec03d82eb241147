"""The loops of the trials: the book's own, and one that takes another step, held to each other."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from benchmarks._batched_seeds import RECORDED
from benchmarks._measure import Pair
from benchmarks.epochs import BATCH_SIZE, LEARNING_RATE, images
from kldiv import training
from kldiv.training import train
from kldiv.vae import REPORT_KL, VAE

STEPS, QUICK_STEPS = 100, 4
#: Relative difference of an epoch's means from the loop's: single precision, summed otherwise.
TOLERANCE = 1e-4

#: One step: images and the noise's generator to what is recorded of it, RECORDED's values.
Step = Callable[[Tensor, torch.Generator], list[float]]


def pixels(quick: bool) -> Tensor:
    """Whole batches: what is compiled is compiled for one size."""
    return images(quick)[: (QUICK_STEPS if quick else STEPS) * BATCH_SIZE]


def the_loop(
    data: Tensor, loss: Callable[..., dict[str, Tensor]] = REPORT_KL, seed: int = 0
) -> dict[str, float]:
    """An epoch of the book's loop; its means."""
    return train(
        VAE(seed=seed),
        loss,
        data,
        epochs=1,
        batch_size=BATCH_SIZE,
        learning_rate=LEARNING_RATE,
        seed=seed,
        progress=False,
    ).last


def another_loop(data: Tensor, step: Step) -> dict[str, float]:
    """The same epoch around another step: its order of images, its noise, its records."""
    order, noise = torch.Generator().manual_seed(0), torch.Generator().manual_seed(1)
    steps = []
    for picked in torch.randperm(len(data), generator=order).split(BATCH_SIZE):
        values = step(data.index_select(0, picked), noise)
        if not all(map(math.isfinite, values)):
            raise FloatingPointError(f"a loss or a gradient is not finite: {values}")
        steps.append(values)
    columns = zip(*steps, strict=True)
    return {n: math.fsum(c) / len(c) for n, c in zip(RECORDED, columns, strict=True)}


def the_step(data: Tensor) -> dict[str, float]:
    """The book's own step in this loop: what another step is compared with."""
    model, parameters, optimizer = beginning()

    def step(x: Tensor, generator: torch.Generator) -> list[float]:
        terms = REPORT_KL(model, x, generator=generator)
        return list(training._step(terms, parameters, optimizer, "a trial").values())

    return another_loop(data, step)


Epoch = Callable[[Tensor], dict[str, float]]


def against_the_loop(trial: Epoch, quick: bool) -> Pair:
    """A trial within the book's loop, beside that loop as it is."""
    data = pixels(quick)
    same(trial(data), the_loop(data))
    return Pair(lambda: trial(data), lambda: the_loop(data))


def against_the_step(trial: Epoch, quick: bool) -> Pair:
    """A trial with a step of its own, beside the book's step: the loop around both is one."""
    data = pixels(quick)
    same(trial(data), the_loop(data))
    same(the_step(data), the_loop(data))
    return Pair(lambda: trial(data), lambda: the_step(data))


def same(found: dict[str, float], expected: dict[str, float]) -> None:
    for name in RECORDED:
        if not math.isclose(found[name], expected[name], rel_tol=TOLERANCE):
            raise AssertionError(
                f"the trial's {name} is {found[name]}, that of the loop {expected[name]}"
            )


def optimizer_of(parameters: list[torch.nn.Parameter]) -> torch.optim.Optimizer:
    return torch.optim.Adam(parameters, lr=LEARNING_RATE, fused=True)


def beginning() -> tuple[VAE, list[torch.nn.Parameter], torch.optim.Optimizer]:
    """The model that every trial trains, what it trains of it, and with what."""
    model = VAE()
    parameters = list(model.parameters())
    return model, parameters, optimizer_of(parameters)
