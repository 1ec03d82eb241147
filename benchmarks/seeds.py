"""Twenty seeds of the VAE on two processes, against the same twenty one after the other.

The runs are those of the replication: one thread each, handed out by joblib. The processes live
through the turns, as they do through a replication, so that their start is not counted.
"""

from __future__ import annotations

from functools import cache

import joblib
import torch

from benchmarks._measure import Comparison, Pair
from kldiv import fashion_mnist
from kldiv.training import train
from kldiv.vae import REPORT_KL, VAE

IMAGES, QUICK_IMAGES, SEEDS = 12_000, 1_280, 20


@cache
def images(number: int) -> torch.Tensor:
    """Read once a process."""
    return fashion_mnist.load("train", allow_sample=True).pixels[:number].clone()


def one_run(seed: int, number: int, threads: int = 1) -> float:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        history = train(
            VAE(seed=seed), REPORT_KL, images(number), epochs=1, seed=seed, progress=False
        )
    finally:
        torch.set_num_threads(before)
    return history.last["loss"]


def two_processes(quick: bool, threads: int) -> Pair:
    number = QUICK_IMAGES if quick else IMAGES
    runs = range(4 if quick else SEEDS)

    def ours() -> list[float]:
        with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
            return joblib.Parallel(2, batch_size=1, pre_dispatch="n_jobs")(
                joblib.delayed(one_run)(seed, number) for seed in runs
            )

    def theirs() -> list[float]:
        return [one_run(seed, number, threads) for seed in runs]

    if threads == 1 and ours() != theirs():
        raise AssertionError("a seed's loss differs from process to process")
    return Pair(ours, theirs)


JOBLIB = "https://joblib.readthedocs.io/en/stable/parallel.html"
COMPARISONS = [
    Comparison(
        "seeds/one-thread",
        "20 runs of the VAE on 2 processes",
        "one after the other, 1 thread",
        1.8,
        lambda quick: two_processes(quick, 1),
        JOBLIB,
        rounds=2,
        turns=4,
        limit=90,
    ),
    Comparison(
        "seeds/two-threads",
        "20 runs of the VAE on 2 processes",
        "one after the other, 2 threads",
        None,
        lambda quick: two_processes(quick, 2),
        JOBLIB,
        rounds=2,
        turns=4,
        limit=90,
    ),
]
