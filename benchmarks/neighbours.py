"""KL from samples by nearest neighbours, against the fastest public estimator that we found.

`divergence` computes the same estimator, without a standard error.
"""

from __future__ import annotations

import numpy as np

from benchmarks._measure import Comparison, NotInstalledError, Pair
from kldiv.estimators import kl_nearest_neighbours


def against_divergence(dimensions: int, quick: bool) -> Pair:
    try:
        from divergence.knn import knn_kl_divergence
    except ImportError as error:
        raise NotInstalledError("pip install '.[bench]' (divergence)") from error
    rng = np.random.default_rng(0)
    n = 1_000 if quick else 10_000
    x, y = rng.normal(0.5, 1, (n, dimensions)), rng.normal(0, 1, (n, dimensions))
    pair = Pair(lambda: kl_nearest_neighbours(x, y, k=5), lambda: knn_kl_divergence(x, y, k=5))
    np.testing.assert_allclose(pair.ours().value, pair.theirs(), rtol=1e-8)
    return pair


COMPARISONS = [
    Comparison(
        f"neighbours/{d}",
        f"KL from 10,000 points in {d} dimensions",
        "divergence.knn_kl_divergence",
        1,
        lambda quick, d=d: against_divergence(d, quick),  # type: ignore[misc]
        "divergence.knn_kl_divergence(x, y, k), its documentation",
    )
    for d in (2, 3, 5, 10)
]
