"""Asymmetry: R21."""

from __future__ import annotations

from functools import partial

import numpy as np

from kldiv import cross_entropy, entropy, kl_divergence
from kldiv.claims._registry import Finding, Measured, claim


@claim(
    "R21",
    report="Mathematical Representation, 7",
    statement="KL is asymmetric because H(P) and H(Q) are completely different values.",
    section="notebooks/05-asymmetry.html",
)
def entropies() -> Finding:
    """A pair with equal entropies and unequal KLs, and one the other way round."""
    from scipy import optimize

    p1, q1 = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.7, 0.2])
    forward, backward = kl_divergence(p1, q1), kl_divergence(q1, p1)

    p2 = np.array([0.6, 0.3, 0.1])

    def on_the_line(t: float) -> np.ndarray:
        return np.array([0.9 * t, 0.1, 0.9 * (1 - t)])

    def gap(t: float) -> float:
        return float(kl_divergence(p2, on_the_line(t)) - kl_divergence(on_the_line(t), p2))

    ts = np.linspace(0.02, 0.98, 200)
    crossing = np.flatnonzero(np.diff(np.sign([gap(t) for t in ts])))[0]
    q2 = on_the_line(optimize.brentq(gap, ts[crossing], ts[crossing + 1], xtol=1e-14))
    same, other_way = kl_divergence(p2, q2), kl_divergence(q2, p2)
    nats = partial(Measured, unit="nats", tolerance=1e-9)
    return Finding(
        "refuted",
        "Different entropies are neither needed nor enough; what differs is who takes the average.",
        {
            "equal entropies to 1e-12, yet the KLs differ by more than 0.1 nats": abs(
                entropy(p1) - entropy(q1)
            )
            < 1e-12
            and abs(forward - backward) > 0.1,
            "entropies differ by more than 0.1 nats, yet the KLs are equal to 1e-12": abs(
                entropy(p2) - entropy(q2)
            )
            > 0.1
            and abs(same - other_way) < 1e-12,
            "the cross-entropies differ too": abs(cross_entropy(p1, q1) - cross_entropy(q1, p1))
            > 0.1,
        },
        [
            nats("first pair: H(p)", entropy(p1)),
            nats("first pair: H(q)", entropy(q1)),
            nats("first pair: KL(p‖q)", forward),
            nats("first pair: KL(q‖p)", backward),
            nats("second pair: H(p)", entropy(p2)),
            nats("second pair: H(q)", entropy(q2)),
            nats("second pair: KL(p‖q)", same),
            nats("second pair: KL(q‖p)", other_way),
        ],
    )
