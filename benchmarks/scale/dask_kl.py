"""KL of distributions that are larger than the memory they may be computed in: Dask arrays.

The entries lie in two files. A worker whose memory is limited reads them in chunks; of each chunk
three sums remain. `python -m benchmarks.scale.dask_kl` compares with `kldiv.kl_divergence`.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._measure import NotInstalledError
from kldiv import kl_divergence

LIMIT = 320_000_000  # bytes a worker may use; Python with NumPy and Dask takes half of it
ENTRIES = 80_000_000  # in each of p and q: 1.28 GB together
CHUNK = 1_000_000
TOLERANCE = 1e-12  # relative to the value of `kl_divergence`


def write_distribution(path: Path, entries: int, *, seed: int) -> None:
    """A distribution of `entries` probabilities, written in chunks of double precision."""
    total = sum(float(block.sum()) for block in _weights(entries, seed))
    with path.open("wb") as file:
        for block in _weights(entries, seed):
            (block / total).tofile(file)


def kl_of_files(p: Path, q: Path, *, chunk: int = CHUNK) -> float:
    """KL(p‖q) in nats of the distributions in two files, by whatever Dask scheduler is current."""
    import dask
    import dask.array as da

    (sum_p, sum_q, terms) = dask.compute(
        *_three_sums(_dask_array(p, chunk, da), _dask_array(q, chunk, da), da)
    )
    for name, total in (("p", sum_p), ("q", sum_q)):
        if not abs(total - 1) < 1e-8:
            raise ValueError(f"{name} must sum to 1; it sums to {total}")
    return float(terms)


def _three_sums(p: Any, q: Any, da: Any) -> tuple[Any, Any, Any]:
    # With − p + q no term is negative, and nothing is lost where q is near p.
    return p.sum(), q.sum(), (p * da.log(p / q) - p + q).sum()


def _dask_array(path: Path, chunk: int, da: Any) -> Any:
    entries = path.stat().st_size // 8
    starts = range(0, entries, chunk)
    sizes = tuple(min(chunk, entries - start) for start in starts)

    def read(block_info: Any = None) -> np.ndarray:
        start, stop = block_info[None]["array-location"][0]
        # Read rather than mapped: pages of a mapped file would count as the worker's memory.
        return np.fromfile(path, count=stop - start, offset=8 * start)

    return da.map_blocks(read, chunks=(sizes,), dtype=float, meta=np.empty(0))


@contextmanager
def limited_cluster(limit: int = LIMIT) -> Any:
    """One worker process of one thread that may use `limit` bytes; on this machine only."""
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise NotInstalledError("pip install 'kldiv[bench]' (dask, distributed)") from error
    with (
        LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            memory_limit=limit,
            host="127.0.0.1",
            dashboard_address=None,
        ) as cluster,
        Client(cluster),
    ):
        yield cluster


def whole(path: Path) -> np.ndarray:
    """The entries of a file, all in memory."""
    return np.fromfile(path)


def _weights(entries: int, seed: int) -> Any:
    for number, start in enumerate(range(0, entries, CHUNK)):
        rng = np.random.default_rng([seed, number])
        yield rng.random(min(CHUNK, entries - start)) + 0.01


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="kldiv-") as folder, limited_cluster():
        p, q = Path(folder, "p"), Path(folder, "q")
        for seed, path in enumerate((p, q)):
            write_distribution(path, ENTRIES, seed=seed)
        dask, here = kl_of_files(p, q), float(kl_divergence(whole(p), whole(q)))
    size = 16 * ENTRIES
    print(f"{size / LIMIT:.1f} times the worker's memory; KL {dask:.12f} and {here:.12f} nats")
    if abs(dask - here) > TOLERANCE * here:
        raise SystemExit("they differ")


if __name__ == "__main__":
    main()
