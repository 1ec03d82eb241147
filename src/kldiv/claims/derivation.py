"""The KL of two Gaussians: R16 to R20.

The lines are those of `kldiv.derivation`, each checked by integration. The numbers beside them are
quadratures at one choice of parameters, next to what the report's line gives there.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from kldiv.claims._registry import Finding, Measured, claim

PAGE = "notebooks/04-two-gaussians.html"
SECTION = "Mathematical Representation, 6"

MEAN_1, STD_1, MEAN_2, STD_2 = 2.0, 0.5, -1.0, 1.5
PLACE = "p = N(2, 0.5²)"
BOTH = "p = N(2, 0.5²), q = N(−1, 1.5²)"
LOG_CONSTANT = math.log(1 / math.sqrt(2 * math.pi))  # the report's log(1/√2π)

nats = partial(Measured, unit="nats", tolerance=1e-7)


def _log_pdf(t: float, mean: float, std: float) -> float:
    """The report's line for the logarithm of a normal density."""
    return -math.log(std) + LOG_CONSTANT - (t - mean) ** 2 / (2 * std**2)


def _gives(value: float, unit: str = "") -> str:
    """What the report's line comes to: it gives the line, not this number."""
    return f"its line gives {value:.7g} {unit}".rstrip().replace("-", "−")


def _average(function: Callable[[float], float]) -> float:
    """∫ p(t) · function(t) dt by quadrature, with SciPy's density of p."""
    from scipy import integrate, stats

    p = stats.norm(MEAN_1, STD_1)
    reach = MEAN_1 - 40 * STD_1, MEAN_1 + 40 * STD_1
    value, _ = integrate.quad(lambda t: p.pdf(t) * function(t), *reach, points=[MEAN_1], limit=200)
    return float(value)


@claim(
    "R16",
    report=SECTION,
    statement="The logarithms of the two normal densities, with (μ, σ) called mean and variance.",
    section=PAGE,
)
def log_densities() -> Finding:
    """The two lines, and which of the parameters is the variance."""
    import sympy as sp
    from scipy import stats

    from kldiv.derivation import expectation, mu_1, sigma_1, steps, x

    lines = steps()
    return Finding(
        "corrected",
        "Both lines are right; σ is a standard deviation, where the text says variance.",
        {
            "log p, expanded by SymPy, is the report's line": lines[0].check(),
            "log q, expanded by SymPy, is the report's line": lines[1].check(),
            "the variance of p, integrated, is σ₁² and not σ₁": sp.simplify(
                expectation((x - mu_1) ** 2) - sigma_1**2
            )
            == 0,
        },
        [
            Measured(
                f"log p(1), {PLACE}, by SciPy",
                stats.norm(MEAN_1, STD_1).logpdf(1.0),
                report=_gives(_log_pdf(1.0, MEAN_1, STD_1)),
                tolerance=1e-7,
            ),
            Measured(
                f"variance of {PLACE}, by quadrature",
                _average(lambda t: (t - MEAN_1) ** 2),
                report="0.5 in words, 0.25 in the formulas",
                tolerance=1e-7,
            ),
        ],
    )


@claim(
    "R17",
    report=SECTION,
    statement="A normal density has mass 1, mean μ and second moment μ² + σ².",
    section=PAGE,
)
def moments() -> Finding:
    """The three integrals."""
    from kldiv.derivation import steps

    moment = partial(Measured, tolerance=1e-7)
    return Finding(
        "reproduced",
        "SymPy integrates all three over the whole line, for any μ₁ and any positive σ₁.",
        {step.title: step.check() for step in steps()[2:5]},
        [
            moment(f"mass of {PLACE}, by quadrature", _average(lambda t: 1.0), report=_gives(1)),
            moment("its mean", _average(lambda t: t), report=_gives(MEAN_1)),
            moment(
                "its second moment", _average(lambda t: t**2), report=_gives(MEAN_1**2 + STD_1**2)
            ),
        ],
    )


@claim(
    "R18",
    report=SECTION,
    statement="The first term is −log σ₁ + log(1/√2π) − ½.",
    section=PAGE,
)
def first_term() -> Finding:
    """∫ p log p."""
    from scipy import stats

    from kldiv.derivation import sigma_1, steps

    line = steps()[5]
    by_scipy = stats.norm(0, 2.5).entropy()
    return Finding(
        "reproduced",
        "The first term is as the report has it: minus the entropy of p.",
        {
            "∫ p log p dx, integrated by SymPy, is the report's line": line.check(),
            "it agrees with SciPy's entropy of a normal distribution": np.isclose(
                float(-line.right.subs(sigma_1, 2.5)), by_scipy
            ),
        },
        [
            nats(
                f"∫ p log p dx by quadrature, {PLACE}",
                _average(lambda t: _log_pdf(t, MEAN_1, STD_1)),
                report=_gives(-math.log(STD_1) + LOG_CONSTANT - 1 / 2, "nats"),
            ),
        ],
    )


@claim(
    "R19",
    report=SECTION,
    statement="The second term is −log σ₂ + log(1/√2π) − ((μ₁−μ₂)² + σ₁²)/(2σ₂²).",
    section=PAGE,
)
def second_term() -> Finding:
    """∫ p log q."""
    from kldiv.derivation import steps

    by_line = -math.log(STD_2) + LOG_CONSTANT - _spread()
    return Finding(
        "reproduced",
        "The second term is as the report has it: minus the cross-entropy of p and q.",
        {"∫ p log q dx, integrated by SymPy, is the report's line": steps()[6].check()},
        [
            nats(
                f"∫ p log q dx by quadrature, {BOTH}",
                _average(lambda t: _log_pdf(t, MEAN_2, STD_2)),
                report=_gives(by_line, "nats"),
            ),
        ],
    )


@claim(
    "R20",
    report=SECTION,
    statement="KL is −log σ₁ − ½ + log σ₂ + ((μ₁−μ₂)² + σ₁²)/(2σ₂²), as SymPy verified.",
    section=PAGE,
)
def result() -> Finding:
    """The result, and what the report's own check of it was worth."""
    import sympy as sp
    import sympy.stats

    from kldiv.derivation import expectation, log_pdf, mu_1, mu_2, sigma_1, sigma_2, steps, x
    from kldiv.gaussian import kl_normal

    lines = steps()
    log_ratio = sp.expand(log_pdf(mu_1, sigma_1) - log_pdf(mu_2, sigma_2))
    wrong_formula = (
        -sp.log(sigma_1)
        + sp.log(sigma_2)
        - 1 / (2 * sigma_1)
        + ((mu_1 - mu_2) ** 2 + sigma_1) / (2 * sigma_2**2)
    )

    def confirmed(second_moment: sp.Expr, formula: sp.Expr) -> bool:
        """The report's procedure: an expectation that does nothing, then moments by hand."""
        by_hand = sympy.stats.E(log_ratio).subs(x**2, second_moment).subs(x, mu_1)
        return bool(sp.simplify(by_hand - formula) == 0)

    plain = sp.Symbol("x") ** 2 + 3 * sp.Symbol("x")
    by_line = -math.log(STD_1) - 1 / 2 + math.log(STD_2) + _spread()
    return Finding(
        "corrected",
        "The result is right. The report's check assumed it: SymPy was never asked to integrate.",
        {
            "the expectation over a plain symbol returns its argument unchanged": sympy.stats.E(
                plain
            )
            == plain,
            "its procedure confirms a wrong formula if the moment put in is wrong": confirmed(
                mu_1**2 + sigma_1**2, lines[7].right
            )
            and confirmed(mu_1**2 + sigma_1, wrong_formula),
            "integrated for real, term by term, the difference is the report's result": sp.simplify(
                expectation(log_ratio) - lines[7].right
            )
            == 0
            and lines[7].check(),
            "kl_normal, the code, is that result for all parameters": lines[8].check(),
            "so is the form that keeps its digits": lines[9].check(),
        },
        [
            nats(
                f"KL by quadrature, {BOTH}",
                _average(lambda t: _log_pdf(t, MEAN_1, STD_1) - _log_pdf(t, MEAN_2, STD_2)),
                report=_gives(by_line, "nats"),
            ),
            nats(
                "kl_normal of the same",
                float(kl_normal(MEAN_1, STD_1, MEAN_2, STD_2)),
                report=_gives(by_line, "nats"),
            ),
        ],
    )


def _spread() -> float:
    """The report's ((μ₁−μ₂)² + σ₁²)/(2σ₂²)."""
    return ((MEAN_1 - MEAN_2) ** 2 + STD_1**2) / (2 * STD_2**2)
