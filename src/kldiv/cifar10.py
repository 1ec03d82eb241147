"""CIFAR-10, for who has a connection: 60,000 labelled colour photographs, 32 × 32 pixels.

50,000 are for training and 10,000 for testing, in ten classes. The book does not need them: its
own pages use `photographs`, which needs no download. The files are looked for in the folder that
the environment variable ``KLDIV_DATA`` names, then in this package's per-user cache; otherwise
torchvision downloads them (170 MB), once. In code::

    train = cifar10.load("train")  # CIFAR-10 train: 50,000 images of 32 × 32 × 3
    train.images.shape             # (50000, 3, 32, 32)
    cifar10.CLASSES[train.labels[0]]

The files are pickles, and reading a pickle can run any program that is in it. So none is read
before its MD5 checksum is that of the published file.

References
----------
A. Krizhevsky. "Learning Multiple Layers of Features from Tiny Images." 2009.
https://www.cs.toronto.edu/~kriz/cifar.html
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kldiv import _cifar10_torchvision, _download
from kldiv._download import DataNotFoundError
from kldiv.photographs import dequantise

if TYPE_CHECKING:
    import torch

CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)  # the name of each label


@dataclass(frozen=True, eq=False, repr=False)
class CIFAR10:
    """One split of CIFAR-10, in memory.

    Attributes
    ----------
    images : torch.Tensor, uint8, shape (n, 3, 32, 32)
        Red, green and blue, 0 to 255.
    labels : torch.Tensor, int64, shape (n,)
        Indices into `CLASSES`.
    split : str
        "train" or "test".
    """

    images: torch.Tensor
    labels: torch.Tensor
    split: str

    def dequantised(self, seed: int) -> torch.Tensor:
        """All images as rows in [0, 1), float32, (n, 3072), by `photographs.dequantise`."""
        import torch

        return dequantise(self.images, torch.Generator().manual_seed(seed))

    def __repr__(self) -> str:
        return f"CIFAR-10 {self.split}: {len(self.images):,} images of 32 × 32 × 3"


def load(split: str = "train", *, root: str | os.PathLike[str] | None = None) -> CIFAR10:
    """Find or download, verify and read one split of CIFAR-10.

    Parameters
    ----------
    split : str
        "train" (50,000 images) or "test" (10,000 images).
    root : path, optional
        Look in this folder only; ``cifar-10-batches-py`` lies in it, as unpacked.

    Raises
    ------
    ValueError
        `split` is neither "train" nor "test".
    WrongDataError
        A file is there, but it is not the published one.
    DataNotFoundError
        The data are nowhere; says what was tried and how to get them.
    """
    if split not in ("train", "test"):
        raise ValueError(f'split is {split!r}; expected "train" or "test"')
    passed_over = []
    for name, folder in _places(root):
        if folder is None:
            passed_over.append(f"{name}: not set")
        elif missing := _cifar10_torchvision.missing(folder):
            passed_over.append(f"{name}: {folder} lacks {', '.join(missing)}")
        else:
            return CIFAR10(*_cifar10_torchvision.read(folder, split), split)
    if root is None:
        try:
            return CIFAR10(*_cifar10_torchvision.download(_cache_folder(), split), split)
        except _download.ERRORS as error:
            passed_over.append(_download.in_words(error))
            raise _not_found(passed_over) from error
    raise _not_found(passed_over)


def _places(root: str | os.PathLike[str] | None) -> list[tuple[str, Path | None]]:
    if root is not None:
        return [("root", Path(root).expanduser())]
    named = os.environ.get("KLDIV_DATA")
    return [
        ("$KLDIV_DATA", Path(named).expanduser() if named else None),
        ("per-user cache", _cache_folder()),
    ]


def _cache_folder() -> Path:
    return _download.cache_folder("cifar-10")


def _not_found(passed_over: list[str]) -> DataNotFoundError:
    from kldiv._torchvision import datasets

    archive = datasets.CIFAR10.filename
    return _download.not_found(
        "CIFAR-10",
        passed_over,
        "Either of these brings it:\n"
        f"  - a connection: the download (170 MB) is made once and kept in {_cache_folder()}\n"
        f"  - by hand: fetch {datasets.CIFAR10.url}, unpack it in a folder\n"
        f"    (tar -xzf {archive} -C FOLDER) and set KLDIV_DATA=FOLDER",
    )
