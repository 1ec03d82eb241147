"""What torchvision does with Fashion-MNIST: it downloads the files, and reads them into tensors.

Both happen in a temporary folder. Whatever interrupts a download leaves its half-made files there,
where nobody looks for data; only whole, verified files move on into the cache.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kldiv import _idx

if TYPE_CHECKING:
    import torch

STALL_SECONDS = 10.0  # a download that receives nothing for this long has failed


def read(contents: dict[str, bytes], split: str) -> tuple[torch.Tensor, torch.Tensor]:
    """The images, uint8 (n, 28, 28), and labels, int64 (n,), of one split."""
    from kldiv._torchvision import datasets

    # torchvision reads unpacked files only. It gets a copy of the very bytes that were verified.
    with tempfile.TemporaryDirectory(prefix="kldiv-") as folder:
        raw = Path(folder, "FashionMNIST", "raw")
        raw.mkdir(parents=True)
        for name, content in contents.items():
            (raw / name).write_bytes(content)
        dataset = datasets.FashionMNIST(folder, train=split == "train")
    return dataset.data, dataset.targets


def download(cache: Path) -> dict[str, bytes]:
    """The content of the four files, downloaded and verified; kept in `cache` where possible."""
    from kldiv._torchvision import datasets

    print(f"Downloading Fashion-MNIST (30 MB), to keep in {cache}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="kldiv-") as folder, _socket_timeout(STALL_SECONDS):
        datasets.FashionMNIST(folder, download=True)
        contents = _idx.read_folder(Path(folder), allow_sample=False)
        try:
            _keep(Path(folder, "FashionMNIST", "raw"), cache)
        except OSError as error:
            print(f"The download could not be kept for the next run: {error}", file=sys.stderr)
    return contents


def _keep(raw: Path, cache: Path) -> None:
    """Move the verified .gz files into the cache, each at once: it is there whole or not at all."""
    cache.mkdir(parents=True, exist_ok=True)
    # Renaming is atomic within one file system only, so copy next to the goal first.
    with tempfile.TemporaryDirectory(dir=cache, prefix=".incoming-") as incoming:
        for name in _idx.CHECKSUMS:
            copy = shutil.copyfile(raw / f"{name}.gz", Path(incoming, f"{name}.gz"))
            os.replace(copy, cache / f"{name}.gz")


@contextlib.contextmanager
def _socket_timeout(seconds: float) -> Iterator[None]:
    # torchvision offers no timeout of its own.
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
