"""Histograms of two 24-megapixel photographs and the KL between them, against NumPy's."""

from __future__ import annotations

import numpy as np

from benchmarks._measure import Comparison, Memory, Pair, Work
from kldiv import kl_divergence
from kldiv.histograms import image_distribution

NUMPY = "https://numpy.org/doc/stable/reference/generated/numpy.histogram.html"
BINS = 32


def photographs(quick: bool, *channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Two images of bytes; their levels lie around the middle, as a photograph's do."""
    height, width = (400, 600) if quick else (4_000, 6_000)
    rng = np.random.default_rng(0)
    first, second = (
        rng.binomial(255, share, (height // 4, width, *channels)).astype(np.uint8)
        for share in (0.4, 0.5)
    )
    return tuple(np.concatenate([image] * 4) for image in (first, second))  # type: ignore[return-value]


def ours(p: np.ndarray, q: np.ndarray) -> float:
    return float(
        kl_divergence(
            image_distribution(p, bins=BINS, pseudocount=0.5),
            image_distribution(q, bins=BINS, pseudocount=0.5),
        )
    )


def numpys(p: np.ndarray, q: np.ndarray) -> float:
    """The counts by `numpy.histogram` with a range, its fast way; of luma if there is colour."""
    shares = []
    for image in (p, q):
        if image.ndim == 3:
            image = image @ np.array([0.2126, 0.7152, 0.0722])
        counts, _ = np.histogram(image, bins=BINS, range=(0, 256))
        shares.append((counts + 0.5) / (counts + 0.5).sum())
    return float(shares[0] @ np.log(shares[0] / shares[1]))


def against_numpy(quick: bool, *channels: int) -> Pair:
    p, q = photographs(quick, *channels)
    pair = Pair(lambda: ours(p, q), lambda: numpys(p, q))
    # In colour NumPy's luma is rounded otherwise: a pixel at an edge may change its bin.
    np.testing.assert_allclose(pair.ours(), pair.theirs(), rtol=1e-3 if channels else 1e-12)
    return pair


def allocation(quick: bool, *channels: int) -> tuple[Work, int]:
    p, q = photographs(quick, *channels)
    return (lambda: ours(p, q)), p.nbytes


COMPARISONS: list[Comparison | Memory] = []
for _name, _channels, _words in (("grey", (), "grey"), ("colour", (3,), "colour, by luma")):
    COMPARISONS += [
        Comparison(
            f"image/{_name}/numpy",
            f"histograms and KL of two 24-megapixel images, {_words}",
            "numpy.histogram",
            3,
            lambda quick, channels=_channels: against_numpy(quick, *channels),  # type: ignore[misc]
            NUMPY,
        ),
        Memory(
            f"image/{_name}/memory",
            f"histograms and KL of two 24-megapixel images, {_words}",
            "the size of an image",
            1.0,
            lambda quick, channels=_channels: allocation(quick, *channels),  # type: ignore[misc]
            "https://docs.python.org/3/library/tracemalloc.html",
        ),
    ]
