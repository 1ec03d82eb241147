"""Experiments that take no time, for the tests of the replication, and a command line over them.

``python replication_fakes.py FOLDER ARGUMENTS...`` is ``python -m kldiv.replication ARGUMENTS...``
with them in place of the book's variants; FOLDER notes every execution.
"""

import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kldiv.replication.__main__ import main
from kldiv.replication.experiments import Outcome, Training
from kldiv.replication.variants import VARIANTS, Run, Variant
from kldiv.vae import ELBO, VAEConfig


@dataclass(frozen=True)
class Quick:
    """Yields numbers that depend on the seed, and leaves a file in `folder` an execution."""

    folder: str
    name: str = "quick"
    seconds: float = 0.0

    def run(self, seed, *, device="cpu"):
        note(self.folder, f"{self.name}:{seed}")
        time.sleep(self.seconds)
        values = np.random.default_rng(seed).standard_normal(3)
        levels = np.random.default_rng(seed).random((2, 9))
        measures = {"nll": values[0], "kl": float("inf"), "rmse": float("nan")}
        return Outcome(measures, {"loss": list(values)}, {"test": levels})


@dataclass(frozen=True)
class Raises:
    """Cannot be done."""

    folder: str

    def run(self, seed, *, device="cpu"):
        note(self.folder, f"raises:{seed}")
        raise ZeroDivisionError(f"seed {seed} of all seeds")


@dataclass(frozen=True)
class Dies:
    """Takes its process with it: the first `times` times, of all seeds together."""

    folder: str
    times: int
    by: str = "exit"

    def run(self, seed, *, device="cpu"):
        note(self.folder, f"dies:{seed}")
        if any(map(self.first_to_claim, range(self.times))):
            if self.by == "exit":
                os._exit(3)
            os.kill(os.getpid(), signal.SIGKILL)
        return Outcome({"nll": float(seed)}, {}, {})

    def first_to_claim(self, death):
        """Whether no other process claimed this death: several start at the same moment."""
        try:
            Path(self.folder, f"death {death}").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


@dataclass(frozen=True)
class Threads:
    """How many threads PyTorch has, and where."""

    def run(self, seed, *, device="cpu"):
        import torch

        threads = torch.get_num_threads()
        return Outcome({"threads": threads, "pid": os.getpid() % 1e5}, {"device": []}, {})


@dataclass(frozen=True)
class TinyTraining(Training):
    """A VAE of a few weights on a few images: `Training` but for the data and the measures."""

    def run(self, seed, *, device="cpu"):
        import torch

        from kldiv.training import train

        model = self.build(seed)
        x = torch.rand(40, self.model.pixels, generator=torch.Generator().manual_seed(9))
        history = train(model, self.loss, x, epochs=2, batch_size=8, seed=seed, progress=False)
        columns = {name: history[name] for name in ("loss", "reconstruction", "penalty")}
        return Outcome({"nll": columns["loss"][-1]}, columns, {})


TINY = TinyTraining(ELBO, 1e-2, model=VAEConfig(pixels=9, hidden=4))


def note(folder, name):
    """Leave a file that says that this run was started once more."""
    path = Path(folder) / f"{name} {os.getpid()} {time.time_ns()}"
    path.touch(exist_ok=False)


def executions(folder, name=""):
    """How often runs whose names begin so were started."""
    return len(list(Path(folder).glob(f"{name} *" if name else "*")))


def variant(name, experiment, *, seeds=1, cost=1.0):
    return Variant(name, f"study of {name}", f"words of {name}", experiment, seeds, cost)


def runs_of(*variants):
    return [Run(kind, seed) for kind in variants for seed in range(kind.seeds)]


def replace_variants(*variants):
    """These variants are all there are, in this process."""
    VARIANTS.clear()
    VARIANTS.update({kind.name: kind for kind in variants})


def command_line(folder, seconds=0.1):
    """What the tests run from the command line."""
    return [
        variant("first", Quick(folder, "first", seconds), seeds=6),
        variant("second", Quick(folder, "second", seconds), seeds=6),
        variant("raises", Raises(folder)),
    ]


def comparable(row, folder=""):
    """A row without what differs from run to run; `folder` is that of the executions."""
    made_with = {
        name: value
        for name, value in row["made_with"].items()
        if name not in ("seconds", "finished", "commit")
    }
    return row | {"made_with": made_with, "settings": row["settings"].replace(str(folder), "")}


if __name__ == "__main__":
    folder, *arguments = sys.argv[1:]
    import replication_fakes as importable  # workers find the classes by this name

    replace_variants(*importable.command_line(folder))
    sys.exit(main(arguments))
