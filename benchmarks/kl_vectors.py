"""KL of two vectors, its checks included, against SciPy and against a formula without checks."""

from __future__ import annotations

import numpy as np
from scipy import stats

from benchmarks._measure import Comparison, Memory, Pair, Work
from kldiv import kl_divergence

SCIPY = "https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.entropy.html"
NUMPY = (
    "https://numpy.org/doc/stable/user/absolute_beginners.html#working-with-mathematical-formulas"
)


def vectors(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    p, q = rng.random(shape) + 0.01, rng.random(shape) + 0.01
    return p / p.sum(-1, keepdims=True), q / q.sum(-1, keepdims=True)


def against_scipy(*shape: int) -> Pair:
    p, q = vectors(*shape)
    pair = Pair(lambda: kl_divergence(p, q), lambda: stats.entropy(p, q, axis=-1))
    np.testing.assert_allclose(pair.ours(), pair.theirs(), rtol=1e-10)
    return pair


def against_formula(*shape: int) -> Pair:
    p, q = vectors(*shape)
    # One row or many: the sum of products that NumPy has for each.
    formula: Work = (
        (lambda: p @ np.log(p / q))
        if p.ndim == 1
        else (lambda: np.einsum("ij,ij->i", p, np.log(p / q)))
    )
    pair = Pair(lambda: kl_divergence(p, q), formula)
    np.testing.assert_allclose(pair.ours(), pair.theirs(), rtol=1e-10)
    return pair


def allocation(*shape: int) -> tuple[Work, int]:
    p, q = vectors(*shape)
    return (lambda: kl_divergence(p, q)), p.nbytes


def _size(shape: tuple[int, ...], quick: bool) -> tuple[int, ...]:
    return tuple(max(n // 100, 10) if n > 1000 else n for n in shape) if quick else shape


SMALL = [3, 10, 100, 1_000]
LARGE = {
    "1e6": ((1_000_000,), "KL of two vectors of 1e6"),
    "1e7": ((10_000_000,), "KL of two vectors of 1e7"),
    "rows": ((10_000, 1_000), "KL of 10,000 pairs of rows of 1,000"),
}

COMPARISONS: list[Comparison | Memory] = [
    Comparison(
        f"kl/{n}/scipy",
        f"KL of two vectors of {n:,}",
        "scipy.stats.entropy",
        10,
        lambda quick, n=n: against_scipy(n),  # type: ignore[misc]
        SCIPY,
    )
    for n in SMALL
]
for _name, (_shape, _words) in LARGE.items():
    COMPARISONS += [
        Comparison(
            f"kl/{_name}/scipy",
            _words,
            "scipy.stats.entropy",
            3,
            lambda quick, shape=_shape: against_scipy(*_size(shape, quick)),  # type: ignore[misc]
            SCIPY,
        ),
        Comparison(
            f"kl/{_name}/formula",
            _words,
            "p @ log(p/q), unchecked",
            1.5,
            lambda quick, shape=_shape: against_formula(*_size(shape, quick)),  # type: ignore[misc]
            NUMPY,
            kind="within",
        ),
        Memory(
            f"kl/{_name}/memory",
            _words,
            "the size of p",
            1.0,
            lambda quick, shape=_shape: allocation(*_size(shape, quick)),  # type: ignore[misc]
            "https://docs.python.org/3/library/tracemalloc.html",
        ),
    ]
