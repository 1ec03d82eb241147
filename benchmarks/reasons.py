"""What a target is missed for: each reason that the book gives is measured by a row of its own."""

from __future__ import annotations

import joblib
import numpy as np

from benchmarks._measure import Comparison, Pair
from benchmarks.images import NUMPY as HISTOGRAM
from benchmarks.images import ours as histograms_and_kl
from benchmarks.images import photographs
from benchmarks.kl_vectors import NUMPY, vectors
from benchmarks.neighbours import SOURCE, K, divergence_estimator, samples
from benchmarks.seeds import IMAGES, JOBLIB, QUICK_IMAGES, one_run
from kldiv import histograms


def luma(quick: bool) -> Pair:
    """Luma a block of lines at a time, as the histograms take it, and the whole of their work."""
    images = photographs(quick, 3)

    def alone() -> None:
        for image in images:
            rows = histograms._PART // image[0].size
            for start in range(0, len(image), rows):
                histograms._luma(image[start : start + rows])

    return Pair(alone, lambda: histograms_and_kl(*images))


def one_more_neighbour(dimensions: int, quick: bool) -> Pair:
    """The peer with the neighbour that our standard error needs, and without it."""
    theirs = divergence_estimator()
    x, y = samples(dimensions, quick)
    return Pair(lambda: theirs(x, y, k=K + 1), lambda: theirs(x, y, k=K))


def checks(quick: bool) -> Pair:
    """The least that checking two distributions takes, and the formula alone."""
    p, q = vectors(10_000 if quick else 1_000_000)
    return Pair(lambda: [(array.min(), array.sum()) for array in (p, q)], lambda: p @ np.log(p / q))


def two_at_once(quick: bool) -> Pair:
    """Two runs at once, a process each, and one of them alone: 1 if neither felt the other."""
    number = QUICK_IMAGES if quick else IMAGES

    def runs(count: int) -> list[float]:
        with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
            return joblib.Parallel(2, batch_size=1, pre_dispatch="n_jobs")(
                joblib.delayed(one_run)(seed, number) for seed in range(count)
            )

    if runs(2)[0] != runs(1)[0]:  # which also starts both processes and has both read the images
        raise AssertionError("a seed's loss differs when another runs beside it")
    return Pair(lambda: runs(2), lambda: runs(1))


COMPARISONS = [
    Comparison(
        "reason/luma",
        "luma of two colour images",
        "luma, histograms and KL of the same",
        None,
        luma,
        HISTOGRAM,
        kind="within",
    ),
    *(
        Comparison(
            f"reason/neighbour/{d}",
            f"divergence.knn_kl_divergence in {d} dimensions, with one neighbour more",
            "the same without it",
            None,
            lambda quick, d=d: one_more_neighbour(d, quick),  # type: ignore[misc]
            SOURCE,
            kind="within",
        )
        for d in (2, 3, 5, 10)
    ),
    Comparison(
        "reason/checks",
        "smallest entries and sums of two vectors of 1e6",
        "p @ log(p/q), unchecked",
        None,
        checks,
        NUMPY,
        kind="within",
    ),
    Comparison(
        "reason/two-at-once",
        "two runs of the VAE at once, on 2 processes",
        "one run alone, on one of them",
        None,
        two_at_once,
        JOBLIB,
        kind="within",
        rounds=4,
    ),
]
