"""Images per second: the book's training loop against the usual DataLoader loop.

Both sides train the report's variational autoencoder (784-100-(2+2), 2-100-784) for one epoch
with the same loss, learning rate, batch size and images:

- `kldiv.training.train`: the images are one tensor in memory, a batch is one gather. Its time
  includes what the usual loop does not do: logging every term and the gradient's norm.
- the usual loop: `torch.utils.data.DataLoader` over `torchvision.datasets.FashionMNIST` with
  `ToTensor`, shuffled, in the main process (its default) or with `--workers`. It gets Adam as
  tutorials write it, or with `--adam fused` the faster one that `train` uses.

They take turns in one process, so that whatever else the machine does falls on both. Shown are
the median and the range of each, and of the ratio within each turn. Reading the images from disk
is left out on both sides. The exit status is 1 if the median ratio is below `--require`.

    python benchmarks/training_throughput.py             # all 60,000 images, 7 turns
    python benchmarks/training_throughput.py --quick     # 6,000 images, 3 turns
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy
import torch

from kldiv import fashion_mnist
from kldiv._torchvision import datasets, transforms
from kldiv.training import train
from kldiv.vae import REPORT_KL, VAE

BATCH_SIZE = 128
LEARNING_RATE = 1e-4


def book_loop(pixels: torch.Tensor) -> None:
    """One epoch as the chapters run it."""
    train(
        VAE(),
        REPORT_KL,
        pixels,
        epochs=1,
        batch_size=BATCH_SIZE,
        learning_rate=LEARNING_RATE,
        progress=False,
    )


def usual_loop(dataset: torch.utils.data.Dataset, workers: int, fused: bool) -> None:
    """One epoch as tutorials write it."""
    model, generator = VAE(), torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=fused)
    loader = torch.utils.data.DataLoader(
        dataset, batch_size=BATCH_SIZE, shuffle=True, num_workers=workers
    )
    total = 0.0
    for images, _labels in loader:
        loss = REPORT_KL(model, images.flatten(1), generator=generator)["loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    if not total < float("inf"):
        raise FloatingPointError(f"the usual loop ended at a loss of {total}")


def torchvision_dataset(data: fashion_mnist.FashionMNIST, folder: str) -> torch.utils.data.Dataset:
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


def seconds(function: Callable[..., None], *arguments: object) -> float:
    started = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - started


def spread(values: list[float], form: str) -> str:
    low, middle, high = (
        f"{v:{form}}" for v in (min(values), statistics.median(values), max(values))
    )
    return f"{middle:>8}   ({low} to {high})"


def machine() -> str:
    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), model)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{model}, {cores} cores, {torch.get_num_threads()} PyTorch threads, {platform.system()}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="6,000 images and 3 turns")
    parser.add_argument("--turns", type=int, help="how often each loop runs (default 7)")
    parser.add_argument("--workers", type=int, default=0, help="processes of the DataLoader")
    parser.add_argument(
        "--adam",
        choices=("fused", "default"),
        default="default",
        help="the usual loop's implementation of Adam: the one that tutorials write, or ours",
    )
    parser.add_argument("--threads", type=int, help="threads of PyTorch (default: its own)")
    parser.add_argument("--require", type=float, default=3.0, help="the ratio to reach")
    options = parser.parse_args(arguments)
    turns = options.turns or (3 if options.quick else 7)
    if turns < 1:
        parser.error(f"--turns must be at least 1; got {turns}")
    if options.threads:
        torch.set_num_threads(options.threads)

    setting = options.workers, options.adam == "fused"
    data = fashion_mnist.load("train")
    with tempfile.TemporaryDirectory(prefix="kldiv-") as folder:
        dataset = torchvision_dataset(data, folder)
    pixels = data.pixels
    if options.quick:
        pixels, dataset = pixels[:6_000], torch.utils.data.Subset(dataset, range(6_000))
    images = len(pixels)
    torch.testing.assert_close(dataset[images - 1][0].flatten(), pixels[images - 1])

    print(
        f"{images:,} images, batches of {BATCH_SIZE}, one epoch a turn, {turns} turns; "
        f"usual loop: {options.workers} workers, {options.adam} Adam"
    )
    print(
        f"{machine()}\nPython {platform.python_version()}, PyTorch {torch.__version__}, "
        f"NumPy {numpy.__version__}\n"
    )
    book_loop(pixels[:1_280])  # the first steps of a process are slow
    usual_loop(torch.utils.data.Subset(dataset, range(1_280)), *setting)
    book, usual = [], []
    for turn in range(1, turns + 1):
        book.append(images / seconds(book_loop, pixels))
        usual.append(images / seconds(usual_loop, dataset, *setting))
        print(f"turn {turn}: {book[-1]:>9,.0f} against {usual[-1]:>9,.0f} images/s", flush=True)
    ratios = [b / u for b, u in zip(book, usual, strict=True)]
    print("\nimages a second: median (range)")
    print(f"  kldiv.training.train    {spread(book, ',.0f')}")
    print(f"  DataLoader + ToTensor   {spread(usual, ',.0f')}")
    print(f"  ratio                   {spread(ratios, '.2f')}")
    reached = statistics.median(ratios) >= options.require
    print(f"\n{'reached' if reached else 'MISSED'}: at least {options.require:g} times as many")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
