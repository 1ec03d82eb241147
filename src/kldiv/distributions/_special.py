r"""Bregman divergences of log-normalizers, none of which cancels where its arguments meet.

    D_f(b, a) = f(b) − f(a) − f'(a)(b − a) ≥ 0

is what the closed forms of exponential families consist of, and is a small difference of large
terms near b = a. There it is computed as (b − a)² ∫₀¹ (1 − u) f''(a + u(b − a)) du instead.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import gammaln, i0e, i1e, polygamma, psi

from kldiv._numerics import exp_remainder, kl_term, log_ratio

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_NODES, _WEIGHTS = (_NODES + 1) / 2, _WEIGHTS / 2
#: Bernoulli numbers B₂, B₄, …, of Stirling's series; from this argument on its 10 terms suffice.
_BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510]
_STIRLING_FROM = 16.0


def remainder(x: float) -> float:
    """e^x − 1 − x of a number; infinite where e^x overflows."""
    return float(exp_remainder(np.float64(x)))


def scaled_remainder(a: float, x: float) -> float:
    """a (e^x − 1 − x), where the product may be finite though e^x overflows."""
    if x < 700:
        return a * remainder(x)
    log_product = math.log(a) + x
    return math.exp(log_product) - a * (1 + x) if log_product < 709 else math.inf


def log_quotient(a: float, b: float) -> float:
    """log(a/b) of two positive numbers: exact also where a is near b."""
    return float(log_ratio(np.float64(a), np.float64(b)))


def entropy_divergence(a: float, b: float) -> float:
    """a log(a/b) − a + b for a, b ≥ 0: the Bregman divergence of a log a. ∞ if only b is 0."""
    if a == 0 or b == 0:
        return b if a == 0 else math.inf
    return float(kl_term(a, b, np.float64(log_quotient(b, a))))


def simplex_divergence(p: Any, q: Any) -> float:
    """Σ p log(p/q) of two probability vectors."""
    return math.fsum(entropy_divergence(float(a), float(b)) for a, b in zip(p, q, strict=True))


def shares_divergence(a: Any, b: Any) -> float:
    """Σ p log(p/q) of the shares p = a/Σa and q = b/Σb, which may be too small for doubles."""
    total_a, total_b = math.fsum(a), math.fsum(b)
    value = 0.0
    for x, y in zip(a, b, strict=True):
        share = x / total_a
        gap = log_quotient(y, x) - log_quotient(total_b, total_a)
        value += float(kl_term(share, y / total_b, np.float64(gap)))
    return value


def bernoulli_divergence(p: float, q: float) -> float:
    """KL of Bernoulli(p) from Bernoulli(q)."""
    return simplex_divergence([p, 1 - p], [q, 1 - q])


def log_gamma_divergence(b: float, a: float) -> float:
    """log Γ(b) − log Γ(a) − ψ(a)(b − a), for a, b > 0."""
    return entropy_divergence(b, a) + stirling_divergence(b, a)


def stirling_divergence(b: float, a: float) -> float:
    """The Bregman divergence of h(x) = log Γ(x) − x log x + x, which is convex."""
    step = (b - a) / a
    if -0.5 <= step <= 1:
        x = a + (b - a) * _NODES
        weights = _WEIGHTS * (1 - _NODES) / (1 + step * _NODES) ** 2
        return float(step**2 * np.sum(weights * _curvature(x)))
    return stirling_rest(b) - stirling_rest(a) - stirling_rest_slope(a) * (b - a)


def stirling_rest(x: float) -> float:
    """h(x) = log Γ(x) − x log x + x, which for large x is ½ log(2π/x) + 1/(12x) − …."""
    if x < _STIRLING_FROM:
        return float(gammaln(x)) - x * math.log(x) + x
    series = sum(b / (n * (n - 1)) * x ** (1 - n) for n, b in _even(_BERNOULLI))
    return math.log(2 * math.pi / x) / 2 + series


def stirling_rest_slope(x: float) -> float:
    """h'(x) = ψ(x) − log x."""
    if x < _STIRLING_FROM:
        return float(psi(x)) - math.log(x)
    return -0.5 / x - sum(b / n * x**-n for n, b in _even(_BERNOULLI))


def _curvature(x: Any) -> Any:
    """x² h''(x) = x² (ψ'(x) − 1/x): from 1 at 0 to ½ at ∞."""
    large = x >= _STIRLING_FROM
    far = np.where(large, x, _STIRLING_FROM)
    series = 0.5 + sum(b * far ** (1 - n) for n, b in _even(_BERNOULLI))
    near = np.where(large, 1.0, x)
    return np.where(large, series, 1 - near + near**2 * polygamma(1, 1 + near))


def _even(coefficients: list[float]) -> list[tuple[int, float]]:
    return [(2 * (i + 1), value) for i, value in enumerate(coefficients)]


# --- The von Mises distribution -----------------------------------------------------------------


def bessel_ratio(kappa: float) -> float:
    """A(κ) = I₁(κ)/I₀(κ), the mean resultant length of a von Mises distribution."""
    return float(i1e(kappa) / i0e(kappa)) if kappa < _SERIES_FROM else 1 - _gap(kappa)


def log_bessel_divergence(b: float, a: float) -> float:
    """log I₀(b) − log I₀(a) − A(a)(b − a), for a, b ≥ 0."""
    if a / 2 <= b <= 2 * a or max(a, b) < 1:
        x = a + (b - a) * _NODES
        slopes = np.array([_bessel_ratio_slope(k) for k in x])
        # In this order nothing overflows: the slope is about 1/(2κ²) for large κ.
        return float(np.sum(_WEIGHTS * (1 - _NODES) * (b - a) * slopes * (b - a)))
    # log I₀(κ) − κ has the same divergence, and no large linear part to cancel.
    slope = -_gap(a) if a >= _SERIES_FROM else bessel_ratio(a) - 1
    return float(np.log(i0e(b)) - np.log(i0e(a))) - slope * (b - a)


def _bessel_ratio_slope(kappa: float) -> float:
    """A'(κ) = 1 − A/κ − A²."""
    if kappa < 1e-3:
        return 0.5 - 3 * kappa**2 / 16
    if kappa < _SERIES_FROM:
        ratio = bessel_ratio(kappa)
        return 1 - ratio / kappa - ratio**2
    return float(sum(n * d * kappa ** -(n + 1) for n, d in enumerate(_GAP_SERIES, 1)))


def _gap(kappa: float) -> float:
    """1 − A(κ), for large κ."""
    return float(sum(d * kappa**-n for n, d in enumerate(_GAP_SERIES, 1)))


def _gap_series(terms: int) -> list[float]:
    """Coefficients of 1 − A(κ) = ½κ⁻¹ + ⅛κ⁻² + …, from the differential equation of A."""
    d: list[float] = []
    for n in range(1, terms + 1):
        products = sum(d[i] * d[n - 2 - i] for i in range(n - 1))
        d.append(0.5 if n == 1 else (products + (n - 2) * d[n - 2]) / 2)
    return d


_SERIES_FROM = 40.0
_GAP_SERIES = _gap_series(20)
