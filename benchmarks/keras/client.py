"""A Keras process that trains for an epoch when it is told to, so that turns can alternate."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks._measure import NotInstalledError

#: Where the environment is; the variable KLDIV_KERAS names another.
ENVIRONMENT = Path(
    os.environ.get("KLDIV_KERAS", Path(__file__).resolve().parents[2] / ".venv-keras")
)


def interpreter() -> Path:
    """Python in that environment."""
    folder = "Scripts" if sys.platform == "win32" else "bin"
    return ENVIRONMENT / folder / "python"


class Server:
    """The process; its `epoch` returns when Keras has finished one."""

    def __init__(self, pixels: torch.Tensor, batch_size: int, learning_rate: float) -> None:
        if not interpreter().exists():
            raise NotInstalledError("python -m benchmarks.keras makes its environment")
        self.folder = tempfile.TemporaryDirectory(prefix="kldiv-")
        path = Path(self.folder.name, "pixels.npy")
        np.save(path, pixels.numpy())
        script = Path(__file__).with_name("server.py")
        threads = str(torch.get_num_threads())
        self.process = subprocess.Popen(
            [interpreter(), script, path, str(batch_size), str(learning_rate), threads],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
            text=True,
        )
        self.versions = self._answer()

    def epoch(self) -> None:
        """One epoch, of a model that is built anew, as ours is."""
        assert self.process.stdin is not None
        self.process.stdin.write("epoch\n")
        self.process.stdin.flush()
        loss = self._answer()["loss"]
        if not np.isfinite(loss):
            raise FloatingPointError(f"Keras ended at a loss of {loss}")

    def close(self) -> None:
        """End the process."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.folder.cleanup()

    def _answer(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"Keras ended with status {self.process.wait()}")
        return json.loads(line)
