"""What torchvision does with CIFAR-10: it downloads and unpacks the archive, and reads the pickles.

A pickle can run any program when it is read, so each file is verified before: none is read whose
MD5 checksum is not that of the published file. (MD5 no longer tells apart two files that one
person made up together; nobody can make another file to match one that is already published.)
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from kldiv._download import STALL_SECONDS, WrongDataError, keep, socket_timeout

if TYPE_CHECKING:
    import torch
    from torchvision.datasets import CIFAR10


def files() -> dict[str, str]:
    """The published files, by their path in a data folder, and their MD5 checksums."""
    from kldiv._torchvision import datasets

    published = datasets.CIFAR10
    checksums = dict([*published.train_list, *published.test_list])
    checksums[published.meta["filename"]] = published.meta["md5"]
    return {f"{published.base_folder}/{name}": checksum for name, checksum in checksums.items()}


def missing(folder: Path) -> list[str]:
    """The files that `folder` lacks."""
    return [name for name in files() if not (folder / name).is_file()]


def read(folder: Path, split: str) -> tuple[torch.Tensor, torch.Tensor]:
    """The images, uint8 (n, 3, 32, 32), and labels, int64 (n,), of one split, verified."""
    import torch

    from kldiv._torchvision import datasets

    # torchvision verifies too, before it reads, but does not say which file is wrong.
    for name, checksum in files().items():
        if not datasets.utils.check_integrity(folder / name, checksum):
            raise WrongDataError(
                f"{folder / name} is not used: its MD5 is not that of the published file, "
                f"{checksum}. Replace it, or remove it to have the next place looked in."
            )
    data = _dataset(folder, train=split == "train")
    images = torch.from_numpy(data.data.transpose(0, 3, 1, 2))  # channel first, as in the files
    return images.contiguous(), torch.tensor(data.targets)


def download(cache: Path, split: str) -> tuple[torch.Tensor, torch.Tensor]:
    """As `read`, of files downloaded and verified; kept in `cache` where possible."""
    from kldiv._torchvision import datasets

    print(f"Downloading CIFAR-10 (170 MB), to keep in {cache}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="kldiv-") as folder:
        with socket_timeout(STALL_SECONDS):
            _dataset(folder, download=True)
        data = read(Path(folder), split)
        try:
            keep((Path(folder, name) for name in files()), cache / datasets.CIFAR10.base_folder)
        except OSError as error:
            print(f"The download could not be kept for the next run: {error}", file=sys.stderr)
    return data


def _dataset(folder: str | Path, *, train: bool = True, download: bool = False) -> CIFAR10:
    from kldiv._torchvision import datasets

    with warnings.catch_warnings():
        # NumPy 2.4.0 to 2.4.4 warns of how the pickles, made in 2009, write down a data type.
        warnings.filterwarnings("ignore", r"dtype\(\): align should be passed")
        # Python 3.12 and 3.13 warn of how torchvision unpacks the archive, whose checksum it knows.
        warnings.filterwarnings("ignore", "Python 3.14 will, by default, filter extracted tar")
        dataset: CIFAR10 = datasets.CIFAR10(folder, train=train, download=download)
    return dataset
