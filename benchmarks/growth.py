"""How time and memory grow: each size against the smallest one, in turns, and a fitted exponent.

In each turn every size is measured once; the ratio to the first size in the same turn is kept. The
exponent a of "ratio ∝ sizeᵃ" is the slope of the least-squares line through the logarithms.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import _building, _memory
from benchmarks._measure import Work, peak_bytes, repeats_for, rounded, seconds
from benchmarks.epochs import images
from benchmarks.kl_vectors import vectors
from kldiv import kl_divergence
from kldiv.estimators import kl_nearest_neighbours
from kldiv.training import train
from kldiv.vae import REPORT_KL, VAE, VAEConfig


@dataclass(frozen=True)
class Growth:
    """How one quantity grows with one size.

    Parameters
    ----------
    name, work : str
        What `--only` calls it, and what is done.
    size : str
        What grows, in words, as an axis says it.
    sizes, quick : tuple of int
        The points, at least three, smallest first.
    prepare : callable (size) -> Work
        What is timed; or, where `value` is given, what it measures.
    value : callable (Work) -> float, optional
        Measures something other than time.
    quantity : str
        "time" or "memory".
    rounds, turns : int
        In how many rounds it is measured, and how many turns each has.
    limit : float
        Seconds after which no further turn of a round is begun.
    """

    name: str
    work: str
    size: str
    sizes: tuple[int, ...]
    quick: tuple[int, ...]
    prepare: Callable[[int], Work]
    value: Callable[[Work], float] | None = None
    quantity: str = "time"
    rounds: int = 4
    turns: int = 2
    limit: float = 25.0

    def measure(self, *, turns: int, quick: bool) -> list[dict[int, float]]:
        """In each turn, seconds or bytes of each size."""
        sizes = self.quick if quick else self.sizes
        works = [self.prepare(size) for size in sizes]
        if self.value is None:
            repeats = [repeats_for(work) for work in works]
        measured: list[dict[int, float]] = []
        started = time.perf_counter()
        while len(measured) < turns and not (
            measured and time.perf_counter() - started > self.limit
        ):
            if self.value is None:
                values = [seconds(work, n) for work, n in zip(works, repeats, strict=True)]
            else:
                values = [self.value(work) for work in works]
            measured.append(dict(zip(sizes, values, strict=True)))
        return measured

    def row(self, measured: list[dict[int, float]]) -> dict[str, Any]:
        """What is stored of these turns: each size over the smallest one."""
        sizes = list(measured[0])
        smallest = [turn[sizes[0]] for turn in measured]
        columns = [
            [turn[size] / first for turn, first in zip(measured, smallest, strict=True)]
            for size in sizes
        ]
        ratios = [statistics.median(column) for column in columns]
        return {
            "name": self.name,
            "kind": "growth",
            "quantity": self.quantity,
            "work": self.work,
            "size": self.size,
            "sizes": sizes,
            "ratios": list(map(rounded, ratios)),
            "low": [rounded(min(column)) for column in columns],
            "high": [rounded(max(column)) for column in columns],
            "exponent": rounded(exponent(sizes, ratios)),
            "turns": len(measured),
            # Seconds or bytes of the smallest size: what the estimates on paper start from.
            "unit": rounded(statistics.median(smallest)),
        }


def exponent(sizes: Any, values: Any) -> float:
    """The slope of the least-squares line through the logarithms of both."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def kl(n: int) -> Work:
    p, q = vectors(n)
    return lambda: kl_divergence(p, q)


def neighbours(n: int, d: int) -> Work:
    rng = np.random.default_rng(0)
    x, y = rng.normal(0.5, 1, (n, d)), rng.normal(0, 1, (n, d))
    return lambda: kl_nearest_neighbours(x, y)


def epoch(
    number: int = 6_000, *, hidden: int = 100, latent: int = 2, batch_size: int = 128
) -> Work:
    pixels = images(False)[:number]
    config = VAEConfig(hidden=hidden, latent=latent)
    return lambda: train(
        VAE(config), REPORT_KL, pixels, epochs=1, batch_size=batch_size, progress=False
    )


EPOCH = "an epoch of the VAE"
ROWS = [
    Growth(
        "growth/kl", "KL of two vectors", "entries", (10**4, 10**5, 10**6, 10**7),
        (10**3, 10**4, 10**5), kl,
    ),
    Growth(
        "growth/kl-memory", "KL of two vectors", "entries", (10**5, 10**6, 10**7),
        (10**3, 10**4, 10**5), kl, value=peak_bytes, quantity="memory", rounds=1, turns=7,
    ),
    Growth(
        "growth/neighbours", "nearest-neighbour KL in 3 dimensions", "points",
        (1_000, 3_000, 10_000, 30_000), (300, 1_000, 3_000), lambda n: neighbours(n, 3),
    ),
    Growth(
        "growth/neighbours-dimensions", "nearest-neighbour KL of 3,000 points", "dimensions",
        (2, 3, 5, 7, 10), (2, 3, 5), lambda d: neighbours(3_000, d),
    ),
    Growth(
        "growth/images", EPOCH, "images", (7_500, 15_000, 30_000, 60_000), (640, 1_280, 2_560),
        epoch,
    ),
    Growth(
        "growth/width", f"{EPOCH}, 6,000 images", "hidden units", (50, 100, 200, 400, 800),
        (50, 100, 200), lambda hidden: epoch(hidden=hidden),
    ),
    Growth(
        "growth/latent", f"{EPOCH}, 6,000 images", "latent dimensions", (2, 8, 32, 128),
        (2, 8, 32), lambda latent: epoch(latent=latent),
    ),
    Growth(
        "growth/batch", f"{EPOCH}, 6,000 images", "images a batch", (32, 64, 128, 256, 512),
        (64, 128, 256), lambda batch: epoch(batch_size=batch),
    ),
    Growth(
        "growth/images-memory", EPOCH, "images", (15_000, 30_000, 60_000, 120_000),
        (15_000, 30_000, 60_000), _memory.of_training, value=_memory.call,
        quantity="memory", rounds=1, turns=7, limit=300,
    ),
    Growth(
        "growth/chapters", "building the site from executed chapters", "chapters",
        (1, 2, 4), (1, 2, 3), _building.build,
        value=seconds, limit=300,
    ),
]  # fmt: skip
