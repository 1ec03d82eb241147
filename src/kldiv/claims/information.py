"""Entropy, cross-entropy, KL: R05, R11, R13, R14 and R15."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from kldiv import cross_entropy, entropy, kl_divergence
from kldiv.claims._registry import Finding, Measured, claim
from kldiv.gaussian import kl_normal

PAGE = "notebooks/03-entropy-cross-entropy-kl.html"
EXACT = 1e-9  # arithmetic in double precision, with room for another machine's last digits
BITS = 4e-4  # codes are exact; the messages come from a generator that promises no more

WEATHER = np.array([1 / 2, 1 / 4, 1 / 8, 1 / 8])
BELIEF = np.array([1 / 8, 1 / 8, 1 / 4, 1 / 2])


@claim(
    "R05",
    report="Introduction",
    statement="KL is how much information must change to obtain the first distribution from the "
    "second.",
    section=PAGE,
)
def extra_length() -> Finding:
    """What messages from p cost more in real codes made for q."""
    from kldiv.codes import ans_bits, huffman_bits, range_bits

    def overhead(
        coder: Callable[[np.ndarray, np.ndarray], int],
        message: np.ndarray,
        p: np.ndarray,
        q: np.ndarray,
    ) -> float:
        return (coder(message, q) - coder(message, p)) / len(message)

    message = np.random.default_rng(5).choice(4, size=50_000, p=WEATHER).astype(np.int32)
    expected = kl_divergence(WEATHER, BELIEF, base=2)
    of = {
        coder: overhead(coder, message, WEATHER, BELIEF)
        for coder in (huffman_bits, range_bits, ans_bits)
    }

    rng = np.random.default_rng(11)
    pairs = [(rng.dirichlet(np.ones(8)), rng.dirichlet(2 * np.ones(8))) for _ in range(60)]
    messages = [rng.choice(8, size=20_000, p=p).astype(np.int32) for p, _ in pairs]
    gaps = {
        coder: [
            abs(overhead(coder, message, p, q) - kl_divergence(p, q, base=2))
            for message, (p, q) in zip(messages, pairs, strict=True)
        ]
        for coder in (ans_bits, huffman_bits)
    }
    worst, typical = max(gaps[ans_bits]), np.median(gaps[huffman_bits])
    bits = partial(Measured, unit="bits a symbol", tolerance=BITS)
    return Finding(
        "corrected",
        "KL is expected extra length: what data from p cost more in a code made for q, on average.",
        {
            "the four words: range coder and ANS overhead within 0.02 of 0.875 bits": np.isclose(
                expected, 0.875
            )
            and max(abs(of[range_bits] - expected), abs(of[ans_bits] - expected)) < 0.02,
            "60 random pairs: ANS overhead within 0.06 bits of KL": worst < 0.06,
            "Huffman codes follow it too, typically within 0.2 bits": typical < 0.2,
        },
        [
            bits("KL of the four words' probabilities from the belief", expected),
            bits("overhead, 50,000 words, Huffman code", of[huffman_bits]),
            bits("overhead, the same words, range coder", of[range_bits]),
            bits("overhead, the same words, ANS", of[ans_bits]),
            bits("60 random pairs: largest gap of KL and ANS overhead", worst),
            bits("60 random pairs: typical gap of KL and Huffman overhead", typical),
        ],
    )


@claim(
    "R11",
    report="Introduction; Mathematical Representation, 2",
    statement="KL(p‖q) = −∫ p log q − (−∫ p log p), p the true distribution and q the model.",
    section=PAGE,
)
def continuous_definition() -> Finding:
    """The definition by quadrature, and where it is infinite."""
    from scipy import integrate, stats

    def integral(integrand: Callable[[float], float], limit: float) -> float:
        return float(integrate.quad(integrand, 0, limit, limit=400)[0])

    def up_to(p: Any, q: Any, limit: float) -> float:
        """∫ p log(p/q) from −limit to limit, of two symmetric densities, in nats."""
        return 2 * integral(lambda t: p.pdf(t) * (p.logpdf(t) - q.logpdf(t)), limit)

    def minus_p_log(q: Any) -> float:
        p = stats.norm()
        return integral(lambda t: -(p.pdf(t) * q.logpdf(t) + p.pdf(-t) * q.logpdf(-t)), 40)

    by_definition = minus_p_log(stats.norm(1, 2)) - minus_p_log(stats.norm())
    closed = kl_normal(0, 1, 1, 2)
    cauchy, normal = stats.cauchy(), stats.norm()
    heavy_p = [up_to(cauchy, normal, limit) for limit in (500, 1000)]
    heavy_q = up_to(normal, cauchy, 30)
    nats = partial(Measured, unit="nats", tolerance=1e-6)
    return Finding(
        "corrected",
        "The definition is right; it needs the conditions under which it is finite.",
        {
            "minus ∫ p ln q, minus the entropy of p, is the KL divergence (two normals)": (
                np.isclose(by_definition, closed)
            ),
            "infinite where q rules out what p does": kl_divergence([0.5, 0.5], [1, 0]) == np.inf,
            "unbounded for Cauchy ‖ normal: beyond 300 nats and still growing": heavy_p[1] > 300
            and heavy_p[1] > 1.2 * heavy_p[0],
            "finite for normal ‖ Cauchy": heavy_q < 1,
        },
        [
            nats("the report's definition by quadrature, N(0, 1) ‖ N(1, 2²)", by_definition),
            nats("the closed form", closed),
            nats("KL((½, ½)‖(1, 0))", kl_divergence([0.5, 0.5], [1, 0])),
            nats("∫ p log(p/q), −1,000 to 1,000, Cauchy ‖ normal", heavy_p[1]),
            nats("the same from −30 to 30, normal ‖ Cauchy", heavy_q),
        ],
    )


@claim(
    "R13",
    report="Mathematical Representation, 3",
    statement="KL is cross-entropy minus entropy.",
    section=PAGE,
)
def identity() -> Finding:
    """The identity on symbols and on arrays."""
    import sympy as sp

    a, b, c, d = sp.symbols("a b c d", positive=True)
    p, q = [a, b, 1 - a - b], [c, d, 1 - c - d]
    difference = sp.expand(cross_entropy(p, q) - entropy(p) - kl_divergence(p, q))

    p, q = np.random.default_rng(0).dirichlet(np.ones(10), size=(2, 1000))
    gap = np.abs(cross_entropy(p, q) - entropy(p) - kl_divergence(p, q)).max()
    return Finding(
        "reproduced",
        "The identity is exact.",
        {
            "SymPy: the difference is 0 for any three probabilities": difference == 0,
            "NumPy: to 1e-13 nats in 1,000 random pairs": gap < 1e-13,
        },
        [Measured("largest difference in 1,000 random pairs", gap, "nats", tolerance=1e-13)],
    )


@claim(
    "R14",
    report="Mathematical Representation, 4",
    statement="For discrete distributions the integral becomes a sum.",
    section=PAGE,
)
def finer_bins() -> Finding:
    """KL and entropy of ever finer bins."""
    from scipy import stats

    first, second = stats.norm(0, 1), stats.norm(1, 1.5)

    def in_bins(distribution: Any, width: float, limit: float = 12) -> np.ndarray:
        inner = np.diff(distribution.cdf(np.arange(-limit, limit + width / 2, width)))
        return np.concatenate([[distribution.cdf(-limit)], inner, [distribution.sf(limit)]])

    widths = 2.0 ** np.arange(3, -7, -1)
    binned = [(in_bins(first, w), in_bins(second, w)) for w in widths]
    kl = np.array([kl_divergence(p, q, normalize=True) for p, q in binned])
    h = np.array([entropy(p, normalize=True) for p, _ in binned])
    by_integral = kl_normal(0, 1, 1, 1.5)
    growth = np.diff(h[-4:])
    differential = h[-1] + np.log(widths[-1])
    nats = partial(Measured, unit="nats", tolerance=1e-7)
    return Finding(
        "corrected",
        "The sum is not just a change of notation: KL has the integral as its limit, entropy has "
        "none.",
        {
            "KL of the finest bins agrees with the integral to 1e-4 nats": abs(kl[-1] - by_integral)
            < 1e-4,
            "finer bins never lower it": bool(np.all(np.diff(kl) > -1e-12)),
            "entropy grows by ln 2 with each halving of narrow bins": np.allclose(
                growth, np.log(2), atol=1e-3
            ),
            "entropy + log Δ tends to the differential entropy": abs(differential - first.entropy())
            < 1e-3,
        },
        [
            nats("KL of bins of width 8", kl[0]),
            nats("KL of bins of width 1/64", kl[-1]),
            nats("KL as an integral", by_integral),
            nats("growth of the entropy from width 1/32 to 1/64", growth[-1]),
        ],
    )


@claim(
    "R15",
    report="Mathematical Representation, 5",
    statement="With base e the unit is nats, with base 2 it is bits.",
    section=PAGE,
)
def units() -> Finding:
    """The ratio of bits and nats."""
    p, q = WEATHER, BELIEF
    ratio = kl_divergence(p, q, base=2) / kl_divergence(p, q)
    return Finding(
        "reproduced",
        "The base sets the unit; the ratio of the two is the same for every pair.",
        {
            "bits / nats = 1 / ln 2": np.isclose(ratio, 1 / np.log(2)),
            "the same ratio for entropy and cross-entropy": np.isclose(
                entropy(p, base=2) / entropy(p), cross_entropy(p, q, base=2) / cross_entropy(p, q)
            ),
        },
        [
            Measured("KL of the four words, base 2", kl_divergence(p, q, base=2), "bits"),
            Measured("the same, base e", kl_divergence(p, q), "nats", tolerance=EXACT),
            Measured("their ratio", ratio, "bits a nat", tolerance=EXACT),
        ],
    )
