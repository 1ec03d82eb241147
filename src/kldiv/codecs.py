"""What general codecs make of grey images without loss: the sizes a learned code is compared with.

The byte compressors (gzip, bz2, xz) are given the raw bytes of all images in one stream. The image
codecs (PNG, WebP, JPEG XL) are given each image in a file of its own, and then all of them as one
large mosaic, which is fairer: small images pay for a header each, and a codec that adapts to what
it reads has hardly begun when one ends. Every file is read back and compared before it is counted.
"""

from __future__ import annotations

import bz2
import gzip
import importlib
import io
import lzma
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class CodecSize:
    """What one codec made of a set of images.

    Attributes
    ----------
    bytes : int or None
        Size of the file, or of all files together; None where the codec is not installed.
    seconds : float
        Time to write and read it.
    reason : str
        Why there is no size.
    """

    bytes: int | None
    seconds: float = 0.0
    reason: str = ""


#: Byte compressors at their best settings: how to write and how to read.
STREAMS: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "gzip": (lambda data: gzip.compress(data, 9, mtime=0), gzip.decompress),
    "bz2": (lambda data: bz2.compress(data, 9), bz2.decompress),
    "xz": (lambda data: lzma.compress(data, preset=9 | lzma.PRESET_EXTREME), lzma.decompress),
}

#: Image codecs without loss: what Pillow's `Image.save` is told. The efforts of JPEG XL go to 10.
PICTURES: dict[str, dict[str, Any]] = {
    "PNG": {"format": "PNG", "optimize": True},
    "WebP": {"format": "WEBP", "lossless": True, "quality": 100, "method": 6},
    "JPEG XL, effort 7": {"format": "JXL", "lossless": True, "effort": 7},
    "JPEG XL, effort 10": {"format": "JXL", "lossless": True, "effort": 10},
}


def sizes(images: Any, names: Iterable[str] | None = None) -> dict[str, CodecSize]:
    """Bytes that each codec needs for a set of grey images, without loss.

    Parameters
    ----------
    images : array of uint8, shape (n, height, width)
        At least one image.
    names : iterable of str, optional
        Which of `STREAMS` and `PICTURES`. Default: all.

    Returns
    -------
    dict of CodecSize
        By name: "gzip", …; for pictures "PNG, files", the sum over n files, and "PNG, mosaic".

    Raises
    ------
    ValueError
        Not such an array, or an unknown name.
    RuntimeError
        A codec that does not return the images it was given.

    Examples
    --------
    >>> import numpy as np
    >>> from kldiv.codecs import sizes
    >>> black = np.zeros((100, 28, 28), np.uint8)
    >>> sizes(black, ["bz2"])["bz2"].bytes < 100
    True
    """
    images = np.ascontiguousarray(images)
    if images.dtype != np.uint8 or images.ndim != 3 or not images.size:
        raise ValueError(
            "images must be uint8, (n, height, width), not empty; "
            f"got {images.dtype}, shape {images.shape}"
        )
    known = [*STREAMS, *PICTURES]
    names = known if names is None else list(names)
    if unknown := sorted(set(names) - set(known)):
        raise ValueError(f"no codec is called {unknown[0]!r}; there are {', '.join(known)}")
    result = {}
    for name in names:
        if name in STREAMS:
            result[name] = _stream(name, images.tobytes())
        else:
            result[f"{name}, files"] = _pictures(name, images)
            result[f"{name}, mosaic"] = _pictures(name, mosaic(images)[None])
    return result


def mosaic(images: np.ndarray) -> np.ndarray:
    """Images (n, height, width) side by side in rows, as square as n allows; the rest is black.

    >>> mosaic(np.ones((5, 28, 28), np.uint8)).shape
    (56, 84)
    """
    n, height, width = images.shape
    columns = math.ceil(math.sqrt(n))
    rows = math.ceil(n / columns)
    padded = np.zeros((rows * columns, height, width), images.dtype)
    padded[:n] = images
    tiles = padded.reshape(rows, columns, height, width).swapaxes(1, 2)
    return tiles.reshape(rows * height, columns * width)


def _stream(name: str, data: bytes) -> CodecSize:
    write, read = STREAMS[name]
    started = time.perf_counter()
    file = write(data)
    _check(name, read(file) == data)
    return CodecSize(len(file), time.perf_counter() - started)


def _pictures(name: str, images: np.ndarray) -> CodecSize:
    if reason := _missing(PICTURES[name]["format"]):
        return CodecSize(None, reason=reason)
    from PIL import Image

    started, total = time.perf_counter(), 0
    for image in images:
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, **PICTURES[name])
        total += len(buffer.getvalue())
        # WebP has no grey images: it returns three equal channels, which "L" makes one again.
        _check(name, np.array_equal(np.asarray(Image.open(buffer).convert("L")), image))
    return CodecSize(total, time.perf_counter() - started)


def _missing(picture_format: str) -> str:
    """Why Pillow cannot write a format; empty where it can."""
    try:
        features = importlib.import_module("PIL.features")
        if picture_format == "JXL":
            importlib.import_module("pillow_jxl")  # tells Pillow about JPEG XL
    except ImportError as error:
        return f"{error} (PNG and WebP need the package pillow, JPEG XL also pillow-jxl-plugin)"
    if picture_format == "WEBP" and not features.check("webp"):
        return "this Pillow was built without WebP"
    return ""


def _check(name: str, same: bool) -> None:
    if not same:
        raise RuntimeError(f"{name} does not return the images it was given")
