"""What torchvision does with Fashion-MNIST: it downloads the files, and reads them into tensors.

Both happen in a temporary folder; `_download` says why.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kldiv import _idx
from kldiv._download import STALL_SECONDS, keep, socket_timeout

if TYPE_CHECKING:
    import torch


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
    with tempfile.TemporaryDirectory(prefix="kldiv-") as folder, socket_timeout(STALL_SECONDS):
        datasets.FashionMNIST(folder, download=True)
        contents = _idx.read_folder(Path(folder), allow_sample=False)
        try:
            _keep(Path(folder, "FashionMNIST", "raw"), cache)
        except OSError as error:
            print(f"The download could not be kept for the next run: {error}", file=sys.stderr)
    return contents


def _keep(raw: Path, cache: Path) -> None:
    keep((raw / f"{name}.gz" for name in _idx.CHECKSUMS), cache)
