"""Searches for neighbours, on SciPy's k-d tree."""

from __future__ import annotations

from typing import Any

import numpy as np

#: How many balls are searched at once: their contents are held in lists.
_BALLS = 1000


def tree_of(points: Any) -> Any:
    """A k-d tree of the points. The more dimensions, the less it rules out, and the larger leaves
    save walks through it. Shrinking each node to its points takes longer than it saves.
    """
    from scipy.spatial import cKDTree

    return cKDTree(points, leafsize=10 + 4 * points.shape[1], compact_nodes=False)


def neighbours(
    tree: Any, centres: Any, k: int, workers: int, itself: bool = False
) -> tuple[Any, Any]:
    """Indices and distances, (n, k) each, of the k points nearest to each centre, nearest first.

    With `itself`, the centres are the tree's points, and are not their own neighbours.
    """
    distances, indices = tree.query(centres, np.arange(1, k + 1) + itself, workers=workers)
    return indices, distances


def balls(
    tree: Any, centres: Any, radii: Any, known: Any, k: int, workers: int, itself: bool = False
) -> tuple[Any, Any]:
    """For each centre, the index of the farthest point in its ball, and the number of points.

    `known` are the indices of the k-th nearest, which lie inside or on the sphere: where rounding
    puts them outside, they are the farthest, and the number is k.
    """
    farthest, counts = np.array(known), np.full(len(centres), k)
    for start in range(0, len(centres), _BALLS):
        part = slice(start, start + _BALLS)
        inside = tree.query_ball_point(centres[part], radii[part], workers=workers)
        for i, members in enumerate(inside, start):
            if len(members) - itself > k:
                distances = np.sum((tree.data[members] - centres[i]) ** 2, axis=1)
                farthest[i] = members[int(np.argmax(distances))]
                counts[i] = len(members) - itself
    return farthest, counts
