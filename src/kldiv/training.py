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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import partial
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from kldiv._whole_files import written_whole

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
        if self.rows and name not in self.rows[0]:
            raise KeyError(f"there is no column {name!r}; there are {', '.join(self.rows[0])}")
        return [row[name] for row in self.rows]

    def __iter__(self) -> Iterator[dict[str, float]]:
        return iter(self.rows)

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
    checkpoint: str | os.PathLike[str] | None = None,
    label: str = "training",
    progress: bool | None = None,
) -> History:
    """Train `model` in place with Adam and return its history.

    Parameters
    ----------
    model : torch.nn.Module
        Trained in place, and moved to `device`.
    loss : callable
        Called as ``loss(model, *batch, generator=...)``; returns a dict of scalar tensors.
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
        The loss or its gradient is NaN or infinite; the message names epoch and step.
    TypeError
        `loss` does not return a dict of scalar tensors with an entry "loss".

    Examples
    --------
    >>> import torch
    >>> from kldiv.training import train
    >>> x = torch.linspace(-1, 1, 64)[:, None]
    >>> model = torch.nn.Linear(1, 1)
    >>> def squared_error(model, x, y, *, generator):
    ...     return {"loss": ((model(x) - y) ** 2).mean()}
    >>> history = train(model, squared_error, [x, 3 * x], epochs=50, learning_rate=0.1, seed=0)
    >>> history["loss"][-1] < 0.1
    True
    """
    tensors = _check_arguments(data, epochs, batch_size, learning_rate, seed)
    device = torch.device(device)
    model.to(device)
    tensors = [tensor.to(device) for tensor in tensors]
    rows = len(tensors[0])
    order = torch.Generator().manual_seed(seed)
    noise = torch.Generator(device).manual_seed(seed + 1)
    parameters = list(model.parameters())  # once: a step would feel the walk through the modules
    optimizer = torch.optim.Adam(parameters, lr=float(learning_rate), fused=True)
    run = _Run(model, optimizer, order, noise, History())
    settings = {
        "batch_size": int(batch_size),
        "learning_rate": float(learning_rate),
        "seed": int(seed),
        "rows": rows,
        "loss": _name(loss),
    }
    if checkpoint is not None and Path(checkpoint).exists():
        run.load(Path(checkpoint), settings)

    history = run.history
    if len(history) > epochs:
        raise ValueError(f"{checkpoint} has {len(history)} epochs already; {epochs} were asked for")
    steps = math.ceil(rows / batch_size)
    model.train()
    with _bar(rows * epochs, label, progress) as bar:
        bar.update(rows * len(history))
        try:
            for epoch in range(len(history) + 1, epochs + 1):
                meter = _Meter()
                permutation = torch.randperm(rows, generator=order).to(device)
                for step, picked in enumerate(permutation.split(batch_size), start=1):
                    batch = [tensor.index_select(0, picked) for tensor in tensors]
                    place = f"epoch {epoch}, step {step} of {steps}"
                    terms = loss(model, *batch, generator=noise)
                    meter.add(_step(terms, parameters, optimizer, place))
                    bar.update(len(picked))
                history.rows.append(meter.row())
                bar.set_postfix(epoch=f"{epoch}/{epochs}", loss=f"{history.last['loss']:.2f}")
                if checkpoint is not None:
                    run.save(Path(checkpoint), settings)
        except KeyboardInterrupt:
            history.interrupted = True
    model.eval()
    return history


def _step(
    terms: dict[str, Tensor],
    parameters: list[nn.Parameter],
    optimizer: torch.optim.Optimizer,
    place: str,
) -> dict[str, float]:
    """One step of the optimiser. Returns the terms of the loss and the gradient's norm."""
    if not isinstance(terms, dict) or "loss" not in terms:
        raise TypeError(f'loss must return a dict with an entry "loss"; got {type(terms).__name__}')
    for name, term in terms.items():
        if not isinstance(term, Tensor) or term.ndim != 0:
            raise TypeError(f"loss must return scalar tensors; {name!r} is {term!r}")
    for parameter in parameters:
        parameter.grad = None
    terms["loss"].backward()
    norm = torch.nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])
    # Read at once: each number fetched alone would wait for the device.
    numbers = [term.detach().to(norm.device) for term in terms.values()] + [norm]
    values = dict(zip([*terms, "gradient_norm"], torch.stack(numbers).tolist(), strict=True))
    for name, words in (("loss", "loss"), ("gradient_norm", "norm of the gradient")):
        if not math.isfinite(values[name]):
            raise FloatingPointError(
                f"the {words} is {values[name]} at {place}: "
                "try a smaller learning rate, or look for NaN in the data"
            )
    optimizer.step()
    return values


class _Meter:
    """Means over an epoch's steps."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.steps: list[dict[str, float]] = []

    def add(self, values: dict[str, float]) -> None:
        self.steps.append(values)

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
        with written_whole(path) as unfinished:
            torch.save(state, unfinished)

    def load(self, path: Path, settings: dict[str, Any]) -> None:
        damaged = f"{path} is not a checkpoint of this loop, or is damaged"
        try:
            state = torch.load(path, weights_only=True)
            found = dict(state["settings"])
        except Exception as error:
            raise ValueError(damaged) from error
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
        except Exception as error:
            raise ValueError(damaged) from error
        try:
            self.optimizer.load_state_dict(state["optimizer"])
            self.order.set_state(state["order"])
            self.noise.set_state(state["noise"])
            self.history.rows = list(state["history"])
        except Exception as error:
            raise ValueError(damaged) from error


def _check_arguments(
    data: Tensor | Sequence[Tensor], epochs: int, batch_size: int, learning_rate: float, seed: int
) -> list[Tensor]:
    for name, value, least in (
        ("epochs", epochs, 1),
        ("batch_size", batch_size, 1),
        ("seed", seed, 0),
    ):
        if not isinstance(value, (int, Integral)) or value < least:
            raise ValueError(f"{name} must be an integer of at least {least}; got {value!r}")
    if not isinstance(learning_rate, (float, Real)) or not 0 < learning_rate < math.inf:
        raise ValueError(f"learning_rate must be positive and finite; got {learning_rate!r}")
    tensors = [data] if isinstance(data, Tensor) else data
    if not isinstance(tensors, (list, tuple)) or not all(isinstance(t, Tensor) for t in tensors):
        raise ValueError(
            f"data must be a tensor or a sequence of tensors; got {type(data).__name__}"
        )
    shapes = [tuple(tensor.shape) for tensor in tensors]
    lengths = {shape[:1] for shape in shapes}
    if len(lengths) != 1 or lengths & {(), (0,)}:
        raise ValueError(f"data must be tensors of one length, not empty; got shapes {shapes}")
    return list(tensors)


def _name(loss: Any) -> str:
    """A name for a loss, with its settings, that is the same in the process that resumes."""
    if isinstance(loss, partial):
        arguments = [*map(_name, loss.args), *(f"{k}={_name(v)}" for k, v in loss.keywords.items())]
        return f"partial({_name(loss.func)}, {', '.join(arguments)})"
    if hasattr(loss, "__qualname__"):
        return str(loss.__qualname__)
    if is_dataclass(loss):
        values = (f"{f.name}={_name(getattr(loss, f.name))}" for f in fields(loss))
        return f"{type(loss).__qualname__}({', '.join(values)})"
    return repr(loss) if isinstance(loss, (Real, str)) else type(loss).__qualname__


def _bar(total: int, label: str, progress: bool | None) -> tqdm:
    """A progress bar that leaves nothing behind when it is done."""
    if progress is None:
        # JupyterLab names the notebook it runs in JPY_SESSION_NAME; executors do not.
        progress = sys.stderr.isatty() or "JPY_SESSION_NAME" in os.environ
    bar: tqdm = tqdm(
        total=total,
        desc=label,
        unit=" images",
        unit_scale=True,
        leave=False,
        disable=not progress,
        mininterval=0.5,
    )
    return bar
