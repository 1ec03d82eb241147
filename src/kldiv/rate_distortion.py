"""Lossy codes to hold a model against: PCA with rounded coefficients, and JPEG.

Each is a set of points: bytes an image, and the root-mean-square error of what comes back, in grey
levels of 255.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image

from kldiv.codecs import mosaic

COMPONENTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 40)
BITS = (1, 2, 3, 4, 6, 8)
SCALES = (3, 4, 6, 8, 12, 20, 28)
QUALITIES = (2, 5, 10, 20, 40, 60, 80)


def rmse(restored: np.ndarray, images: np.ndarray) -> float:
    """Root-mean-square error over all pixels of all images in [0, 1], in grey levels of 255."""
    restored, images = np.asarray(restored, float), np.asarray(images, float)
    if restored.shape != images.shape:
        raise ValueError(f"images differ in shape: {restored.shape} and {images.shape}")
    return 255 * float(np.sqrt(np.mean((restored - images) ** 2)))


def quantise(values: np.ndarray, like: np.ndarray, bits: int) -> np.ndarray:
    """Values (n, d) rounded to 2^bits levels in each dimension.

    The levels lie evenly over the range that holds 99.8 % of `like` (m, d), the training values.
    """
    low, high = np.quantile(like, [0.001, 0.999], axis=0)
    step = (high - low) / 2**bits
    index = np.clip(np.floor((values - low) / step), 0, 2**bits - 1)
    rounded: np.ndarray = low + (index + 0.5) * step
    return rounded


def pca_points(
    train: np.ndarray,
    test: np.ndarray,
    *,
    components: Iterable[int] = COMPONENTS,
    bits: Sequence[int] = BITS,
) -> np.ndarray:
    """Bytes an image and RMSE of PCA codes of the test images, (points, 2).

    Principal components are fitted to the training images, (n, pixels) in [0, 1]; each
    coefficient is rounded to so many bits. The components themselves are not counted.
    """
    from sklearn.decomposition import PCA

    components = sorted(components)
    pca = PCA(components[-1], random_state=0).fit(train)
    train_codes, test_codes = pca.transform(train), pca.transform(test)
    points = []
    for k in components:
        for b in bits:
            codes = quantise(test_codes[:, :k], train_codes[:, :k], b)
            restored = np.clip(codes @ pca.components_[:k] + pca.mean_, 0, 1)
            points.append((k * b / 8, rmse(restored, test)))
    return np.array(points)


def jpeg_points(
    images: np.ndarray, *, scales: Iterable[int] = SCALES, qualities: Sequence[int] = QUALITIES
) -> np.ndarray:
    """Bytes an image and RMSE of grey images (n, side, side), uint8, as JPEG: (points, 2).

    All images are tiles of one picture, so that its header is shared; to reach small sizes the
    picture is first shrunk to `scales` pixels an image, and enlarged again when it comes back.
    """
    n, side, _ = images.shape
    across = int(np.sqrt(n))
    if across**2 != n:
        raise ValueError(f"the number of images must be a square; got {n}")
    picture = mosaic(images)
    points = []
    for scale in scales:
        small = Image.fromarray(picture).resize((across * scale,) * 2, Image.Resampling.BOX)
        for quality in qualities:
            buffer = io.BytesIO()
            small.save(buffer, format="JPEG", quality=quality, optimize=True)
            back = Image.open(buffer).resize((across * side,) * 2, Image.Resampling.BICUBIC)
            error = rmse(np.asarray(back) / 255, picture / 255)
            points.append((len(buffer.getvalue()) / n, error))
    return np.array(points)


def envelope(points: np.ndarray) -> np.ndarray:
    """The points, by size, that no smaller one beats."""
    points = points[np.argsort(points[:, 0])]
    return points[points[:, 1] <= np.minimum.accumulate(points[:, 1])]


def best(points: np.ndarray, limit: float) -> float:
    """The least error among points of at most `limit` bytes; infinity if there is none."""
    affordable = points[points[:, 0] <= limit]
    return float(affordable[:, 1].min()) if len(affordable) else float("inf")
