"""The memory of a training, as the system counts it: a process of its own for each size."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from benchmarks._measure import NotInstalledError, Work

_SCRIPT = """
import sys, torch
from pathlib import Path
from kldiv.training import train
from kldiv.vae import REPORT_KL, VAE
def kilobytes(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))
torch.set_num_threads(1)
train(VAE(), REPORT_KL, torch.rand(256, 784), epochs=1, progress=False)
Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
before = kilobytes("VmRSS")
data = torch.rand(int(sys.argv[1]), 784)
train(VAE(), REPORT_KL, data, epochs=1, batch_size=1024, progress=False)
print(1024 * (kilobytes("VmHWM") - before))
"""


def of_training(images: int) -> Work:
    """A call that returns the bytes that an epoch on so many images adds, the images included."""
    if sys.platform != "linux":
        raise NotInstalledError("only Linux tells a process's largest memory from a moment on")

    def measure() -> int:
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT, str(images)], check=True, capture_output=True, text=True
        )
        return int(done.stdout)

    return measure


def call(work: Work) -> Any:
    return work()
