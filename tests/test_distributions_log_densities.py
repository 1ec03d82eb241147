"""Log-densities where SciPy's underflow: against mpmath, which evaluates the plain densities."""

import math

import mpmath as mp
import numpy as np
import pytest
import scipy.stats as st
from scipy.special import i0e

from kldiv.distributions import kl
from kldiv.distributions._log_densities import _EXACT, exact_log_density
from kldiv.distributions._views import view


def normal(x):
    return mp.exp(-(x**2) / 2) / mp.sqrt(2 * mp.pi)


def cauchy(x):
    return 1 / (mp.pi * (1 + x**2))


def burr(x, c, d):
    return c * d * x ** (-c - 1) / (1 + x**-c) ** (d + 1)


def jf_skew_t(x, a, b):
    constant = 2 ** (a + b - 1) * mp.beta(a, b) * mp.sqrt(a + b)
    share = x / mp.sqrt(a + b + x**2)
    return (1 + share) ** (a + 0.5) * (1 - share) ** (b + 0.5) / constant


def norminvgauss(x, a, b):
    root, gamma = mp.sqrt(1 + x**2), mp.sqrt(a**2 - b**2)
    return a * mp.besselk(1, a * root) / (mp.pi * root) * mp.exp(gamma + b * x)


def rel_breitwigner(x, rho):
    root = mp.sqrt(rho**2 * (rho**2 + 1))
    k = 2 * mp.sqrt(2) * rho * root / (mp.pi * mp.sqrt(rho**2 + root))
    return k / ((x**2 - rho**2) ** 2 + rho**2)


def loglaplace(x, c):
    return c / 2 * x ** (c - 1 if x < 1 else -c - 1)


def levy(x):
    return mp.exp(-1 / (2 * x)) / mp.sqrt(2 * mp.pi * x**3)


def exponweib(x, a, c):
    return a * c * (-mp.expm1(-(x**c))) ** (a - 1) * mp.exp(-(x**c)) * x ** (c - 1)


#: SciPy's densities, as its documentation has them, with shape parameters and points.
LINE = (-1e12, -700.0, -30.0, -1.0, -1e-9, 0.3, 2.0, 45.0, 3000.0, 1e12)
RIGHT = (1e-12, 1e-4, 0.03, 1.0, 3.7, 45.0, 3000.0, 1e12)
FAR = (*RIGHT, 1e-200, 1e200)
DENSITIES = {
    "burr": (burr, [(3, 1), (0.5, 4), (10.5, 4.3)], FAR),
    "burr12": (lambda x, c, d: c * d * x ** (c - 1) / (1 + x**c) ** (d + 1),
               [(3, 1), (0.5, 4), (10, 4)], FAR),
    "cosine": (lambda x: (1 + mp.cos(x)) / (2 * mp.pi), [()], (-3.1415926, -2, 0, 1, 3.14159)),
    "exponweib": (exponweib, [(3, 1.9), (0.5, 0.7), (1, 1)], (*RIGHT[:-1], 1e-200)),
    "fisk": (lambda x, c: burr(x, c, 1), [(3,), (0.7,)], FAR),
    "foldcauchy": (lambda x, c: cauchy(x - c) + cauchy(x + c), [(0.0,), (4.7,), (100,)], FAR),
    "foldnorm": (lambda x, c: normal(x - c) + normal(x + c), [(0.0,), (1,), (30,)], RIGHT),
    "halfcauchy": (lambda x: 2 * cauchy(x), [()], FAR),
    "hypsecant": (lambda x: mp.sech(x) / mp.pi, [()], LINE),
    "invweibull": (lambda x, c: c * x ** (-c - 1) * mp.exp(-(x**-c)), [(2,), (10.5,)], RIGHT[1:]),
    "jf_skew_t": (jf_skew_t, [(4, 3), (8, 0.5), (1, 1)], (*LINE, -1e200, 1e200)),
    "johnsonsb": (lambda x, a, b: b / (x * (1 - x)) * normal(a + b * mp.log(x / (1 - x))),
                  [(4.3, 3.2), (-1, 0.5)], (1e-200, 1e-9, 0.3, 0.9, 0.999999)),
    "johnsonsu": (lambda x, a, b: b / mp.sqrt(x**2 + 1) * normal(a + b * mp.asinh(x)),
                  [(2.5, 2.2), (-1, 0.5)], (*LINE, -1e200, 1e200)),
    "kappa3": (lambda x, a: a * (a + x**a) ** (-(a + 1) / a), [(1,), (0.3,), (7,)], FAR),
    "laplace": (lambda x: mp.exp(-abs(x)) / 2, [()], LINE),
    "levy": (levy, [()], FAR),
    "levy_l": (lambda x: levy(-x), [()], [-x for x in FAR]),
    "loglaplace": (loglaplace, [(3.2,), (0.5,)], FAR),
    "mielke": (lambda x, k, s: k * x ** (k - 1) / (1 + x**s) ** (1 + k / s),
               [(10.4, 4.6), (0.5, 2)], FAR),
    "moyal": (lambda x: mp.exp(-(x + mp.exp(-x)) / 2) / mp.sqrt(2 * mp.pi), [()], LINE[2:]),
    "norminvgauss": (norminvgauss, [(1.25, 0.5), (3, -2.9)], LINE[1:-1]),
    "pareto": (lambda x, b: b * x ** (-b - 1), [(2.6,), (0.5,)], (1.0001, 45, 1e200)),
    "rel_breitwigner": (rel_breitwigner, [(36.5,), (0.5,)], FAR),
    "rice": (lambda x, b: x * mp.exp(-(x**2 + b**2) / 2) * mp.besseli(0, x * b),
             [(0.0,), (1,), (30,)], RIGHT[:-1]),
    "skewcauchy": (lambda x, a: cauchy(x / (1 + a * mp.sign(x))), [(0.5,), (-0.9,)],
                   (*LINE, -1e200, 1e200)),
}  # fmt: skip


@pytest.mark.parametrize("name", DENSITIES)
def test_log_densities_agree_with_mpmath(name):
    density, shapes, points = DENSITIES[name]
    exact = exact_log_density(type(getattr(st, name)))
    with mp.workdps(450 if name == "jf_skew_t" else 60):  # where 1 − 1e-400 is not 1
        for shape in shapes:
            at = [mp.mpf(s) for s in shape]
            truth = [float(mp.log(density(mp.mpf(x), *at))) for x in points]
            with np.errstate(all="ignore"):
                found = exact(np.array(points, dtype=float), *map(float, shape))
            assert found == pytest.approx(truth, rel=2e-13, abs=2e-13)


def test_every_log_density_is_tested():
    assert set(_EXACT) == {type(getattr(st, name)) for name in DENSITIES}


@pytest.mark.parametrize("name", DENSITIES)
def test_location_and_scale_and_what_lies_outside(name):
    shape = DENSITIES[name][1][0]
    q = getattr(st, name)(*shape, loc=2, scale=3)
    assert kl(q, q) == 0
    low, high = q.support()
    x = q.ppf([0.02, 0.3, 0.7, 0.98])
    log_density = view(q, "q").log_density
    assert log_density(x) == pytest.approx(q.logpdf(x), rel=1e-11)
    assert log_density([low - 1]) == log_density([high + 1]) == -math.inf


def mean_of(p, f):
    """E_p f(x), to a few more digits than are asked for."""
    x, weights = np.polynomial.legendre.leggauss(60)
    ends = np.concatenate([[p.support()[0]], np.linspace(*p.ppf([1e-12, 0.5]), 40),
                           np.linspace(*p.isf([0.5, 1e-300]), 400)])  # fmt: skip
    ends = ends[np.isfinite(ends)]
    half, middle = np.diff(ends)[:, None] / 2, (ends[1:] + ends[:-1])[:, None] / 2
    at = middle + half * x
    return float(np.sum(half * weights * p.pdf(at) * f(at)))


LOG_ROOT_2PI = math.log(2 * math.pi) / 2

#: Pairs of which q's density underflows where KL still has a tail, and −E_p[log q].
FADING = {
    "gamma and foldnorm": (st.gamma(2), st.foldnorm(1), lambda p: mean_of(
        p, lambda x: (x - 1) ** 2 / 2 - np.log1p(np.exp(-2 * x)) + LOG_ROOT_2PI)),
    "expon and rice": (st.expon(), st.rice(1), lambda p: 0.5 + np.euler_gamma  # −E log x
                       - mean_of(p, lambda x: np.log(i0e(x)))),
    "norm and moyal": (st.norm(), st.moyal(), lambda p: math.exp(0.5) / 2 + LOG_ROOT_2PI),
    "laplace and moyal": (st.laplace(0, 0.5), st.moyal(), lambda p: 1 / (1 - 0.25) / 2
                          + LOG_ROOT_2PI),
    "norm and jf_skew_t": (st.norm(), st.jf_skew_t(4, 3), None),
    "uniform and cosine": (st.uniform(-math.pi, 2 * math.pi), st.cosine(),
                           lambda p: math.log(4 * math.pi)),
    "gamma and ncf": (st.gamma(2), st.ncf(27, 27, 0.4), None),
    "t and hypsecant": (st.t(3), st.hypsecant(), None),
}  # fmt: skip


@pytest.mark.parametrize("name", FADING)
def test_a_density_that_fades_far_out_does_not_stop_the_integral(name):
    p, q, cross_entropy = FADING[name]
    value = kl(p, q)
    assert value.method == "quadrature" and value.error < 1e-7
    if cross_entropy is not None:
        assert float(value) == pytest.approx(cross_entropy(p) - float(p.entropy()), rel=1e-8)
    drawn = kl(p, q, method="monte carlo", draws=20_000)
    assert abs(float(value) - float(drawn)) < 4 * drawn.error


def test_what_still_fades_is_said_to():
    with pytest.raises(
        ArithmeticError, match=r"q \(landau\) underflows at -\d.*before.*monte carlo"
    ):
        kl(st.norm(), st.landau())
    with pytest.raises(
        ArithmeticError, match=r"q \(exponpow\) underflows at 11.*of 1.2e-05 beyond"
    ):
        kl(st.expon(), st.exponpow(2.7))
    assert kl(st.t(3), st.moyal()) == kl(st.laplace(), st.moyal(0, 0.9)) == math.inf
