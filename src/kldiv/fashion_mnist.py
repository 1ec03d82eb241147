"""Where the data come from: Fashion-MNIST, found or downloaded, and verified before use.

Fashion-MNIST is 60,000 training and 10,000 test images of clothes, grey, 28 × 28 pixels, in
ten classes. Its four files are looked for in this order:

1. the folder that the environment variable ``KLDIV_DATA`` names,
2. ``data/`` of the book's checkout, which holds them,
3. this package's per-user cache,
4. a download, by torchvision, kept in that cache.

A place where files are missing is passed over. A file that is there but is not what was published
(truncated, corrupt, or a sample) is an error that names it: it is never used.

    >>> from kldiv import fashion_mnist
    >>> train = fashion_mnist.load("train")
    >>> train
    Fashion-MNIST train: 60,000 images of 28 × 28 (full)
    >>> train.images.shape, fashion_mnist.CLASSES[train.labels[0]]
    (torch.Size([60000, 28, 28]), 'Ankle boot')

``python -m kldiv.fashion_mnist`` finds and verifies the data and says where they are.

References
----------
H. Xiao, K. Rasul, R. Vollgraf. "Fashion-MNIST: a Novel Image Dataset for Benchmarking
Machine Learning Algorithms." 2017. https://doi.org/10.48550/arXiv.1708.07747
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kldiv import _download, _idx, _repository
from kldiv._download import DataNotFoundError, WrongDataError

if TYPE_CHECKING:
    import torch

CLASSES = _idx.CLASSES  # the name of each label


@dataclass(frozen=True, eq=False, repr=False)
class FashionMNIST:
    """One split of Fashion-MNIST, in memory.

    Attributes
    ----------
    images : torch.Tensor, uint8, shape (n, 28, 28)
        Grey levels, 0 (background) to 255.
    labels : torch.Tensor, int64, shape (n,)
        Indices into `CLASSES`.
    split : str
        "train" or "test".
    source : str
        Where the data came from, in words.
    """

    images: torch.Tensor
    labels: torch.Tensor
    split: str
    source: str

    @property
    def is_full(self) -> bool:
        """Whether these are all the images of the split, not a sample."""
        return len(self.images) == _idx.FULL_SIZE[self.split]

    @property
    def pixels(self) -> torch.Tensor:
        """The images as rows of grey levels in [0, 1], float32, (n, 784); made at each access."""
        return self.images.flatten(1).float() / 255

    def __repr__(self) -> str:
        # Without the source, so that a page shows the same on every machine.
        n, full = len(self.images), _idx.FULL_SIZE[self.split]
        extent = "full" if self.is_full else f"SAMPLE of {n:,} of {full:,}"
        return f"Fashion-MNIST {self.split}: {n:,} images of 28 × 28 ({extent})"


def load(
    split: str = "train", *, root: str | os.PathLike[str] | None = None, allow_sample: bool = False
) -> FashionMNIST:
    """Find, verify and read one split of Fashion-MNIST.

    Parameters
    ----------
    split : str
        "train" (60,000 images) or "test" (10,000 images).
    root : path, optional
        Look in this folder only. The four files, packed (``.gz``) or not, lie in it, in
        ``FashionMNIST/raw/`` below it (torchvision's layout), or in ``fashion-mnist/`` below it.
        The same holds for the folder that ``KLDIV_DATA`` names.
    allow_sample : bool
        Accept a smaller data set in the same format; `FashionMNIST.is_full` and the printed form
        then say that it is one.

    Returns
    -------
    FashionMNIST
        The images and labels of the split.

    Raises
    ------
    ValueError
        `split` is neither "train" nor "test".
    WrongDataError
        A file is truncated, corrupt, or a sample that was not allowed.
    DataNotFoundError
        The data are nowhere; says what was tried and how to get them.

    Examples
    --------
    >>> from kldiv.fashion_mnist import load
    >>> load("test").pixels.shape
    torch.Size([10000, 784])
    """
    if split not in _idx.FULL_SIZE:
        raise ValueError(f'split is {split!r}; expected "train" or "test"')
    found = _find(root, allow_sample)
    images, labels = (_idx.tensor(found.contents[name]) for name in _idx.names(split))
    return FashionMNIST(images, labels.long(), split, found.source)


def fingerprint() -> str:
    """A digest of the data that `load` would use, as 64 hexadecimal digits.

    Pages built from one fingerprint are stale once it changes. Nothing is downloaded: where no
    data are found it is the digest of what a download would bring, the published data.

    Returns
    -------
    str
        SHA-256 over the names and checksums of the four files.

    Raises
    ------
    WrongDataError
        A file is truncated or corrupt.
    """
    try:
        contents = _find(None, allow_sample=True, download=False).contents
        checksums = {name: _idx.sha256(content) for name, content in contents.items()}
    except DataNotFoundError:
        checksums = _idx.CHECKSUMS
    return _idx.sha256("".join(f"{name} {checksums[name]}\n" for name in _idx.CHECKSUMS).encode())


# --- The search ---------------------------------------------------------------------------------


class _Found(NamedTuple):
    source: str
    contents: dict[str, bytes]  # by file name, unpacked and verified
    passed_over: list[str]  # the places tried before, and why each did not do


def _find(
    root: str | os.PathLike[str] | None, allow_sample: bool = False, download: bool = True
) -> _Found:
    """Return the verified content of the four files, from the first place that has them."""
    passed_over: list[str] = []
    for source, folder in _places(root):
        try:
            return _Found(source, _idx.read_folder(folder(), allow_sample), passed_over)
        except OSError as error:
            passed_over.append(f"{source}: {error}")
    if root is None and download:
        try:
            return _Found("download", _fetch(_cache_folder()), passed_over)
        except _download.ERRORS as error:
            passed_over.append(_download.in_words(error))
            raise _not_found(passed_over) from error
    raise _not_found(passed_over)


def _places(root: str | os.PathLike[str] | None) -> list[tuple[str, Callable[[], Path]]]:
    """Return the places to look in, each with what to call it, first one first."""
    if root is not None:
        return [(f"root ({os.fspath(root)})", lambda: Path(root).expanduser())]
    named = os.environ.get("KLDIV_DATA")
    return [
        (f"$KLDIV_DATA ({named})" if named else "$KLDIV_DATA", lambda: _named_folder(named)),
        ("data/ of the checkout", _checkout_folder),
        ("per-user cache", _cache_folder),
    ]


def _named_folder(named: str | None) -> Path:
    if not named:
        raise FileNotFoundError("not set")
    return Path(named).expanduser()


def _checkout_folder() -> Path:
    return _repository.root() / "data"


def _cache_folder() -> Path:
    return _download.cache_folder("fashion-mnist")


def _fetch(cache: Path) -> dict[str, bytes]:
    """Download the four files by torchvision and verify them; keep them in `cache` if possible."""
    from kldiv._torchvision import datasets

    print(f"Downloading Fashion-MNIST (30 MB), to keep in {cache}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="kldiv-") as folder:
        with _download.socket_timeout(_download.STALL_SECONDS):
            published = datasets.FashionMNIST(folder, download=True)
        contents = _idx.read_folder(Path(published.raw_folder), allow_sample=False)
        archives = (Path(published.raw_folder, f"{name}.gz") for name in _idx.CHECKSUMS)
        try:
            _download.keep(archives, cache)
        except OSError as error:
            print(f"The download could not be kept for the next run: {error}", file=sys.stderr)
    return contents


def _not_found(passed_over: list[str]) -> DataNotFoundError:
    files = ", ".join(f"{name}.gz" for name in _idx.CHECKSUMS)
    return _download.not_found(
        "Fashion-MNIST",
        passed_over,
        "Any one of these brings it:\n"
        "  - a checkout of the book: data/fashion-mnist/ is part of it (git restore data)\n"
        f"  - KLDIV_DATA=FOLDER, a folder with {files}\n"
        f"  - a connection: the download (30 MB) is made once and kept in {_cache_folder()}",
    )


# --- The command line ---------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """Find and verify the data, say where they are; the exit status is 1 where that fails."""
    parser = argparse.ArgumentParser(
        prog="python -m kldiv.fashion_mnist", description="Find and verify Fashion-MNIST."
    )
    parser.add_argument("--allow-sample", action="store_true", help="accept a smaller data set")
    options = parser.parse_args(arguments)
    try:
        found = _find(None, options.allow_sample)
    except (DataNotFoundError, WrongDataError) as error:
        print(error, file=sys.stderr)
        return 1
    if os.environ.get("KLDIV_DATA"):  # of that place one wants to hear if it was not taken
        for place in found.passed_over:
            print(f"Fashion-MNIST: passed over {place}")
    published = {name: _idx.sha256(content) for name, content in found.contents.items()}
    verdict = "as published" if published == _idx.CHECKSUMS else "a SAMPLE"
    counts = [_idx.count(found.contents[_idx.names(split)[0]]) for split in _idx.FULL_SIZE]
    print(f"Fashion-MNIST: {found.source}, {counts[0]:,} + {counts[1]:,} images, {verdict}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
