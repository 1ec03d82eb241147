"""One training loop for every model of the book.

The data are tensors in memory, gathered a batch at a time: no per-image Python. Randomness comes
from the seed alone, so two runs on one machine with the same number of threads agree to the last
digit.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

LossFunction = Callable[..., dict[str, Tensor]]


@dataclass
class History:
    """What a training run measured: one row an epoch.

    Each row holds the means over the epoch's steps of the loss and its terms, of the gradient's
    Euclidean norm (`gradient_norm`) and its largest value (`gradient_norm_max`), and the epoch's
    wall time in seconds (`seconds`).
    """

    rows: list[dict[str, float]] = field(default_factory=list)
    interrupted: bool = False

    def __getitem__(self, name: str) -> list[float]:
        """One column: a value an epoch."""
        return [row[name] for row in self.rows]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def last(self) -> dict[str, float]:
        """The last finished epoch's row."""
        if not self.rows:
            raise ValueError("no epoch was finished")
        return self.rows[-1]


def train(
    model: nn.Module,
    loss: LossFunction,
    data: Tensor | Sequence[Tensor],
    *,
    epochs: int,
    batch_size: int = 128,
    learning_rate: float = 1e-3,
    seed: int = 0,
    device: str | torch.device = "cpu",
    checkpoint: str | os.PathLike | None = None,
    label: str = "training",
    progress: bool | None = None,
) -> History:
    """Train `model` in place with Adam and return its history.

    Parameters
    ----------
    model : torch.nn.Module
        Trained in place, and moved to `device`.
    loss : callable (model, *batch, generator=...) -> dict of scalar tensors
        Its entry "loss" is minimised; the others are logged.
    data : tensor or sequence of tensors, each (n, ...)
        Inputs, and labels where there are any; rows are shuffled together each epoch.
    epochs, batch_size : int
        Passes over the data, and rows a step; the last step of an epoch takes what is left.
    learning_rate : float
        Adam's.
    seed : int
        Decides the order of the rows and the noise that `loss` draws.
    device : str or torch.device
        Where to compute: "cpu", "cuda", …
    checkpoint : path, optional
        Written after each epoch. If it exists the run goes on from it, and ends as if it had
        never stopped.
    label : str
        Shown before the progress bar.
    progress : bool, optional
        Show a progress bar. Default: in a terminal and in JupyterLab, not when a notebook is
        executed for its stored outputs.

    Returns
    -------
    History
        One row an epoch. Ctrl-C ends the run early: the model keeps the weights it has, the
        history its finished epochs, and `history.interrupted` is true.

    Raises
    ------
    ValueError
        Arguments out of range, tensors of different lengths, a checkpoint of another run.
    FloatingPointError
        The loss is NaN or infinite; the message names epoch and step.
    """
    tensors = _check_arguments(data, epochs, batch_size, learning_rate)
    device = torch.device(device)
    model.to(device)
    tensors = [tensor.to(device) for tensor in tensors]
    rows = len(tensors[0])
    order = torch.Generator().manual_seed(seed)
    noise = torch.Generator(device).manual_seed(seed + 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, fused=True)
    run = _Run(model, optimizer, order, noise, History())
    settings = {
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "seed": seed,
        "rows": rows,
        "loss": _name(loss),
    }
    if checkpoint is not None and Path(checkpoint).exists():
        run.load(Path(checkpoint), settings)

    history = run.history
    steps = math.ceil(rows / batch_size)
    model.train()
    with _bar(rows * epochs, label, progress) as bar:
        bar.update(rows * len(history))
        try:
            for epoch in range(len(history) + 1, epochs + 1):
                meter = _Meter()
                permutation = torch.randperm(rows, generator=order).to(device)
                for step in range(1, steps + 1):
                    picked = permutation[(step - 1) * batch_size : step * batch_size]
                    batch = [tensor[picked] for tensor in tensors]
                    terms = loss(model, *batch, generator=noise)
                    value = terms["loss"].item()
                    if not math.isfinite(value):
                        raise FloatingPointError(
                            f"the loss is {value} at epoch {epoch}, step {step} of {steps}: "
                            "try a smaller learning rate, or look for NaN in the data"
                        )
                    optimizer.zero_grad()
                    terms["loss"].backward()
                    meter.add(terms, _gradient_norm(model))
                    optimizer.step()
                    bar.update(len(picked))
                history.rows.append(meter.row())
                bar.set_postfix(epoch=f"{epoch}/{epochs}", loss=f"{history.last['loss']:.2f}")
                if checkpoint is not None:
                    run.save(Path(checkpoint), settings)
        except KeyboardInterrupt:
            history.interrupted = True
    model.eval()
    return history


class _Meter:
    """Means over an epoch's steps."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.steps: list[dict[str, float]] = []

    def add(self, terms: dict[str, Tensor], gradient_norm: float) -> None:
        values = {name: term.item() for name, term in terms.items()}
        self.steps.append(values | {"gradient_norm": gradient_norm})

    def row(self) -> dict[str, float]:
        columns = {name: [step[name] for step in self.steps] for name in self.steps[0]}
        means = {name: math.fsum(column) / len(column) for name, column in columns.items()}
        return means | {
            "gradient_norm_max": max(columns["gradient_norm"]),
            "seconds": time.perf_counter() - self.started,
        }


@dataclass
class _Run:
    """Everything that the next epoch depends on; saved and loaded as one."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    order: torch.Generator
    noise: torch.Generator
    history: History

    def save(self, path: Path, settings: dict[str, Any]) -> None:
        state = {
            "settings": settings,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "order": self.order.get_state(),
            "noise": self.noise.get_state(),
            "history": self.history.rows,
        }
        # Killed while writing, a run must find the last whole checkpoint again.
        partial = path.with_name(path.name + ".partial")
        torch.save(state, partial)
        os.replace(partial, path)

    def load(self, path: Path, settings: dict[str, Any]) -> None:
        try:
            state = torch.load(path, weights_only=True)
            found = state["settings"]
        except Exception as error:
            raise ValueError(f"{path} is not a checkpoint of this loop, or is damaged") from error
        if found != settings:
            other = ", ".join(
                f"{name} {found.get(name)!r} there, {settings[name]!r} here"
                for name in settings
                if found.get(name) != settings[name]
            )
            raise ValueError(f"{path} is a checkpoint of another run: {other}")
        try:
            self.model.load_state_dict(state["model"])
        except RuntimeError as error:
            raise ValueError(f"{path} is a checkpoint of another model: {error}") from error
        self.optimizer.load_state_dict(state["optimizer"])
        self.order.set_state(state["order"])
        self.noise.set_state(state["noise"])
        self.history.rows = state["history"]


def _check_arguments(
    data: Tensor | Sequence[Tensor], epochs: int, batch_size: int, learning_rate: float
) -> list[Tensor]:
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"{name} must be a positive integer; got {value!r}")
    if not learning_rate > 0 or not math.isfinite(learning_rate):
        raise ValueError(f"learning_rate must be positive and finite; got {learning_rate!r}")
    tensors = [data] if isinstance(data, Tensor) else list(data)
    shapes = [tuple(tensor.shape) for tensor in tensors]
    lengths = {shape[:1] for shape in shapes}
    if len(lengths) != 1 or lengths & {(), (0,)}:
        raise ValueError(f"data must be tensors of one length, not empty; got shapes {shapes}")
    return tensors


def _gradient_norm(model: nn.Module) -> float:
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    return torch.nn.utils.get_total_norm(gradients).item()


def _name(loss: LossFunction) -> str:
    """A name for a loss that is the same in the process that resumes."""
    return getattr(loss, "__qualname__", None) or f"{type(loss).__qualname__}({_fields(loss)})"


def _fields(loss: LossFunction) -> str:
    values = {k: getattr(v, "__qualname__", v) for k, v in vars(loss).items()}
    return ", ".join(f"{name}={value}" for name, value in values.items())


def _bar(total: int, label: str, progress: bool | None) -> tqdm:
    """A progress bar that leaves nothing behind when it is done."""
    if progress is None:
        # JupyterLab names the notebook it runs in JPY_SESSION_NAME; executors do not.
        progress = sys.stderr.isatty() or "JPY_SESSION_NAME" in os.environ
    return tqdm(
        total=total,
        desc=label,
        unit=" images",
        unit_scale=True,
        leave=False,
        disable=not progress,
        mininterval=0.5,
    )
