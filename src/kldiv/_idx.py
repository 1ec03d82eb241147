"""The four files of Fashion-MNIST: names, labels and checksums, read from a folder and verified.

The files are in the IDX format of MNIST: a header with the axes, then a byte a pixel or label.
"""

from __future__ import annotations

import gzip
import hashlib
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from kldiv._download import WrongDataError

if TYPE_CHECKING:
    import torch

CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

# SHA-256 of each file's content, unpacked: the same data, packed again, has another checksum. They
# agree with the published archives, which torchvision checks by MD5.
CHECKSUMS = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
FULL_SIZE = {"train": 60_000, "test": 10_000}


def read_folder(folder: Path, allow_sample: bool) -> dict[str, bytes]:
    """The verified content of the files in `folder`; OSError where some are missing."""
    paths = _locate(folder)
    contents = {}
    # What is there is verified even if something else is missing: a broken file is never passed
    # over in silence.
    for name, path in paths.items():
        contents[name] = _unpack(path)
        if problem := _problem(name, contents[name], allow_sample):
            raise _wrong(path, problem)
    missing = [name for name in CHECKSUMS if name not in contents]
    if missing:
        if not folder.is_dir():
            raise FileNotFoundError(f"there is no folder {folder}")
        raise FileNotFoundError(f"{folder} lacks {', '.join(missing)} (packed as .gz or not)")
    for split in FULL_SIZE:
        images, labels = names(split)
        counts = count(contents[images]), count(contents[labels])
        if counts[0] != counts[1]:
            problem = f"it holds {counts[0]:,} images, but {labels} {counts[1]:,} labels"
            raise _wrong(paths[images], problem)
    return contents


def names(split: str) -> tuple[str, str]:
    """Return the names of the files that hold the images and the labels of one split."""
    prefix = "train" if split == "train" else "t10k"
    return f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"


def tensor(content: bytes) -> torch.Tensor:
    """Return what an IDX file holds, uint8, in the shape that its header announces."""
    import torch

    axes = content[3]
    shape = struct.unpack_from(f">{axes}I", content, offset=4)
    # A copy, because the bytes may not be written to and a tensor may.
    items = torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=4 + 4 * axes)
    return items.reshape(shape)


def _locate(folder: Path) -> dict[str, Path]:
    """The data files, by name, in whichever layout below `folder` has most of them."""
    layouts = (folder, folder / "FashionMNIST" / "raw", folder / "fashion-mnist")
    candidates = [
        {
            name: path
            for name in CHECKSUMS
            for path in (layout / f"{name}.gz", layout / name)
            if path.exists()
        }
        for layout in layouts
    ]
    return max(candidates, key=len)


def _unpack(path: Path) -> bytes:
    packed = path.read_bytes()
    if path.suffix != ".gz":
        return packed
    try:
        return gzip.decompress(packed)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _wrong(path, f"it is truncated or corrupt ({error})") from error


def _wrong(path: Path, problem: str) -> WrongDataError:
    return WrongDataError(
        f"{path} is not used: {problem}. Replace it, or remove it to have the next place looked in."
    )


def _problem(name: str, content: bytes, allow_sample: bool) -> str | None:
    """What is wrong with the content of the file `name`, or None if it may be used."""
    if sha256(content) == CHECKSUMS[name]:
        return None
    # From here on it is not the published file; what follows finds out what it is.
    is_images = "images" in name
    header = struct.pack(">HBB", 0, 8, 3 if is_images else 1)  # IDX: bytes, with 3 or 1 axes
    item_shape = struct.pack(">II", 28, 28) if is_images else b""
    header_size = 8 + len(item_shape)
    if len(content) < header_size:
        return f"it is truncated to {len(content)} bytes"
    if content[:4] != header or content[8:header_size] != item_shape:
        return "its header is not that of a Fashion-MNIST file"
    n, full = count(content), FULL_SIZE["train" if name.startswith("train") else "test"]
    expected_size = header_size + n * (784 if is_images else 1)
    if len(content) != expected_size:
        return f"it has {len(content):,} bytes where its header announces {expected_size:,}"
    if not is_images and max(content[8:], default=0) >= len(CLASSES):
        return f"it has labels beyond {len(CLASSES) - 1}"
    if 0 < n < full:
        sample = f"it is a sample, {n:,} of {full:,}, accepted only with allow_sample=True"
        return None if allow_sample else sample
    return f"its content is corrupt (SHA-256 {sha256(content)}, published {CHECKSUMS[name]})"


def count(content: bytes) -> int:
    """The number of images or labels that an IDX header announces."""
    return int.from_bytes(content[4:8], "big")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
