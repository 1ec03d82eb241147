"""From an image to a distribution: the share of its pixels in each bin of grey levels.

The bins are fixed by the scale of the pixels (0 to 255), never by the image: only then do two
histograms have the same support and can be compared.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Weights of red, green and blue in the luma of an sRGB image (Rec. ITU-R BT.709), in 1/10,000:
#: whole numbers, so that the luma of a grey pixel is its grey level exactly.
_LUMA = np.array([2126.0, 7152.0, 722.0])

#: Pixels that are looked at together: in double precision they stay in the processor's cache, and
#: the memory needed beside the image does not grow with it.
_PART = 2**16


def luma(image: Any) -> np.ndarray:
    """Luma 0.2126 R + 0.7152 G + 0.0722 B of an RGB image (h, w, 3), as floats (h, w), 0 to 255.

    A grey image (h, w) is returned as floats.

    Raises
    ------
    ValueError
        An image that is neither (h, w) nor (h, w, 3), or whose values lie outside 0 to 255.

    References
    ----------
    Recommendation ITU-R BT.709-6 (2015), section 3.
    """
    return _luma(_check_image(image))


def image_distribution(
    image: Any, *, bins: int = 32, channels: str = "luma", pseudocount: float = 0.0
) -> np.ndarray:
    """Share of pixels in each of `bins` equal bins on 0 to 255: a discrete distribution.

    Parameters
    ----------
    image : array_like, shape (h, w, 3) or (h, w)
        RGB or grey levels, 0 to 255.
    bins : int
        Bins a channel.
    channels : str
        "luma": one brightness a pixel. "pooled": the three channels thrown together, as the
        report did. "joint": a three-dimensional histogram over (red, green, blue).
    pseudocount : float
        Added to each bin's count before dividing, so that no bin is empty (Laplace smoothing
        for 1, Jeffreys' prior for ½).

    Returns
    -------
    numpy.ndarray, shape (bins,), or (bins³,) for "joint"
        Probabilities that sum to 1.

    Raises
    ------
    ValueError
        An image of another shape or range, an unknown `channels`, bins that are not a positive
        integer, a pseudocount that is negative or not finite.

    Examples
    --------
    >>> from kldiv.histograms import image_distribution
    >>> image_distribution([[0, 0, 255, 255]], bins=2).tolist()
    [0.5, 0.5]
    """
    if not isinstance(bins, (int, Integral)) or bins < 1:
        raise ValueError(f"bins must be a positive integer; got {bins!r}")
    if not isinstance(pseudocount, (float, Real)) or not 0 <= pseudocount < np.inf:
        raise ValueError(f"pseudocount must be finite and not negative; got {pseudocount!r}")
    image = _check_image(image)
    if channels == "luma" and image.ndim == 3:
        counts = _count(image, bins, lambda part: _bin_numbers(_luma(part), bins))
    elif channels in ("luma", "pooled"):
        counts = _count_levels(image, bins)
    elif channels == "joint":
        if image.ndim != 3:
            raise ValueError(f"a joint histogram needs an RGB image; got shape {image.shape}")
        counts = _count(image, bins**3, lambda part: _joint_numbers(part, bins))
    else:
        raise ValueError(f'channels must be "luma", "pooled" or "joint"; got {channels!r}')
    smoothed = counts + pseudocount
    shares: np.ndarray = smoothed / smoothed.sum()
    return shares


def bin_edges(bins: int) -> np.ndarray:
    """The edges of the bins of `image_distribution`, in grey levels, (bins + 1,)."""
    return np.linspace(0, 256, bins + 1)


def _count(image: np.ndarray, size: int, numbers: Callable[[Any], np.ndarray]) -> np.ndarray:
    """How often each of 0 to `size` − 1 is among `numbers` of the image, a few rows at a time."""
    rows = max(1, max(_PART, size) // image[0].size)
    counts = np.zeros(size, dtype=np.intp)
    for start in range(0, len(image), rows):
        part = numbers(image[start : start + rows])
        counts += np.bincount(part.ravel(), minlength=size)
    return counts


def _count_levels(image: np.ndarray, bins: int) -> np.ndarray:
    """Pixels, or all channels' entries, in each of `bins` bins."""
    if image.dtype != np.uint8:
        return _count(image, bins, lambda part: _bin_numbers(part, bins))
    levels = _count(image, 256, np.asarray)  # a byte is its own number; levels are binned once
    counts = np.zeros(bins, dtype=np.intp)
    np.add.at(counts, _bin_numbers(np.arange(256), bins), levels)
    return counts


def _bin_numbers(values: np.ndarray, bins: int) -> np.ndarray:
    # 256 levels, so that with 256 bins each level has its own; fractions of luma reach 255.0.
    return (values.astype(float, copy=False) * (bins / 256)).astype(np.intp)


def _joint_numbers(image: np.ndarray, bins: int) -> np.ndarray:
    red, green, blue = _bin_numbers(image, bins).reshape(-1, 3).T
    numbers: np.ndarray = (red * bins + green) * bins + blue
    return numbers


def _luma(image: np.ndarray) -> np.ndarray:
    image = image.astype(float)
    return image @ _LUMA / 10_000 if image.ndim == 3 else image


def _check_image(image: Any) -> NDArray[Any]:
    levels = np.asarray(image)
    if levels.ndim not in (2, 3) or (levels.ndim == 3 and levels.shape[2] != 3) or levels.size == 0:
        raise ValueError(f"an image must have shape (h, w) or (h, w, 3); got {levels.shape}")
    if levels.dtype.kind not in "iuf":
        raise ValueError(f"an image must hold grey levels; got an array of {levels.dtype}")
    if not (levels.min() >= 0 and levels.max() <= 255):
        raise ValueError(
            f"grey levels must lie between 0 and 255; found {levels.min()} to {levels.max()}"
        )
    if levels.dtype.kind == "f" and 0 < levels.max() <= 1:
        raise ValueError(
            f"grey levels must lie between 0 and 255; the largest is {levels.max():g}: "
            "multiply an image in [0, 1] by 255"
        )
    return levels
