"""The engines that carry what outgrows one process: small runs, with the same result."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks._measure import Agreement, Comparison, Pair
from benchmarks.scale import compare, dask_kl
from kldiv import kl_divergence

DASK = "https://docs.dask.org/en/stable/array.html"
TORCHRUN = "https://pytorch.org/docs/stable/elastic/run.html"

QUICK_ENTRIES, QUICK_LIMIT = 16_000_000, 250_000_000


def dask_pair(quick: bool) -> Pair:
    """Dask with a worker of limited memory, and one pass with everything in memory."""
    entries = QUICK_ENTRIES if quick else dask_kl.ENTRIES
    stack = ExitStack()
    try:
        stack.enter_context(dask_kl.limited_cluster(QUICK_LIMIT if quick else dask_kl.LIMIT))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kldiv-")))
        p, q = folder / "p", folder / "q"
        for seed, path in enumerate((p, q)):
            dask_kl.write_distribution(path, entries, seed=seed)
    except BaseException:
        stack.close()
        raise
    return Pair(
        lambda: dask_kl.kl_of_files(p, q),
        lambda: float(kl_divergence(dask_kl.whole(p), dask_kl.whole(q))),
        stack.close,
    )


def dask_difference(quick: bool) -> float:
    """The relative difference of the two."""
    pair = dask_pair(quick)
    try:
        ours, theirs = pair.ours(), pair.theirs()
    finally:
        pair.close()
    return abs(ours - theirs) / theirs


_TIMES = 16 * dask_kl.ENTRIES / dask_kl.LIMIT
COMPARISONS = [
    Agreement(
        "engines/dask-agrees",
        f"KL by Dask arrays, data {_TIMES:.0f} times the worker's memory",
        "kl_divergence, relative difference",
        dask_kl.TOLERANCE,
        dask_difference,
        DASK,
    ),
    Comparison(
        "engines/dask",
        f"KL by Dask arrays, data {_TIMES:.0f} times the worker's memory",
        "reading both files whole, kl_divergence",
        None,
        dask_pair,
        DASK,
        kind="within",
        rounds=2,
        turns=4,
        limit=40,
    ),
    Agreement(
        "engines/torchrun-agrees",
        "the training loop under torchrun, 2 gloo processes",
        "1 process, the same global batch: largest difference of a weight",
        1e-10,
        lambda quick: compare.largest_difference(images=512 if quick else 2_000, epochs=2),
        TORCHRUN,
    ),
]
