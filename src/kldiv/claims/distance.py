"""From distance to divergence: R01 to R04."""

from __future__ import annotations

import numpy as np

from kldiv import kl_divergence
from kldiv.claims._registry import Finding, Measured, claim
from kldiv.gaussian import kl_normal

PAGE = "notebooks/01-distance-to-divergence.html"
EXACT = 1e-9  # arithmetic in double precision, with room for another machine's last digits


@claim(
    "R01",
    report="Introduction",
    statement="On a line, A is 3 units from the origin and B is 4, so they are 1 unit apart.",
    section=PAGE,
)
def on_a_line() -> Finding:
    """Subtract the two distances from the origin."""
    origin, a, b = 0, 3, 4
    difference = abs(b - origin) - abs(a - origin)
    return Finding(
        "reproduced",
        "Subtracting the two distances from O gives the distance from A to B.",
        {
            "A is 3 units from O and B is 4": (a - origin, b - origin) == (3, 4),
            "the difference, 1 unit, is the distance |B − A|": difference == abs(b - a) == 1,
        },
        [
            Measured("distance of A from O", abs(a - origin), "units", report=3),
            Measured("distance of B from O", abs(b - origin), "units", report=4),
            Measured("distance of A and B", difference, "unit", report=1),
        ],
    )


@claim(
    "R02",
    report="Introduction",
    statement="Distance compares two points in the plane just as well.",
    section=PAGE,
)
def in_the_plane() -> Finding:
    """The distance of two points, and the difference of their distances from the origin."""
    a, b = np.array([1.0, 4.0]), np.array([4.0, 0.0])
    distance = float(np.linalg.norm(b - a))
    by_origin = float(abs(np.linalg.norm(b) - np.linalg.norm(a)))
    return Finding(
        "reproduced",
        "Distance compares points in the plane; only the shortcut through the origin is lost.",
        {
            "the distance from A to B is 5 units": bool(np.isclose(distance, 5)),
            "subtracting distances from O would give 0.12": round(by_origin, 2) == 0.12,
        },
        [
            Measured("distance of A = (1, 4) and B = (4, 0)", distance, "units", tolerance=EXACT),
            Measured("difference of their distances from O", by_origin, "units", tolerance=EXACT),
        ],
    )


@claim(
    "R03",
    report="Introduction",
    statement="Two bell curves cannot be compared as points are.",
    section=PAGE,
)
def between_two_curves() -> Finding:
    """Pairs with parameters equally far apart, told apart easily or hardly at all."""
    from scipy import stats

    widths = (0.2, 1, 5)
    x = np.linspace(-60, 61, 1_210_001)
    p_and_q = {w: (stats.norm.pdf(x, 0, w), stats.norm.pdf(x, 1, w)) for w in widths}
    # Whoever guesses the more likely of the two is right with probability ∫ max(p, q) dx / 2.
    guesses = {w: np.trapezoid(np.maximum(p, q), x) / 2 for w, (p, q) in p_and_q.items()}
    kl = {w: kl_normal(0, w, 1, w) for w in widths}

    grid = np.linspace(-4, 4, 4001)
    center = 0.95
    width = np.sqrt(1 - center**2)  # so that the standard deviation is 1
    peaks = (stats.norm.pdf(grid, -center, width) + stats.norm.pdf(grid, center, width)) / 2
    same_moments = kl_divergence(peaks, stats.norm.pdf(grid), normalize=True)
    return Finding(
        "reproduced",
        "Distances between parameters do not say how well two distributions can be told apart.",
        {
            "parameters 1 apart, told apart 99 % of the time": guesses[0.2] > 0.99,
            "parameters 1 apart, told apart less than 55 % of the time": guesses[5] < 0.55,
            "KL orders the equal-width pairs as the guesses do": kl[0.2] > kl[1] > kl[5]
            and guesses[0.2] > guesses[1] > guesses[5],
            "equal mean and standard deviation, yet KL is not 0": same_moments > 0.1,
        },
        [
            *(
                Measured(
                    f"right guesses, N(0, {w}²) against N(1, {w}²)",
                    100 * guesses[w],
                    "%",
                    tolerance=0.01,
                )
                for w in widths
            ),
            Measured(
                "KL(two peaks‖one bell) of equal mean and standard deviation",
                same_moments,
                "nats",
                tolerance=1e-6,
            ),
        ],
    )


@claim(
    "R04",
    report="Abstract; Introduction",
    statement="KL divergence is a metric: a measure of comparison between distributions.",
    section=PAGE,
)
def rules_of_a_metric() -> Finding:
    """The four rules, on ten thousand random triples and on two counter-examples."""
    p, q, r = np.random.default_rng(0).dirichlet(np.ones(5), size=(3, 10_000))
    kl_pq, kl_pp = kl_divergence(p, q), kl_divergence(p, p)
    longer = np.sum(kl_divergence(p, r) > kl_pq + kl_divergence(q, r))

    half, skewed = [1 / 2, 1 / 2], [3 / 4, 1 / 4]
    forward, backward = kl_divergence(half, skewed), kl_divergence(skewed, half)
    straight = float(kl_normal(0, 1, 2, 1))
    detour = float(kl_normal(0, 1, 1, 1) + kl_normal(1, 1, 2, 1))
    return Finding(
        "corrected",
        "It is a divergence, not a metric: two of the four rules hold, two fail.",
        {
            "never negative, in 10,000 random pairs": bool(np.all(kl_pq >= 0)),
            "zero at p = q, and positive at each p ≠ q tried": bool(np.all(kl_pp == 0))
            and bool(np.all(kl_pq > 0)),
            "not symmetric: KL((½,½)‖(¾,¼)) = 0.1438 nats, the other way 0.1308": (
                round(float(forward), 4),
                round(float(backward), 4),
            )
            == (0.1438, 0.1308),
            "no triangle inequality: N(0,1) to N(2,1) is 2 nats, by way of N(1,1) only 1": (
                straight,
                detour,
            )
            == (2, 1),
        },
        [
            Measured("smallest of 10,000 KLs", kl_pq.min(), "nats", tolerance=1e-6),
            Measured("KL((½, ½)‖(¾, ¼))", forward, "nats", tolerance=EXACT),
            Measured("KL((¾, ¼)‖(½, ½))", backward, "nats", tolerance=EXACT),
            Measured("KL of N(0, 1) from N(2, 1)", straight, "nats", tolerance=EXACT),
            Measured("the same by way of N(1, 1)", detour, "nats", tolerance=EXACT),
            Measured("triples that break the triangle inequality", int(longer), "of 10,000"),
        ],
    )
