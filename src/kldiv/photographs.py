"""Colour patches, 32 × 32 pixels, of the public-domain photographs that scikit-image brings along.

Nothing is downloaded: the photographs lie in the folder ``skimage/data`` of the installed package.
Training and test patches come from different photographs, so a model is tested on scenes that it
has not seen.

    >>> from kldiv import photographs
    >>> train = photographs.load("train", patches=3_000, seed=0)
    >>> train
    Photographs train: 3,000 patches of 32 × 32 × 3 from astronaut, rocket, hubble_deep_field
    >>> train.images.shape, train.images.dtype
    (torch.Size([3000, 3, 32, 32]), torch.uint8)

**Which photographs.** Those that scikit-image states to be CC0 or in the public domain. Left out
are its colour images without such a statement (the stereo pair of a motorcycle, the stained
tissue), drawn ones (logo, colour wheel), and the retina, a quarter of which is a black mask.

**Which split.** The three training photographs span the colours: orange, red and blue, from black
to white; cloth, a face, a dusk sky behind lattice towers, stars. The two test photographs are other
things in other textures, a cat's fur and a cup on a wooden table, and yet not out of reach: a
Gaussian fitted to training patches needs fewer bits per value for the cat than for these, and
about 0.3 bits more for the cup. (Were the rocket tested instead of the cup, no training
photograph would hold much blue.)

`PHOTOGRAPHS` lists them by split: subject, author, licence and its wording, source, size.

**How many independent patches.** Far fewer than are drawn: patches overlap. Side by side, 1,353
patches fit into the training photographs and 342 into the test photographs, and neighbours look
alike. A standard error computed as if patches were independent is too small.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kldiv import _photograph_files
from kldiv._photograph_files import PHOTOGRAPHS, SIDE, Photograph

if TYPE_CHECKING:
    import torch

__all__ = ["DEFAULT_PATCHES", "PHOTOGRAPHS", "Patches", "Photograph", "dequantise", "load"]

DEFAULT_PATCHES = {"train": 100_000, "test": 10_000}


@dataclass(frozen=True, eq=False, repr=False)
class Patches:
    """Patches of the photographs of one split, in memory, in random order.

    Attributes
    ----------
    images : torch.Tensor, uint8, shape (n, 3, 32, 32)
        Red, green and blue, 0 to 255.
    source : torch.Tensor, int64, shape (n,)
        Indices into `photographs`: which one each patch came from.
    positions : torch.Tensor, int64, shape (n, 2)
        Row and column of each patch's upper left pixel in its photograph.
    photographs : tuple of str
        The names of the split's photographs.
    split : str
        "train" or "test".
    """

    images: torch.Tensor
    source: torch.Tensor
    positions: torch.Tensor
    photographs: tuple[str, ...]
    split: str

    def dequantised(self, seed: int) -> torch.Tensor:
        """All patches as rows in [0, 1), float32, (n, 3072), by `dequantise`; made at each call.

        That is 12 kB a patch, 1.2 GB for 100,000: in training, rather `dequantise` each batch.
        """
        import torch

        return dequantise(self.images, torch.Generator().manual_seed(seed))

    def __repr__(self) -> str:
        names = ", ".join(self.photographs)
        return f"Photographs {self.split}: {len(self.images):,} patches of 32 × 32 × 3 from {names}"


def load(split: str = "train", *, patches: int | None = None, seed: int = 0) -> Patches:
    """Draw patches from the photographs of one split.

    Every photograph gives the same number (the first ones give one more where that does not come
    out even). Were positions drawn from all photographs together, the largest would decide what
    the data look like: 63 % of training positions are in the deep field. Within a photograph
    positions are drawn uniformly without replacement: no patch comes twice from one position.

    Parameters
    ----------
    split : str
        "train" or "test".
    patches : int, optional
        How many; 100,000 for training and 10,000 for testing unless given. At most 694,083 and
        225,960, where the smallest photograph of the split is used up.
    seed : int
        Decides positions and order.

    Returns
    -------
    Patches
        3,072 bytes a patch: 307 MB for 100,000.

    Raises
    ------
    ValueError
        `split` is neither "train" nor "test", or there are not that many patches.
    ImportError
        scikit-image is not installed.
    FileNotFoundError
        The installed scikit-image lacks a photograph.
    WrongDataError
        A photograph of that name is there, but it is another file.

    Examples
    --------
    >>> from kldiv.photographs import load
    >>> test = load("test", patches=5, seed=1)
    >>> test.source.bincount().tolist(), test.photographs
    ([3, 2], ('chelsea', 'coffee'))
    >>> test.dequantised(seed=0).shape
    torch.Size([5, 3072])
    """
    import torch

    if split not in PHOTOGRAPHS:
        raise ValueError(f'split is {split!r}; expected "train" or "test"')
    photographs = PHOTOGRAPHS[split]
    if patches is None:
        patches = DEFAULT_PATCHES[split]
    available = len(photographs) * min(photograph.positions for photograph in photographs)
    if not 1 <= patches <= available:
        raise ValueError(
            f"patches is {patches:,}; expected 1 to {available:,}, which is how many "
            f"{split} patches there are with equal shares"
        )
    generator = torch.Generator().manual_seed(seed)
    images = torch.empty((patches, 3, SIDE, SIDE), dtype=torch.uint8)
    source = torch.empty(patches, dtype=torch.int64)
    positions = torch.empty((patches, 2), dtype=torch.int64)
    # The patches of one photograph are spread over the result, so that any part of it is mixed.
    shares = torch.randperm(patches, generator=generator).tensor_split(len(photographs))
    for index, (photograph, share) in enumerate(zip(photographs, shares, strict=True)):
        image = torch.tensor(_photograph_files.read(photograph)).permute(
            2, 0, 1
        )  # (3, height, width)
        windows = image.unfold(1, SIDE, 1).unfold(2, SIDE, 1)  # (3, rows, columns, 32, 32), a view
        drawn = torch.randperm(photograph.positions, generator=generator)[: len(share)]
        source[share] = index
        positions[share] = torch.stack([drawn // windows.shape[2], drawn % windows.shape[2]], dim=1)
        for part in share.split(10_000):  # bounds the memory that copying needs
            row, column = positions[part].T
            images[part] = windows[:, row, column].transpose(0, 1)  # (part, 3, 32, 32)
    names = tuple(photograph.name for photograph in photographs)
    return Patches(images, source, positions, names, split)


def dequantise(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Turn bytes into continuous values: x = (v + u) / 256, with u uniform on [0, 1).

    A density q fitted to the bytes themselves can grow without bound at those 256 values. Over x it
    cannot: the mean of −log₂ q(x) per value, plus 8 bits, is at least the bits per value that the
    bytes cost under the discrete model which q implies (Theis and others, 2016).

    u is a multiple of 2⁻¹⁶. Eight bits of v and sixteen of u fill the 24 bits of a float32, so x is
    exact: it stays below 1 and ⌊256 x⌋ is v. A finer u would be rounded up to v + 1 now and then.

    Parameters
    ----------
    images : torch.Tensor, uint8, shape (batch, ...)
        For example a batch of `Patches.images`.
    generator : torch.Generator
        On the device of `images`.

    Returns
    -------
    torch.Tensor, float32, shape (batch, values)
        Rows in [0, 1); of colour images all of red, then green, then blue.

    Raises
    ------
    ValueError
        `images` are not bytes.

    References
    ----------
    L. Theis, A. van den Oord, M. Bethge. "A note on the evaluation of generative models."
    2016. https://doi.org/10.48550/arXiv.1511.01844

    Examples
    --------
    >>> import torch
    >>> from kldiv.photographs import dequantise
    >>> images = torch.tensor([0, 127, 255], dtype=torch.uint8).reshape(1, 3, 1, 1)
    >>> x = dequantise(images, torch.Generator().manual_seed(0))
    >>> x.shape, (256 * x).floor().tolist()
    (torch.Size([1, 3]), [[0.0, 127.0, 255.0]])
    """
    import torch

    if images.dtype != torch.uint8:
        raise ValueError(f"images are {images.dtype}; expected bytes, torch.uint8")
    rows = images.flatten(1)
    u = torch.rand(rows.shape, generator=generator, device=rows.device)
    # In place: a batch of float32 is all the memory that this takes.
    return u.mul_(2**16).floor_().div_(2**16).add_(rows).div_(256)
