"""One process against two under torchrun: how far the weights differ."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

SCRIPT = "benchmarks.scale.data_parallel"
ROOT = Path(__file__).resolve().parents[2]


def largest_difference(*, images: int, epochs: int, timeout: float = 120) -> float:
    """The largest difference between a weight of one process and the same weight of two."""
    settings = ["--images", str(images), "--epochs", str(epochs)]
    with tempfile.TemporaryDirectory(prefix="kldiv-") as folder:
        alone, shared = Path(folder, "1.pt"), Path(folder, "2.pt")
        _python("-m", SCRIPT, alone, *settings, timeout=timeout)
        torchrun = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone"]
        torchrun += ["--local-addr", "127.0.0.1"]
        _python(*torchrun, "-m", SCRIPT, shared, *settings, timeout=timeout)
        one, two = torch.load(alone), torch.load(shared)
    if (one["world"], two["world"]) != (1, 2):
        raise RuntimeError(
            f"trained on {one['world']} and {two['world']} processes, not on 1 and 2"
        )
    differences = [
        (weight - two["weights"][name]).abs().max().item()
        for name, weight in one["weights"].items()
    ]
    losses = zip(one["loss"], two["loss"], strict=True)
    return max(*differences, *(abs(a - b) for a, b in losses))


def _python(*arguments: str | Path, timeout: float) -> None:
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    # gloo would look up the machine's name, and talk through whatever interface that has.
    environment = os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    if sys.platform == "linux":
        environment["GLOO_SOCKET_IFNAME"] = "lo"
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        timeout=timeout,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, arguments))} failed:\n{done.stderr[-2000:]}")
