"""Closed forms against textbook formulas in mpmath, against the densities, and against PyTorch."""

import itertools
import math

import mpmath as mp
import numpy as np
import pytest
import scipy.stats as st
import torch
from torch.distributions import kl_divergence as torch_kl

from kldiv.distributions import kl
from kldiv.distributions._registry import _closed_forms

HALF_LINE = ["gengamma", "gamma", "erlang", "expon", "chi2", "weibull_min", "rayleigh", "maxwell"]
HALF_LINE += ["halfnorm", "chi", "nakagami", "invgamma", "invweibull"]
INTERVAL = ["beta", "powerlaw", "arcsine", "uniform", "semicircular", "rdist"]
LINE = ["norm", "cauchy", "laplace", "gumbel_r", "gumbel_l"]
#: Number of shape parameters; "n" in front where they are whole numbers or probabilities.
SHAPES = {
    "gengamma": 2, "gamma": 1, "expon": 0, "chi2": 1, "weibull_min": 1, "rayleigh": 0,
    "maxwell": 0, "halfnorm": 0, "chi": 1, "nakagami": 1, "invgamma": 1, "invweibull": 1,
    "beta": 2, "powerlaw": 1, "arcsine": 0, "uniform": 0, "semicircular": 0, "rdist": 1,
    "betaprime": 2, "norm": 0, "lognorm": 1, "cauchy": 0, "laplace": 0, "gumbel_r": 0,
    "gumbel_l": 0, "vonmises": 1, "invgauss": 1, "pareto": 1, "lomax": 1,
}  # fmt: skip


def frozen(name, rng):
    """A distribution of the family, with a support that others of its kind share."""
    family = getattr(st, name)
    if name == "erlang":
        return family(int(rng.integers(1, 6)), loc=1.5, scale=rng.gamma(3))
    if name == "loguniform":
        a, b = np.sort(rng.uniform(1, 3, 2))
        return family(a, b, loc=1.5)
    if name in ("semicircular", "rdist"):
        return family(*(0.8 + rng.gamma(3, 0.7, SHAPES[name])), loc=0.5, scale=0.5)
    shapes = 0.8 + rng.gamma(3, 0.5, SHAPES[name])
    if name in INTERVAL:
        return family(*shapes)
    if name in ("betaprime", "lomax"):
        return family(*shapes, loc=1, scale=2)
    if name == "vonmises":
        return family(*shapes, loc=rng.normal())
    if name in LINE:
        return family(loc=rng.normal(), scale=0.3 + rng.gamma(3))
    return family(*shapes, loc=1.5, scale=0.3 + rng.gamma(3))


def discrete_pair(name, rng):
    a, b = rng.uniform(0.05, 0.95, 2)
    family = getattr(st, name)
    parameters = {
        "bernoulli": ((a,), (b,)),
        "geom": ((a,), (b,)),
        "binom": ((20, a), (20, b)),
        "nbinom": ((3.5, a), (3.5, b)),
        "poisson": ((20 * a,), (20 * b,)),
        "randint": ((3, 9), (2, 12)),
        "zipf": ((6 + a,), (5 + b,)),
    }[name]
    return [family(*p, loc=2) for p in parameters]


def univariate_pairs():
    names = {type(getattr(st, n)): n for n in [*SHAPES, "erlang", "loguniform"]}
    names |= {type(getattr(st, n)): n for n in DISCRETE}
    return [(names[a], names[b]) for a, b in _closed_forms if a in names]


DISCRETE = ["bernoulli", "geom", "binom", "nbinom", "poisson", "randint", "zipf"]
ODD = {
    ("uniform", "norm"): lambda: (st.uniform(-1, 3), st.norm(0.3, 1.7)),
    ("uniform", "expon"): lambda: (st.uniform(2, 3), st.expon(1.5, 1.7)),
    ("pareto", "pareto"): lambda: (st.pareto(2.5, 1, 3), st.pareto(1.5, 1, 2)),
    ("expon", "expon"): lambda: (st.expon(2.5, 3), st.expon(1.5, 1.7)),
    ("loguniform", "loguniform"): lambda: (st.loguniform(2, 5, 1), st.loguniform(1, 7, 1)),
    ("uniform", "uniform"): lambda: (st.uniform(1, 2), st.uniform(0.5, 4)),
}


def test_every_pair_of_families_is_tested():
    ours = [pair for pair in _closed_forms if pair[0].__module__.startswith("scipy.")]
    univariate = [pair for pair in ours if not pair[0].__name__.startswith("multi")]
    others = [p for p in univariate if p[0].__name__ in ("dirichlet_gen", "wishart_gen")]
    others += [p for p in univariate if p[0].__name__ == "invwishart_gen"]
    assert len(univariate_pairs()) == len(univariate) - len(others)
    assert len(HALF_LINE) ** 2 + len(INTERVAL) ** 2 + 23 == len(univariate_pairs())


@pytest.mark.parametrize("first", sorted({a for a, _ in univariate_pairs()}))
def test_the_densities_agree(first):
    """The closed form against the package's quadrature and summation of SciPy's densities."""
    rng = np.random.default_rng(len(first))
    agreed = 0
    for name_p, name_q in univariate_pairs():
        if name_p != first:
            continue
        for _ in range(3):
            if name_p in DISCRETE:
                p, q = discrete_pair(name_p, rng)
            elif (name_p, name_q) in ODD:
                p, q = ODD[name_p, name_q]()
            else:
                p, q = frozen(name_p, rng), frozen(name_q, rng)
            closed = kl(p, q, method="closed form")
            assert closed.method == "closed form" and closed.error == 0
            try:
                summed = kl(p, q, method="summation" if name_p in DISCRETE else "quadrature")
            except ArithmeticError:  # SciPy's invweibull underflows early; slow tails
                assert "inv" in name_p + name_q
                continue
            assert float(closed) == pytest.approx(float(summed), rel=1e-8, abs=1e-12), (
                p.args,
                q.args,
            )
            assert kl(p, p) == 0 and kl(q, q).method == "closed form"
            agreed += 1
    assert agreed > 0


# --- Textbook formulas in many digits ---------------------------------------------------------


def textbook_generalized_gamma(a_p, c_p, s_p, a_q, c_q, s_q):
    """Bauckhage (2014), in Stacy's parameters d = a c."""
    k = c_q / c_p
    moment = (s_p / s_q) ** c_q * mp.gamma(a_p + k) / mp.gamma(a_p)
    log_norm_p = mp.log(abs(c_p)) - mp.log(s_p) * a_p * c_p - mp.loggamma(a_p)
    log_norm_q = mp.log(abs(c_q)) - mp.log(s_q) * a_q * c_q - mp.loggamma(a_q)
    mean_log = mp.log(s_p) + mp.psi(0, a_p) / c_p
    return log_norm_p - log_norm_q + (a_p * c_p - a_q * c_q) * mean_log + moment - a_p


def textbook_dirichlet(alpha, beta):
    total_a, total_b = mp.fsum(alpha), mp.fsum(beta)
    value = mp.loggamma(total_a) - mp.loggamma(total_b)
    for a, b in zip(alpha, beta, strict=True):
        value += mp.loggamma(b) - mp.loggamma(a) + (a - b) * (mp.psi(0, a) - mp.psi(0, total_a))
    return value


def textbook_bernoulli(p, q):
    return p * mp.log(p / q) + (1 - p) * mp.log((1 - p) / (1 - q))


def textbook_laplace(m_p, s_p, m_q, s_q):
    d = abs(m_p - m_q)
    return mp.log(s_q / s_p) + (s_p * mp.exp(-d / s_p) + d) / s_q - 1


def textbook_gumbel(m_p, s_p, m_q, s_q):
    k = s_p / s_q
    moment = mp.exp((m_q - m_p) / s_q) * mp.gamma(1 + k)
    return mp.log(s_q / s_p) + mp.euler * (k - 1) + moment - 1 + (m_p - m_q) / s_q


def textbook_vonmises(k_p, k_q, turn):
    ratio = mp.besseli(1, k_p) / mp.besseli(0, k_p)
    logs = mp.log(mp.besseli(0, k_q)) - mp.log(mp.besseli(0, k_p))
    return logs + ratio * (k_p - k_q * mp.cos(turn))


def textbook_invgauss(m_p, l_p, m_q, l_q):
    return (mp.log(l_p / l_q) + l_q / l_p - 1 + l_q * (m_p - m_q) ** 2 / (m_q**2 * m_p)) / 2


def textbook_wishart(df_p, v_p, df_q, v_q):
    """Of scale matrices v·I₂."""
    half_p, half_q, k = df_p / 2, df_q / 2, 2
    log_gamma = sum(mp.loggamma(half_q - j) - mp.loggamma(half_p - j) for j in (0, mp.mpf(1) / 2))
    psi = sum(mp.psi(0, half_p - j) for j in (0, mp.mpf(1) / 2))
    scale = half_q * k * mp.log(v_q / v_p) + half_p * k * (v_p / v_q - 1)
    return scale + log_gamma + (half_p - half_q) * psi


def wishart(df, v):
    return st.wishart(df, v * np.eye(2))


def invwishart(df, v):
    return st.invwishart(df, np.eye(2) / v)


#: name: (family, textbook formula of the numbers of p and then of q, sizes of the numbers)
TEXTBOOK = {
    "gengamma": (st.gengamma, lambda a, c, A, C: textbook_generalized_gamma(a, c, 1, A, C, 1), 2),
    "gamma": (lambda a, s: st.gamma(a, scale=s),
              lambda a, s, A, S: textbook_generalized_gamma(a, 1, s, A, 1, S), 2),
    "invgamma": (lambda a, s: st.invgamma(a, scale=s),
                 lambda a, s, A, S: textbook_generalized_gamma(a, -1, s, A, -1, S), 2),
    "weibull": (lambda c, s: st.weibull_min(c, scale=s),
                lambda c, s, C, S: textbook_generalized_gamma(1, c, s, 1, C, S), 2),
    "nakagami": (lambda a, s: st.nakagami(a, scale=s), lambda a, s, A, S:
                 textbook_generalized_gamma(a, 2, s / mp.sqrt(a), A, 2, S / mp.sqrt(A)), 2),
    "expon": (lambda s: st.expon(scale=s), lambda s, S: mp.log(S / s) + s / S - 1, 1),
    "beta": (st.beta, lambda a, b, A, B: textbook_dirichlet([a, b], [A, B]), 2),
    "betaprime": (st.betaprime, lambda a, b, A, B: textbook_dirichlet([a, b], [A, B]), 2),
    "dirichlet": (lambda *a: st.dirichlet(a),
                  lambda a, b, c, A, B, C: textbook_dirichlet([a, b, c], [A, B, C]), 3),
    "poisson": (st.poisson, lambda a, b: a * mp.log(a / b) - a + b, 1),
    "bernoulli": (lambda a: st.bernoulli(a / 8), lambda a, b: textbook_bernoulli(a / 8, b / 8), 1),
    "binom": (lambda a: st.binom(9, a / 8), lambda a, b: 9 * textbook_bernoulli(a / 8, b / 8), 1),
    "geom": (lambda a: st.geom(a / 8),
             lambda a, b: textbook_bernoulli(a / 8, b / 8) / (a / 8), 1),
    "nbinom": (lambda a: st.nbinom(2.5, a / 8),
               lambda a, b: 2.5 * textbook_bernoulli(a / 8, b / 8) / (a / 8), 1),
    "multinomial": (lambda a: st.multinomial(7, [a / 8, 1 - a / 8]),
                    lambda a, b: 7 * textbook_bernoulli(a / 8, b / 8), 1),
    "zipf": (lambda a: st.zipf(1 + a), lambda a, b: mp.log(mp.zeta(1 + b) / mp.zeta(1 + a))
             - (b - a) * mp.diff(lambda x: mp.log(mp.zeta(x)), 1 + a), 1),
    "norm": (st.norm, lambda m, s, M, S: mp.log(S / s) + (s**2 + (m - M)**2) / (2 * S**2) - 0.5, 2),
    "lognorm": (lambda m, s: st.lognorm(s, scale=m), lambda m, s, M, S:
                mp.log(S / s) + (s**2 + mp.log(m / M)**2) / (2 * S**2) - 0.5, 2),
    "cauchy": (st.cauchy, lambda m, s, M, S: mp.log(((s + S)**2 + (m - M)**2) / (4 * s * S)), 2),
    "laplace": (st.laplace, textbook_laplace, 2),
    "gumbel_r": (st.gumbel_r, textbook_gumbel, 2),
    "gumbel_l": (st.gumbel_l, lambda m, s, M, S: textbook_gumbel(-m, s, -M, S), 2),
    "vonmises": (lambda k, m: st.vonmises(k, m),
                 lambda k, m, K, M: textbook_vonmises(k, K, m - M), 2),
    "invgauss": (lambda m, s: st.invgauss(m / s, scale=s), textbook_invgauss, 2),
    "pareto": (st.pareto, lambda b, B: mp.log(b / B) + B / b - 1, 1),
    "lomax": (st.lomax, lambda b, B: mp.log(b / B) + B / b - 1, 1),
    "wishart": (lambda d, v: wishart(d + 1, v),
                lambda d, v, D, V: textbook_wishart(d + 1, v, D + 1, V), 2),
    "invwishart": (lambda d, v: invwishart(d + 1, v),
                   lambda d, v, D, V: textbook_wishart(d + 1, v, D + 1, V), 2),
}  # fmt: skip


def textbook(name, numbers_p, numbers_q):
    with mp.workdps(80):
        return float(TEXTBOOK[name][1](*(mp.mpf(float(x)) for x in [*numbers_p, *numbers_q])))


@pytest.mark.parametrize("name", TEXTBOOK)
def test_textbook_formulas_agree(name):
    family, _, count = TEXTBOOK[name]
    rng = np.random.default_rng(count)
    for _ in range(25):
        numbers_p, numbers_q = rng.uniform(0.2, 7, (2, count))
        value = kl(family(*numbers_p), family(*numbers_q))
        assert value.method == "closed form"
        truth = textbook(name, numbers_p, numbers_q)
        assert float(value) == pytest.approx(truth, rel=1e-11, abs=0), (numbers_p, numbers_q)


@pytest.mark.parametrize("difference", [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6])
@pytest.mark.parametrize("name", TEXTBOOK)
def test_no_digits_are_lost_near_q_equal_to_p(name, difference):
    """Rounding a parameter moves q by 1e-16 / difference of its distance from p."""
    family, _, count = TEXTBOOK[name]
    rng = np.random.default_rng(count)
    for _ in range(4):
        numbers_p = rng.uniform(0.5, 6, count)
        numbers_q = numbers_p * (1 + difference * rng.uniform(0.5, 1, count))
        value = float(kl(family(*numbers_p), family(*numbers_q)))
        truth = textbook(name, numbers_p, numbers_q)
        assert value > 0
        assert value == pytest.approx(truth, rel=1e-12 + 3e-14 / difference, abs=0), (
            numbers_p,
            numbers_q,
        )


@pytest.mark.parametrize("size", [1e-12, 1e-4, 1e4, 1e10])
@pytest.mark.parametrize(
    "name", ["gamma", "invgamma", "nakagami", "beta", "dirichlet", "poisson", "expon", "vonmises",
             "lognorm", "cauchy", "gengamma", "pareto", "invgauss", "wishart"]
)  # fmt: skip
def test_large_and_small_parameters(name, size):
    family, _, count = TEXTBOOK[name]
    rng = np.random.default_rng(count)
    for spread in (1e-3, 1.0, 20.0):
        numbers_p = size * rng.uniform(0.5, 1, count)
        numbers_q = numbers_p * (1 + spread * rng.uniform(0.5, 1, count))
        if name in ("gengamma", "lognorm") and (size > 1e4 or size < 1e-4):
            continue  # overflows, or hangs on one last digit
        if name == "wishart" and size < 1:
            continue  # the degrees of freedom are above 1
        if name == "vonmises":
            numbers_p[1], numbers_q[1] = 0.3, 0.3 + spread / 50 / math.sqrt(1 + size)
        value = float(kl(family(*numbers_p), family(*numbers_q)))
        truth = textbook(name, numbers_p, numbers_q)
        assert value == pytest.approx(truth, rel=3e-9, abs=0), (numbers_p, numbers_q)


def test_numbers_beyond_double_precision_do_not_become_nan():
    assert kl(st.norm(0, 1e-300), st.norm(0, 1e300)) == pytest.approx(1381.05, rel=1e-5)
    assert kl(st.cauchy(0, 1e-300), st.cauchy(1e300, 1e300)) == pytest.approx(1380.86, rel=1e-5)
    assert kl(st.expon(0, 1e-300), st.expon(0, 1e300)) == pytest.approx(1380.55, rel=1e-5)
    assert kl(st.norm(0, 1e300), st.norm(0, 1e-300)) == math.inf
    assert kl(st.gamma(1e-300), st.gamma(1)) == pytest.approx(1e300)
    assert kl(st.poisson(1e300), st.poisson(2e300)) == pytest.approx(1e300 * (1 - math.log(2)))
    assert kl(st.beta(1e-200, 1e200), st.beta(1, 1)) == pytest.approx(1e200)
    assert kl(st.chi2(0.5, 0, 1e12), st.chi2(1e-300, 0, 0.5)) == pytest.approx(5e11, rel=1e-6)
    assert kl(st.laplace(0, 1e300), st.laplace(0, 1e-300)) == math.inf
    assert kl(st.gumbel_r(0, 1e-300), st.gumbel_r(0, 1e300)) > 1380
    assert kl(st.nakagami(1e300, 0, 1e-300), st.nakagami(1e300, 0, 1e-300)) == 0


def test_location_and_scale():
    """KL does not depend on the unit of measurement, and families are moved as one."""
    for loc, scale in itertools.product([-3.0, 100.0], [0.01, 7.0]):
        for p, q in [("norm", "norm"), ("gamma", "weibull_min"), ("laplace", "norm"),
                     ("norm", "laplace"), ("cauchy", "cauchy"), ("gumbel_r", "gumbel_r"),
                     ("beta", "rdist"), ("betaprime", "betaprime"), ("lomax", "lomax"),
                     ("uniform", "norm"), ("uniform", "expon"), ("invgauss", "invgauss"),
                     ("lognorm", "lognorm"), ("pareto", "pareto")]:  # fmt: skip
            family_p, family_q = getattr(st, p), getattr(st, q)
            shapes_p = np.full(family_p.numargs, 2.5)
            shapes_q = np.full(family_q.numargs, 3.5)
            if q == "rdist":
                before = family_p(*shapes_p), family_q(*shapes_q, 0.5, 0.5)
                after = (family_p(*shapes_p, loc, scale),
                         family_q(*shapes_q, loc + scale / 2, scale / 2))  # fmt: skip
            else:
                before = family_p(*shapes_p), family_q(*shapes_q)
                after = family_p(*shapes_p, loc, scale), family_q(*shapes_q, loc, scale)
            value = kl(*after)
            assert value.method == "closed form"
            assert float(value) == pytest.approx(float(kl(*before)), rel=1e-10)
    assert kl(st.norm(loc=1, scale=2), st.norm(1, scale=3)) == kl(st.norm(1, 2), st.norm(1, 3))


@pytest.mark.parametrize("name", ["gamma", "lognorm", "invgauss", "pareto", "beta", "lomax",
                                  "betaprime", "loguniform"])  # fmt: skip
def test_other_locations_are_integrated(name):
    family = getattr(st, name)
    shapes = (1.5, 3.0)[: family.numargs]
    p, q = family(*shapes, loc=2), family(*shapes, loc=1.5, scale=4)
    if name == "pareto":  # starts at loc + scale
        q = family(*shapes, loc=2.5, scale=0.4)
    if name == "loguniform":  # starts at loc + a·scale
        q = family(*shapes, loc=1.5, scale=1.2)
    value = kl(p, q)
    assert value.method == "quadrature" and 0 < value < math.inf and 0 < value.error < 1e-8
    drawn = kl(p, q, method="monte carlo")
    assert abs(float(drawn) - float(value)) < 4 * drawn.error
    with pytest.raises(ValueError, match="no closed form"):
        kl(p, q, method="closed form")
    assert kl(q, p).method == "support"


def test_scales_that_differ():
    assert kl(st.lomax(2, 1, 3), st.lomax(2, 1, 2)).method == "quadrature"
    assert kl(st.betaprime(2, 3, 0, 3), st.betaprime(2, 3, 0, 2)).method == "quadrature"
    assert kl(st.binom(5, 0.3), st.binom(8, 0.3)).method == "summation"
    assert kl(st.nbinom(5, 0.3), st.nbinom(8, 0.3)).method == "summation"
    assert kl(st.vonmises(1, scale=2), st.vonmises(2, scale=2)) == kl(
        st.vonmises(1), st.vonmises(2)
    )
    for family in (st.poisson(3, loc=2), st.geom(0.3, loc=2), st.nbinom(3, 0.5, loc=2)):
        other = family.dist(*family.args, loc=1)
        assert kl(family, other).method == "summation" and kl(other, family).method == "support"
    assert kl(st.zipf(6, loc=2), st.zipf(6)).method == "summation"


def test_moments_that_do_not_exist():
    """Infinite divergences whose supports agree."""
    assert kl(st.invgamma(1), st.gamma(2)) == math.inf
    assert kl(st.invgamma(1.001), st.gamma(2)) < math.inf
    assert kl(st.gamma(1), st.invgamma(2)) == math.inf
    assert kl(st.multivariate_t([0, 0], df=2), st.multivariate_normal([0, 0])) == math.inf


def test_a_small_variance_that_was_written_is_no_rounding():
    """SciPy takes small eigenvalues of a matrix for 0; those of a diagonal are what they are."""
    p, q = (
        st.multivariate_normal([0, 0], st.Covariance.from_diagonal([1, small]))
        for small in (1e-12, 4e-12)
    )
    assert float(kl(p, q)) == pytest.approx(float(kl(st.norm(0, 1), st.norm(0, 2))))
    near = st.multivariate_normal([0, 1e-6], st.Covariance.from_diagonal([1, 1e-12]))
    assert float(kl(near, p)) == pytest.approx(0.5)
    flat = st.multivariate_normal([0, 0], [[1, 0], [0, 0]], allow_singular=True)
    assert kl(flat, flat) == 0 and kl(flat, p) == kl(p, flat) == math.inf
    assert (
        kl(flat, st.multivariate_normal([0, 1], [[2, 0], [0, 0]], allow_singular=True)) == math.inf
    )


@pytest.mark.parametrize("family", [st.wishart, st.invwishart])
@pytest.mark.parametrize("small", [1e-6, 1e-12, 1e-20])
def test_wishart_scales_that_differ_widely(family, small):
    p, q = family(3, np.diag([1, small])), family(3, np.eye(2))
    # With ν alike: ½ν (tr − k − log det) of the ratio of scales.
    ratio = small if family is st.wishart else 1 / small
    expected = 3 / 2 * (ratio - 1 - math.log(ratio))
    assert float(kl(p, q)) == pytest.approx(expected, rel=1e-9)


def test_wishart_given_by_its_mean():
    """Many degrees of freedom and a scale that is the mean over them: λ a/b is 1."""
    v = np.diag([1.0, 2.0])
    p, q = st.wishart(3e6, v / 3e6), st.wishart(1e6, v / 1e6)
    scales = st.wishart(3e6, v), st.wishart(3e6, v)
    assert float(kl(*scales)) == 0
    with mp.workdps(40):
        a, b = mp.mpf(3e6) / 2, mp.mpf(1e6) / 2
        expected = sum(
            mp.loggamma(b - j) - mp.loggamma(a - j) - (b - a) * mp.psi(0, a - j)
            - (b * mp.log(b / a) - b + a)
            for j in (mp.mpf(0), mp.mpf(1) / 2)
        )  # fmt: skip
    assert float(kl(p, q)) == pytest.approx(float(expected), rel=1e-9)


def test_a_covariance_that_doubles_cannot_hold():
    thin = st.multivariate_normal([0, 0], st.Covariance.from_cholesky([[1, 0], [1, 1e-9]]))
    with pytest.raises(
        ArithmeticError, match="in double precision a covariance is singular: cov_p"
    ):
        kl(thin, thin)


def test_loguniform_of_a_narrow_range_keeps_its_digits():
    a = 1e10
    p, q = st.loguniform(a, a * (1 + 2**-26)), st.loguniform(a, a * (1 + 2**-25))
    assert float(kl(p, q)) == pytest.approx(math.log(2), rel=1e-7)


# --- PyTorch -------------------------------------------------------------------------------------

T = torch.distributions
WITH_TORCH = {
    "norm": (st.norm, T.Normal, 2),
    "cauchy": (st.cauchy, T.Cauchy, 2),
    "laplace": (st.laplace, T.Laplace, 2),
    "gumbel": (st.gumbel_r, T.Gumbel, 2),
    "gamma": (lambda a, r: st.gamma(a, scale=1 / r), T.Gamma, 2),
    "expon": (lambda r: st.expon(scale=1 / r), T.Exponential, 1),
    "beta": (st.beta, T.Beta, 2),
    "dirichlet": (lambda *a: st.dirichlet(a), lambda *a: T.Dirichlet(torch.stack(a)), 4),
    "poisson": (st.poisson, T.Poisson, 1),
    "bernoulli": (lambda a: st.bernoulli(a / 4), lambda a: T.Bernoulli(a / 4), 1),
    "binom": (lambda a: st.binom(6, a / 4), lambda a: T.Binomial(6, a / 4), 1),
    "geom": (lambda a: st.geom(a / 4), lambda a: T.Geometric(a / 4), 1),
    "lognorm": (lambda m, s: st.lognorm(s, scale=math.exp(m)), T.LogNormal, 2),
    "pareto": (lambda b: st.pareto(b, scale=2), lambda b: T.Pareto(2.0, b), 1),
    "halfnorm": (lambda s: st.halfnorm(scale=s), T.HalfNormal, 1),
}
ACROSS = [
    (st.norm(1, 2), st.laplace(0.5, 3), T.Normal(1.0, 2.0), None),
    (st.laplace(0.5, 3), st.norm(1, 2), T.Laplace(0.5, 3.0), T.Normal(1.0, 2.0)),
    (st.uniform(1, 2), st.norm(1, 2), T.Uniform(1.0, 3.0), T.Normal(1.0, 2.0)),
    (st.uniform(1, 2), st.expon(0, 2), T.Uniform(1.0, 3.0), T.Exponential(0.5)),
    (st.expon(0, 2), st.gamma(3), T.Exponential(0.5), T.Gamma(3.0, 1.0)),
    (st.gamma(3), st.expon(0, 2), T.Gamma(3.0, 1.0), T.Exponential(0.5)),
    (st.uniform(), st.beta(2, 3), T.Uniform(0.0, 1.0), T.Beta(2.0, 3.0)),
]


@pytest.mark.parametrize("name", WITH_TORCH)
def test_torch_agrees(name):
    scipys, torchs, count = WITH_TORCH[name]
    rng = np.random.default_rng(0)
    for _ in range(10):
        numbers_p, numbers_q = rng.uniform(0.3, 3, (2, count))
        p, q = torchs(*torch.from_numpy(numbers_p)), torchs(*torch.from_numpy(numbers_q))
        value = kl(scipys(*numbers_p), scipys(*numbers_q))
        assert float(value) == pytest.approx(float(torch_kl(p, q)), rel=1e-6)


@pytest.mark.parametrize(("p", "q", "torch_p", "torch_q"), ACROSS)
def test_torch_agrees_across_families(p, q, torch_p, torch_q):
    value = kl(p, q)
    assert value.method == "closed form"
    if torch_q is not None:
        assert float(value) == pytest.approx(float(torch_kl(torch_p, torch_q)), rel=1e-5)
