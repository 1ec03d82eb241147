"""KL from samples by nearest neighbours, against the fastest public estimator that we found.

`divergence` computes the same estimator, without a standard error, in one thread. Ours has one
thread by default, and is measured with all processors beside it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks._measure import Comparison, NotInstalledError, Pair
from kldiv.estimators import kl_nearest_neighbours

K = 5


def samples(dimensions: int, quick: bool) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    n = 1_000 if quick else 10_000
    return rng.normal(0.5, 1, (n, dimensions)), rng.normal(0, 1, (n, dimensions))


def divergence_estimator() -> Callable[..., float]:
    try:
        from divergence.knn import knn_kl_divergence
    except ImportError as error:
        raise NotInstalledError("pip install '.[bench]' (divergence)") from error
    return knn_kl_divergence  # type: ignore[no-any-return]


def against_divergence(dimensions: int, workers: int, quick: bool) -> Pair:
    theirs = divergence_estimator()
    x, y = samples(dimensions, quick)
    pair = Pair(
        lambda: kl_nearest_neighbours(x, y, k=K, workers=workers), lambda: theirs(x, y, k=K)
    )
    np.testing.assert_allclose(pair.ours().value, pair.theirs(), rtol=1e-8)
    return pair


SOURCE = "divergence.knn_kl_divergence(x, y, k), its documentation"
COMPARISONS = [
    Comparison(
        f"neighbours/{d}",
        f"KL from 10,000 points in {d} dimensions",
        "divergence.knn_kl_divergence",
        1,
        lambda quick, d=d: against_divergence(d, 1, quick),  # type: ignore[misc]
        SOURCE,
    )
    for d in (2, 3, 5, 10)
] + [
    Comparison(
        f"neighbours/{d}/all-processors",
        f"KL from 10,000 points in {d} dimensions, all processors",
        "divergence.knn_kl_divergence",
        None,
        lambda quick, d=d: against_divergence(d, -1, quick),  # type: ignore[misc]
        SOURCE,
    )
    for d in (2, 3, 5, 10)
]
