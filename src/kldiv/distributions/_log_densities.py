"""Log-densities that do not underflow, for families whose density SciPy takes the logarithm of.

SciPy's own is −∞ where the density is below 1e-308, or comes out as NaN; there KL may still have
a part that counts. Each function takes the standardized variable, inside the support, and the
shape parameters as numbers; the formulas are those of SciPy's documentation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.stats as st
from scipy.special import betaln, i0e, k1e

_LOG_ROOT_2PI = math.log(2 * math.pi) / 2


def _log_hypot(a: Any, b: Any) -> Any:
    """log √(a² + b²), where the squares may overflow."""
    return np.log(np.hypot(a, b))


def _burr(y: Any, c: float, d: float) -> Any:
    return math.log(c) + math.log(d) - (c + 1) * np.log(y) - (d + 1) * _log_1p_power(y, -c)


def _burr12(y: Any, c: float, d: float) -> Any:
    return math.log(c) + math.log(d) + (c - 1) * np.log(y) - (d + 1) * _log_1p_power(y, c)


def _log_1p_power(y: Any, c: float) -> Any:
    """log(1 + y^c)."""
    return np.logaddexp(0.0, c * np.log(y))


def _cosine(y: Any) -> Any:
    # 1 + cos y = 2 cos²(y/2), which does not cancel near ±π.
    return 2 * np.log(np.cos(y / 2)) - math.log(math.pi)


def _exponweib(y: Any, a: float, c: float) -> Any:
    log_y = np.log(y)
    power = y**c
    # log(1 − e^{−y^c}), where y^c may underflow
    log_cdf = np.where(c * log_y < -37, c * log_y, np.log(-np.expm1(-power)))
    return math.log(a) + math.log(c) + (a - 1) * log_cdf - power + (c - 1) * log_y


def _foldcauchy(y: Any, c: float) -> Any:
    apart = 2 * (_log_hypot(1, y - c) + _log_hypot(1, y + c) - _log_hypot(y, math.hypot(1, c)))
    return math.log(2 / math.pi) - apart


def _foldnorm(y: Any, c: float) -> Any:
    return np.log1p(np.exp(-2 * c * y)) - (y - c) ** 2 / 2 - _LOG_ROOT_2PI


def _hypsecant(y: Any) -> Any:
    y = np.abs(y)
    return math.log(2 / math.pi) - y - np.log1p(np.exp(-2 * y))


def _jf_skew_t(y: Any, a: float, b: float) -> Any:
    n = a + b
    root = np.hypot(math.sqrt(n), y)
    # 1 ± y/root: the smaller of the two is n/(root (root + |y|)).
    larger = np.log1p(np.abs(y) / root)
    smaller = math.log(n) - np.log(root) - np.log(root + np.abs(y))
    log_plus, log_minus = np.where(y > 0, larger, smaller), np.where(y > 0, smaller, larger)
    constant = (n - 1) * math.log(2) + float(betaln(a, b)) + math.log(n) / 2
    return (a + 0.5) * log_plus + (b + 0.5) * log_minus - constant


def _johnsonsb(y: Any, a: float, b: float) -> Any:
    log_odds = np.log(y) - np.log1p(-y)
    normal = -((a + b * log_odds) ** 2) / 2 - _LOG_ROOT_2PI
    return math.log(b) - np.log(y) - np.log1p(-y) + normal


def _johnsonsu(y: Any, a: float, b: float) -> Any:
    return math.log(b) - _log_hypot(1, y) - (a + b * np.arcsinh(y)) ** 2 / 2 - _LOG_ROOT_2PI


def _kappa3(y: Any, a: float) -> Any:
    return math.log(a) - (1 + 1 / a) * np.logaddexp(math.log(a), a * np.log(y))


def _levy(y: Any) -> Any:
    return -_LOG_ROOT_2PI - 1.5 * np.log(y) - 0.5 / y


def _loglaplace(y: Any, c: float) -> Any:
    return math.log(c / 2) - np.log(y) - c * np.abs(np.log(y))


def _mielke(y: Any, k: float, s: float) -> Any:
    return math.log(k) + (k - 1) * np.log(y) - (1 + k / s) * _log_1p_power(y, s)


def _moyal(y: Any) -> Any:
    return -(y + np.exp(-y)) / 2 - _LOG_ROOT_2PI


def _norminvgauss(y: Any, a: float, b: float) -> Any:
    root = np.hypot(1, y)
    tilt = math.sqrt((a - b) * (a + b)) + b * y - a * root
    return math.log(a / math.pi) + np.log(k1e(a * root)) - np.log(root) + tilt


def _rel_breitwigner(y: Any, rho: float) -> Any:
    slope = math.sqrt(1 + rho**-2)
    constant = math.log(2 * (1 + rho**-2) / (1 + slope)) / 2 + math.log(2 / math.pi)
    log_distance = np.log(np.abs(y - rho)) + np.log(y + rho) - math.log(rho)
    return constant - np.logaddexp(2 * log_distance, 0.0)


def _rice(y: Any, b: float) -> Any:
    return np.log(y) - (y - b) ** 2 / 2 + np.log(i0e(b * y))


def _skewcauchy(y: Any, a: float) -> Any:
    return -math.log(math.pi) - 2 * _log_hypot(1, y / (1 + a * np.sign(y)))


#: Family → its log-density.
_EXACT: dict[type, Callable[..., Any]] = {
    type(st.burr): _burr,
    type(st.burr12): _burr12,
    type(st.cosine): _cosine,
    type(st.exponweib): _exponweib,
    type(st.fisk): lambda y, c: _burr(y, c, 1.0),
    type(st.foldcauchy): _foldcauchy,
    type(st.foldnorm): _foldnorm,
    type(st.halfcauchy): lambda y: math.log(2 / math.pi) - 2 * _log_hypot(1, y),
    type(st.hypsecant): _hypsecant,
    type(st.invweibull): lambda y, c: math.log(c) - (c + 1) * np.log(y) - y**-c,
    type(st.jf_skew_t): _jf_skew_t,
    type(st.johnsonsb): _johnsonsb,
    type(st.johnsonsu): _johnsonsu,
    type(st.kappa3): _kappa3,
    type(st.laplace): lambda y: -np.abs(y) - math.log(2),
    type(st.levy): _levy,
    type(st.levy_l): lambda y: _levy(-y),
    type(st.loglaplace): _loglaplace,
    type(st.mielke): _mielke,
    type(st.moyal): _moyal,
    type(st.norminvgauss): _norminvgauss,
    type(st.pareto): lambda y, b: math.log(b) - (b + 1) * np.log(y),
    type(st.rel_breitwigner): _rel_breitwigner,
    type(st.rice): _rice,
    type(st.skewcauchy): _skewcauchy,
}


def exact_log_density(family: type) -> Callable[..., Any] | None:
    """The log-density of a family's standardized variable, where SciPy's underflows; else None."""
    return _EXACT.get(family)
