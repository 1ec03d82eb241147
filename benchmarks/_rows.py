"""The rows of the table, in its order."""

from benchmarks import (
    engines,
    epochs,
    growth,
    images,
    kl_vectors,
    neighbours,
    profile,
    reasons,
    seeds,
    trials,
)
from benchmarks._measure import Agreement, Comparison, Memory
from benchmarks.growth import Growth

AnyRow = Comparison | Memory | Agreement | Growth

ROWS: list[AnyRow] = [
    *kl_vectors.COMPARISONS,
    *images.COMPARISONS,
    *neighbours.COMPARISONS,
    *epochs.COMPARISONS,
    *profile.COMPARISONS,
    *trials.COMPARISONS,
    *reasons.COMPARISONS,
    *seeds.COMPARISONS,
    *engines.COMPARISONS,
    *growth.ROWS,
]
