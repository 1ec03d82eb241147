r"""The KL divergence of two normal distributions, proved by SymPy, one checked step at a time.

`steps()` returns the derivation as a list. Each `Step` states an equation as the report does; its
`check()` computes the left side from the definition (by integrating, where there is an integral)
and compares. Nothing is assumed that the step sets out to show, and the last step holds the result
against `kldiv.gaussian.kl_normal`, the code that the rest of the book runs.

p is N(μ₁, σ₁²) and q is N(μ₂, σ₂²): σ is the standard deviation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from kldiv.gaussian import kl_normal

x, mu_1, mu_2 = sp.symbols("x mu_1 mu_2", real=True)
sigma_1, sigma_2 = sp.symbols("sigma_1 sigma_2", positive=True)


@dataclass(frozen=True, repr=False)
class Step:
    """One line of the proof.

    Parameters
    ----------
    claim : str
        Id of the claim of the report that the line is (R16 to R20), or "" for the book's own.
    title : str
        What the line says, in words.
    left, right : sympy.Expr
        The two sides, as they are displayed. `left` may hold integrals that are not yet done.
    evaluate : callable () -> sympy.Expr
        Computes the left side from the definition.
    """

    claim: str
    title: str
    left: sp.Expr
    right: sp.Expr
    evaluate: Callable[[], sp.Expr]

    @property
    def equation(self) -> sp.Equality:
        """The line as an equation, for display."""
        return sp.Eq(self.left, self.right, evaluate=False)

    def check(self) -> bool:
        """Whether the left side, computed, equals the right side for all parameters."""
        return _is_zero(self.evaluate() - self.right)

    def __repr__(self) -> str:
        return f"{self.left} = {self.right}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {sp.latex(self.left)} = {sp.latex(self.right)}$"


def normal_pdf(value: sp.Expr, mean: sp.Expr, std: sp.Expr) -> sp.Expr:
    """The density of N(mean, std²) at `value`."""
    return sp.exp(-((value - mean) ** 2) / (2 * std**2)) / (std * sp.sqrt(2 * sp.pi))


p = normal_pdf(x, mu_1, sigma_1)
q = normal_pdf(x, mu_2, sigma_2)


def log_pdf(mean: sp.Expr, std: sp.Expr) -> sp.Expr:
    """log N(x | mean, std²) as the report expands it: R16."""
    return -sp.log(std) - sp.log(2 * sp.pi) / 2 - (x - mean) ** 2 / (2 * std**2)


def expectation(expression: sp.Expr) -> sp.Expr:
    """∫ p(x) · expression dx over the whole line, by integration, term by term."""
    terms = sp.Add.make_args(sp.expand(expression))
    return sp.Add(*(_integrate_over_p(term) for term in terms))


def _integrate_over_p(term: sp.Expr) -> sp.Expr:
    """∫ p(x) · term dx, with what does not depend on x taken out of the integral."""
    constant, varying = term.as_independent(x, as_Add=False)
    return constant * sp.simplify(sp.integrate(p * varying, (x, -sp.oo, sp.oo)))


def steps() -> list[Step]:
    """The derivation, line by line: R16, R17, R18, R19, R20, then the book's own last lines."""
    constant = -sp.log(2 * sp.pi) / 2  # the report writes log(1/√2π)
    first = -sp.log(sigma_1) + constant - sp.Rational(1, 2)
    second = -sp.log(sigma_2) + constant - ((mu_1 - mu_2) ** 2 + sigma_1**2) / (2 * sigma_2**2)
    result = (
        -sp.log(sigma_1)
        - sp.Rational(1, 2)
        + sp.log(sigma_2)
        + ((mu_1 - mu_2) ** 2 + sigma_1**2) / (2 * sigma_2**2)
    )

    def integral(integrand: sp.Expr) -> sp.Integral:
        return sp.Integral(integrand, (x, -sp.oo, sp.oo))

    named_p, named_q = sp.Function("p")(x), sp.Function("q")(x)
    d = sp.log(sigma_1 / sigma_2)
    return [
        Step(
            "R16",
            "the logarithm of p",
            sp.log(named_p),
            log_pdf(mu_1, sigma_1),
            lambda: sp.expand_log(sp.log(p), force=True),
        ),
        Step(
            "R16",
            "the logarithm of q",
            sp.log(named_q),
            log_pdf(mu_2, sigma_2),
            lambda: sp.expand_log(sp.log(q), force=True),
        ),
        Step(
            "R17",
            "p has mass 1",
            integral(named_p),
            sp.Integer(1),
            lambda: expectation(sp.Integer(1)),
        ),
        Step("R17", "its mean is μ₁", integral(x * named_p), mu_1, lambda: expectation(x)),
        Step(
            "R17",
            "its second moment is μ₁² + σ₁²",
            integral(x**2 * named_p),
            mu_1**2 + sigma_1**2,
            lambda: expectation(x**2),
        ),
        Step(
            "R18",
            "the first term: minus the entropy of p",
            integral(named_p * sp.log(named_p)),
            first,
            lambda: expectation(log_pdf(mu_1, sigma_1)),
        ),
        Step(
            "R19",
            "the second term: minus the cross-entropy of p and q",
            integral(named_p * sp.log(named_q)),
            second,
            lambda: expectation(log_pdf(mu_2, sigma_2)),
        ),
        Step(
            "R20",
            "their difference: the KL divergence",
            integral(named_p * sp.log(named_p / named_q)),
            result,
            lambda: expectation(log_pdf(mu_1, sigma_1) - log_pdf(mu_2, sigma_2)),
        ),
        Step(
            "",
            "which is the line of code that this book runs, kl_normal",
            sp.Function("kl_normal")(mu_1, sigma_1, mu_2, sigma_2),
            result,
            lambda: kl_normal(mu_1, sigma_1, mu_2, sigma_2),
        ),
        Step(
            "",
            "in the form that keeps its digits, with d = log(σ₁/σ₂)",
            sp.Mul(
                sp.Rational(1, 2),
                sp.exp(2 * sp.Symbol("d")) - 1 - 2 * sp.Symbol("d"),
                evaluate=False,
            )
            + (mu_1 - mu_2) ** 2 / (2 * sigma_2**2),
            result,
            lambda: (sp.exp(2 * d) - 1 - 2 * d) / 2 + (mu_1 - mu_2) ** 2 / (2 * sigma_2**2),
        ),
    ]


def _is_zero(expression: sp.Expr) -> bool:
    return bool(sp.simplify(sp.expand_log(expression, force=True)) == 0)
