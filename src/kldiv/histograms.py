"""From an image to a distribution: the share of its pixels in each bin of grey levels.

The bins are fixed by the scale of the pixels (0 to 255), never by the image: only then do two
histograms have the same support and can be compared.
"""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Weights of red, green and blue in the luma of an sRGB image (Rec. ITU-R BT.709), in 1/10,000:
#: whole numbers, so that the luma of a grey pixel is its grey level exactly.
_LUMA = np.array([2126.0, 7152.0, 722.0])


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
    levels = _check_image(image)
    return levels @ _LUMA / 10_000 if levels.ndim == 3 else levels


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
    if channels == "luma":
        counts = _counts(luma(image), bins)
    elif channels == "pooled":
        counts = _counts(_check_image(image), bins)
    elif channels == "joint":
        levels = _check_image(image)
        if levels.ndim != 3:
            raise ValueError(f"a joint histogram needs an RGB image; got shape {levels.shape}")
        red, green, blue = _bin_numbers(levels, bins).reshape(-1, 3).T
        counts = np.bincount((red * bins + green) * bins + blue, minlength=bins**3)
    else:
        raise ValueError(f'channels must be "luma", "pooled" or "joint"; got {channels!r}')
    smoothed = counts + pseudocount
    shares: np.ndarray = smoothed / smoothed.sum()
    return shares


def bin_edges(bins: int) -> np.ndarray:
    """The edges of the bins of `image_distribution`, in grey levels, (bins + 1,)."""
    return np.linspace(0, 256, bins + 1)


def _counts(values: np.ndarray, bins: int) -> np.ndarray:
    return np.bincount(_bin_numbers(values, bins).ravel(), minlength=bins)


def _bin_numbers(values: np.ndarray, bins: int) -> np.ndarray:
    # 256 levels, so that with 256 bins each level has its own; fractions of luma reach 255.0.
    return (values * (bins / 256)).astype(np.intp)


def _check_image(image: Any) -> NDArray[np.float64]:
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
    return levels.astype(np.float64)
