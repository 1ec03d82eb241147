"""What was tried to make training faster: each trial beside the book's own loop.

A ratio above 1 says that the trial is the faster. No promise is made of any: these rows are what
the verdicts in the book rest on. Each trial trains the same weights on the same batches with the
same noise, records what the loop records, and is compared with it before the clock starts.
"""

from __future__ import annotations

import functools
import shutil
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from benchmarks import _batched_seeds, _by_hand
from benchmarks._batched_seeds import GivenNoise
from benchmarks._measure import Comparison, NotInstalledError, Pair
from benchmarks._trial_loops import (
    against_the_loop,
    against_the_step,
    another_loop,
    beginning,
    optimizer_of,
    pixels,
    same,
    the_loop,
)
from benchmarks.epochs import BATCH_SIZE, LEARNING_RATE, images
from kldiv.vae import REPORT_KL, VAE, Loss, kl_penalty

SEEDS = range(4)


# --- One operation for KL -----------------------------------------------------------------------

FUSED = Loss(_by_hand.FusedKL.apply, report_scale=True)


def fused_alone(quick: bool) -> Pair:
    """The penalty and its two gradients, nothing around them."""
    mean, log_var = (
        torch.randn(BATCH_SIZE, 2, generator=torch.Generator().manual_seed(seed)).requires_grad_()
        for seed in range(2)
    )

    def gradients(penalty: Callable[[Tensor, Tensor], Tensor]) -> list[Tensor]:
        mean.grad = log_var.grad = None
        value = penalty(mean, log_var)
        value.backward()
        return [value.detach(), mean.grad, log_var.grad]  # type: ignore[list-item]

    pair = Pair(lambda: gradients(_by_hand.FusedKL.apply), lambda: gradients(kl_penalty))
    torch.testing.assert_close(pair.ours(), pair.theirs())
    return pair


# --- The backward pass by hand ------------------------------------------------------------------


def by_hand(data: Tensor) -> dict[str, float]:
    model, parameters, optimizer = beginning()

    def step(x: Tensor, generator: torch.Generator) -> list[float]:
        terms = _by_hand.backward(model, x, torch.randn(len(x), 2, generator=generator))
        norm = torch.nn.utils.get_total_norm([p.grad for p in parameters])  # type: ignore[misc]
        values: list[float] = torch.stack([*terms, norm]).tolist()
        optimizer.step()
        return values

    return another_loop(data, step)


def gradients_by_hand(quick: bool) -> Pair:
    """The row, once every gradient of a batch has been compared with autograd's."""
    x, model = pixels(quick)[:BATCH_SIZE], GivenNoise()
    noise = torch.randn(BATCH_SIZE, 2, generator=torch.Generator().manual_seed(0))
    model(x, noise)["loss"].backward()
    expected = [p.grad for p in model.parameters()]
    _by_hand.backward(model, x, noise)
    torch.testing.assert_close([p.grad for p in model.parameters()], expected)
    return against_the_step(by_hand, quick)


# --- torch.compile ------------------------------------------------------------------------------


class Compiled:
    """The model and its loss as `torch.compile` makes them; the first call compiles."""

    def __init__(self) -> None:
        if not any(map(shutil.which, ("g++", "c++", "clang++", "cl"))):
            raise NotInstalledError("a C++ compiler, for torch.compile")
        torch.compiler.reset()  # nothing is left from an earlier call
        self.model = GivenNoise()
        # The compiler stops at the book's KL, which asks what kind of array it is given.
        self.model.loss = Loss(_by_hand.penalty, report_scale=True)
        self.terms = torch.compile(self.model, dynamic=False, fullgraph=True)

    def compile(self) -> None:
        """Compile, with nothing on the disk that an earlier run has left."""
        from torch._inductor import config as inductor  # takes a second, and only this row needs it

        x, noise = torch.rand(BATCH_SIZE, 784), torch.zeros(BATCH_SIZE, 2)
        with inductor.patch(force_disable_caches=True), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it announces that its caches are off
            self.terms(x, noise)["loss"].backward()

    def epoch(self, data: Tensor) -> dict[str, float]:
        self.model.load_state_dict(VAE().state_dict())
        parameters = list(self.model.parameters())
        optimizer = optimizer_of(parameters)

        def step(x: Tensor, generator: torch.Generator) -> list[float]:
            for parameter in parameters:
                parameter.grad = None
            terms = self.terms(x, torch.randn(len(x), 2, generator=generator))
            terms["loss"].backward()
            norm = torch.nn.utils.get_total_norm([p.grad for p in parameters])
            values: list[float] = torch.stack([*terms.values(), norm]).detach().tolist()
            optimizer.step()
            return values

        return another_loop(data, step)


def compiled(quick: bool) -> Pair:
    """Compiled before the turns, as it would be before a long training."""
    made = Compiled()
    made.compile()
    return against_the_step(made.epoch, quick)


def compiling(quick: bool) -> Pair:
    """The wait for the compiler, and what could be trained meanwhile."""
    data = images(quick)
    return Pair(lambda: Compiled().compile(), lambda: the_loop(data))


# --- One flat vector ----------------------------------------------------------------------------


def flat(data: Tensor) -> dict[str, float]:
    """Weights and gradients are views into two vectors, which Adam and the norm see whole."""
    model = VAE()
    parameters = list(model.parameters())
    whole = torch.nn.Parameter(torch.cat([p.detach().flatten() for p in parameters]))
    whole.grad = torch.zeros_like(whole)
    sizes = [p.numel() for p in parameters]
    views = zip(parameters, whole.detach().split(sizes), whole.grad.split(sizes), strict=True)
    for parameter, value, gradient in views:
        parameter.data, parameter.grad = value.view_as(parameter), gradient.view_as(parameter)
    optimizer = optimizer_of([whole])

    def step(x: Tensor, generator: torch.Generator) -> list[float]:
        whole.grad.zero_()  # type: ignore[union-attr]
        terms = REPORT_KL(model, x, generator=generator)
        terms["loss"].backward()  # adds to the views
        norm = torch.linalg.vector_norm(whole.grad)  # type: ignore[arg-type]
        values: list[float] = torch.stack([*terms.values(), norm]).detach().tolist()
        optimizer.step()
        return values

    return another_loop(data, step)


# --- Several seeds at once ----------------------------------------------------------------------


def seeds_at_once(make: Callable[[range], Any], quick: bool) -> Pair:
    data = pixels(quick)

    def at_once() -> list[dict[str, float]]:
        return _batched_seeds.epoch(make, data, SEEDS, BATCH_SIZE, LEARNING_RATE)

    def in_turn() -> list[dict[str, float]]:
        return [the_loop(data, seed=seed) for seed in SEEDS]

    for found, expected in zip(at_once(), in_turn(), strict=True):
        same(found, expected)
    return Pair(at_once, in_turn)


# --- Bytes, and terms read one by one -----------------------------------------------------------


def scaled(model: VAE, x: Tensor, *, generator: torch.Generator) -> dict[str, Tensor]:
    """The loss of a batch of bytes."""
    return REPORT_KL(model, x.to(torch.float32).div_(255), generator=generator)


def bytes_gathered(quick: bool) -> Pair:
    data = pixels(quick)
    levels = (255 * data).round().to(torch.uint8)
    pair = Pair(lambda: the_loop(levels, scaled), lambda: the_loop(data))
    same(pair.ours(), pair.theirs())
    return pair


def one_by_one(data: Tensor) -> dict[str, float]:
    """The loop's own step, but for how it reads its numbers."""
    model, parameters, optimizer = beginning()

    def step(x: Tensor, generator: torch.Generator) -> list[float]:
        for parameter in parameters:
            parameter.grad = None
        terms = REPORT_KL(model, x, generator=generator)
        terms["loss"].backward()
        norm = torch.nn.utils.get_total_norm([p.grad for p in parameters])  # type: ignore[misc]
        values = [term.item() for term in (*terms.values(), norm)]
        optimizer.step()
        return values

    return another_loop(data, step)


# --- The rows -----------------------------------------------------------------------------------

LOOP = "the book's training loop"
STEP = "the book's step in the same loop"
TORCH = "https://pytorch.org/docs/stable/"
TRIALS: dict[str, tuple[str, str, Callable[[bool], Pair], str]] = {
    "kl": (
        "KL and its gradient as one operation, alone",
        "kl_penalty, alone",
        fused_alone,
        "notes/extending.html",
    ),
    "kl-loop": (
        "KL and its gradient as one operation",
        LOOP,
        lambda quick: against_the_loop(functools.partial(the_loop, loss=FUSED), quick),
        "notes/extending.html",
    ),
    "by-hand": ("the backward pass by hand", STEP, gradients_by_hand, "notes/autograd.html"),
    "compile": (
        "torch.compile of model and loss, once compiled",
        STEP,
        compiled,
        "generated/torch.compile.html",
    ),
    "flat": (
        "all parameters as one flat vector",
        STEP,
        lambda quick: against_the_step(flat, quick),
        "generated/torch.optim.Adam.html",
    ),
    "vmap": (
        "four seeds as one model, by torch.func",
        f"{LOOP}, one seed after the other",
        lambda quick: seeds_at_once(_batched_seeds.vmapped, quick),
        "func.html",
    ),
    "baddbmm": (
        "four seeds as one model, written out",
        f"{LOOP}, one seed after the other",
        lambda quick: seeds_at_once(_batched_seeds.written_out, quick),
        "generated/torch.baddbmm.html",
    ),
    "bytes": (
        "bytes gathered and scaled",
        LOOP,
        bytes_gathered,
        "generated/torch.index_select.html",
    ),
    "one-by-one": (
        "terms and norm read one by one",
        STEP,
        lambda quick: against_the_step(one_by_one, quick),
        "generated/torch.Tensor.item.html",
    ),
}

COMPARISONS = [
    Comparison(f"trial/{name}", words, against, None, prepare, TORCH + page, rounds=4, limit=30)
    for name, (words, against, prepare, page) in TRIALS.items()
] + [
    Comparison(
        "trial/compile-wait",
        "the wait for torch.compile",
        "an epoch of the book's training loop",
        None,
        compiling,
        f"{TORCH}generated/torch.compile.html",
        kind="within",
        rounds=2,
        turns=4,
        limit=45,
    )
]
