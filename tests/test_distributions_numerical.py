"""Quadrature, summation and Monte Carlo: right, or infinite, or an error; never a wrong number."""

import math

import mpmath as mp
import numpy as np
import pytest
import scipy.stats as st
from hypothesis import given, settings
from hypothesis import strategies as hst

from kldiv.distributions import kl
from kldiv.distributions._gauss import integrate

repeatable = settings(deadline=None, derandomize=True, max_examples=40)
seeds = hst.integers(0, 2**32 - 1)


class Faded(st.rv_continuous):
    """The normal distribution, with a density that underflows."""

    def _pdf(self, x):
        return np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)

    def _cdf(self, x):
        return st.norm.cdf(x)

    def _ppf(self, x):
        return st.norm.ppf(x)


class Cut(Faded):
    """The normal distribution, of which a computer finds nothing beyond 8."""

    def _pdf(self, x):
        return np.where(np.abs(x) < 8, st.norm.pdf(x), 0)


class FadedLattice(st.rv_discrete):
    """Geometric from 0, with probabilities that underflow."""

    def _pmf(self, k):
        return -np.expm1(-30.0) * np.exp(-30.0 * k)


faded = Faded(name="faded")
histogram = st.rv_histogram(([1, 2, 0, 5], [0.0, 0.3, 1.0, 1.5, 2.0]), density=False)
full = st.rv_histogram(([3, 1, 2, 2], [0.0, 0.4, 1.0, 1.5, 2.5]), density=False)


# --- Quadrature -----------------------------------------------------------------------------------


def log_logistic(x, m, s):
    return -(x - m) / s - 2 * mp.log1p(mp.exp(-(x - m) / s)) - mp.log(s)


def log_t(x, df):
    half = mp.mpf(df) / 2
    log_norm = mp.loggamma(half + 0.5) - mp.loggamma(half) - mp.log(mp.pi * df) / 2
    return log_norm - (half + 0.5) * mp.log1p(x**2 / df)


def log_normal(x, m, s):
    return -(((x - m) / s) ** 2) / 2 - mp.log(s) - mp.log(2 * mp.pi) / 2


MPMATH = {
    "logistic": (st.logistic(1, 2), st.logistic(0, 1),
                 lambda x: log_logistic(x, 1, 2), lambda x: log_logistic(x, 0, 1)),
    "t": (st.t(5), st.t(3), lambda x: log_t(x, 5), lambda x: log_t(x, 3)),
    "normal and t": (st.norm(2, 3), st.t(4),
                     lambda x: log_normal(x, 2, 3), lambda x: log_t(x, 4)),
    "logistic and normal": (st.logistic(1, 2), st.norm(0, 3),
                            lambda x: log_logistic(x, 1, 2), lambda x: log_normal(x, 0, 3)),
    "near": (st.logistic(), st.logistic(1e-5, 1),
             lambda x: log_logistic(x, 0, 1), lambda x: log_logistic(x, mp.mpf(1e-5), 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", MPMATH)
def test_quadrature_agrees_with_mpmath(name):
    p, q, log_p, log_q = MPMATH[name]
    with mp.workdps(30):
        truth = float(
            mp.quad(
                lambda x: mp.exp(log_p(x)) * (log_p(x) - log_q(x)),
                [-mp.inf, -100, -20, -5, 0, 5, 20, 100, mp.inf],
            )
        )
    value = kl(p, q)
    assert value.method == "quadrature" and value.error_kind == "estimate"
    assert float(value) == pytest.approx(truth, rel=1e-9, abs=0)
    assert abs(float(value) - truth) <= 10 * value.error + 1e-12 * truth


#: With known values: independent closed forms, moments, and second-order expansions.
KNOWN = {
    "narrow p far out": (st.norm(1000, 1e-3), st.norm(1000, 1),
                         math.log(1000) + 0.5e-6 - 0.5),
    "narrow q": (st.t(30), st.norm(0, 1e-3), 30 / 28 / 2e-6 + math.log(1e-3)
                 + 0.5 * math.log(2 * math.pi) - float(st.t(30).entropy())),
    "heavy tail": (st.t(2.1), st.norm(), 21 / 2 + 0.5 * math.log(2 * math.pi)
                   - float(st.t(2.1).entropy())),
    "pareto": (st.pareto(2), st.expon(), math.log(2) - 1.5 + 2),
    "singular ends": (st.beta(0.5, 0.5), st.truncnorm(0, 1), 3 / 16 - math.log(math.pi / 4)
                      + math.log(math.sqrt(2 * math.pi) * (st.norm.cdf(1) - 0.5))),
    "kink of q": (st.norm(), st.laplace(0.3, 2), None),
    "genpareto": (st.genpareto(0.5), st.expon(), 0.5),
    "levy": (st.levy(), st.invgamma(0.5), None),
    "bins": (histogram(), st.uniform(0, 2), None),
    "chi and its twin": (st.maxwell(), st.chi(3), 0.0),
    "normal and its twin": (st.norm(), faded(), 0.0),
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_known_values(name):
    p, q, truth = KNOWN[name]
    value = kl(p, q, method="quadrature")
    if name == "kink of q":
        truth = float(kl(p, q, method="closed form"))
    elif name == "levy":
        truth = float(kl(st.invgamma(0.5, scale=0.5), q))
    elif name == "bins":
        shares = np.array([1, 2, 5]) / 8
        truth = float(np.sum(shares * np.log(shares / np.array([0.3, 0.7, 0.5]) * 2)))
    assert float(value) == pytest.approx(truth, rel=1e-8, abs=1e-12)
    assert value.error < 1e-7 * max(1, truth)


INFINITE = {
    "cauchy and normal": (st.cauchy(), st.norm()),
    "t without variance": (st.t(2), st.norm()),
    "t without mean": (st.t(1), st.laplace()),
    "pareto without mean": (st.pareto(1), st.expon()),
    "half-cauchy": (st.halfcauchy(), st.halfnorm()),
    "levy and exponential": (st.levy(), st.expon()),
    "1/x at 0": (st.uniform(), st.invgauss(1)),
    "e to the 5000": (st.norm(), st.gumbel_l(0, 0.01)),
    "zipf and poisson": (st.zipf(1.5), st.poisson(3, loc=1)),
}


@pytest.mark.parametrize("name", INFINITE)
def test_divergence_is_infinity(name):
    p, q = INFINITE[name]
    value = kl(p, q)
    assert value == math.inf and value.error == 0
    assert value.method == ("summation" if "zipf" in name else "quadrature")


UNDECIDED = {
    "underflow of q": (st.norm(0, 30), faded(), "underflow"),
    "underflow in the tail": (st.norm(0, 5), faded(), "."),
    "singular at 1": (st.beta(2, 0.01), st.truncnorm(0, 1), "total probability"),
    "slow tail": (st.t(2.0005), st.norm(), "."),
    "slow sum": (st.zipf(2.2), st.geom(0.5), "converge"),
    "too many terms": (st.poisson(1e9), st.nbinom(1e3, 1e-6), "converge"),
    "lattice underflow": (st.geom(0.01, loc=-1), FadedLattice(name="fades")(), "underflow"),
}


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_cannot_be_vouched_for_is_an_error(name):
    p, q, message = UNDECIDED[name]
    with pytest.raises(ArithmeticError, match=message):
        kl(p, q)


def test_gaps_in_q_are_found():
    assert kl(full(), histogram()).method == "support"
    assert kl(histogram(), full()).method == "quadrature"
    empty_ends = st.rv_histogram(([0, 3, 2, 0], [0.0, 1, 2, 3, 4]), density=False)
    assert kl(empty_ends(), st.uniform(1, 2)) == pytest.approx(math.log(2) - st.entropy([0.6, 0.4]))
    assert kl(st.uniform(0.5, 1), empty_ends()).method == "support"


@repeatable
@given(seed=seeds)
def test_quadrature_is_never_negative_and_does_not_depend_on_units(seed):
    rng = np.random.default_rng(seed)
    makers = [
        lambda loc, scale: st.logistic(loc, scale),
        lambda loc, scale: st.t(4.5, loc, scale),
        lambda loc, scale: st.skewnorm(3, loc, scale),
        lambda loc, scale: st.johnsonsu(1, 2, loc, scale),
    ]
    first, second = rng.integers(len(makers), size=2)
    (m_p, m_q), (s_p, s_q) = rng.normal(size=2), rng.gamma(3, size=2)
    value = kl(makers[first](m_p, s_p), makers[second](m_q, s_q), method="quadrature")
    assert value >= 0 and value.error < 1e-9
    unit, shift = 10.0 ** rng.uniform(-3, 3), 100 * rng.normal()
    moved = kl(
        makers[first](m_p * unit + shift, s_p * unit),
        makers[second](m_q * unit + shift, s_q * unit),
        method="quadrature",
    )
    assert float(moved) == pytest.approx(float(value), rel=1e-7)
    assert kl(makers[first](m_p, s_p), makers[first](m_p, s_p)) == 0


def test_near_q_equal_to_p_quadrature_keeps_its_digits():
    for step in (1e-3, 1e-5, 1e-7):
        value = kl(st.norm(), st.norm(step), method="quadrature")
        assert float(value) == pytest.approx(step**2 / 2, rel=1e-8, abs=0)
        value = kl(st.poisson(5), st.poisson(5 + step), method="summation")
        truth = 5 * (step / 5 - math.log1p(step / 5)) if step > 1e-5 else step**2 / 10
        assert float(value) == pytest.approx(truth, rel=1e-5, abs=0)


def test_integration():
    value, error = integrate(lambda x: 3 * x**2, [0.0, 1.0, 2.0], 1e-12)
    assert value == pytest.approx(8, rel=1e-14) and error < 1e-12
    value, error = integrate(lambda x: (x > 1 / 3) * 1.0, [0.0, 1.0], 1e-12)
    assert value == pytest.approx(2 / 3, rel=1e-12) and error < 1e-11
    value, error = integrate(lambda x: np.abs(x) ** -0.5, [-1.0, 0.0, 4.0], 1e-9)
    assert value == pytest.approx(6, abs=1e-7) and error < 1e-6
    value, error = integrate(lambda x: 1 / (np.abs(x - 0.3) + 1e-300), [0.0, 1.0], 1e-9)
    assert error > 1e-4 * value  # does not exist, and says so


# --- Summation ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (st.poisson(3), st.geom(0.2, loc=-1)),
        (st.poisson(3000.0), st.nbinom(50, 0.016)),
        (st.geom(0.3), st.logser(0.6)),
        (st.dlaplace(0.5), st.dlaplace(3)),
        (st.skellam(5, 3), st.skellam(4, 4)),
        (st.binom(5, 0.2), st.binom(10, 0.3)),
        (st.hypergeom(20, 7, 12), st.binom(7, 0.35)),
        (st.randint(-3, 4), st.skellam(2, 2)),
        (st.planck(0.5, loc=2), st.geom(0.4, loc=1)),
    ],
)
def test_sums_agree_with_plain_ones(p, q):
    k = np.arange(max(p.support()[0], -5000), min(p.support()[1], 20000) + 1)
    k = k[(p.pmf(k) > 0) & (q.pmf(k) > 0)]
    truth = math.fsum(p.pmf(k) * (p.logpmf(k) - q.logpmf(k)))
    value = kl(p, q)
    assert value.method == "summation" and value.error < 1e-12 * truth
    assert float(value) == pytest.approx(truth, rel=1e-10)


def test_slow_sums():
    value = kl(st.yulesimon(2.5), st.geom(0.3))
    k = np.arange(1.0, 3e6)
    head = np.sum(st.yulesimon(2.5).pmf(k) * (st.yulesimon(2.5).logpmf(k) - st.geom(0.3).logpmf(k)))
    assert abs(float(value) - head) < value.error + 1e-9 and 0 < value.error < 1e-8
    value = kl(st.zipf(6.5), st.zipf(6), method="summation")
    assert float(value) == pytest.approx(float(kl(st.zipf(6.5), st.zipf(6))), rel=1e-10)
    for p in (st.dlaplace(0.5), st.skellam(3, 2)):  # both ways from the middle
        assert kl(p, p, method="summation") == 0


def test_tables():
    p = st.rv_discrete(values=([0, 1.5], [0.25, 0.75]))
    q = st.rv_discrete(values=([0, 1.5, 2], [0.5, 0.25, 0.25]))
    truth = 0.25 * math.log(0.5) + 0.75 * math.log(3)
    assert kl(p(), q()).value == pytest.approx(truth, rel=1e-14)
    assert kl(p(loc=2), q(loc=2)).value == pytest.approx(truth, rel=1e-14)
    assert kl(q(), p()).method == kl(p(loc=1), q()).method == "support"
    three = st.rv_discrete(values=([0, 1, 2], [0.25, 0.5, 0.25]))
    assert kl(three(), st.binom(2, 0.5)) == kl(st.binom(2, 0.5), three()) == 0
    assert kl(st.binom(3, 0.5), three()).method == "support"
    assert kl(three(), st.poisson(2)).value == pytest.approx(
        math.fsum([0.25, 0.5, 0.25] * np.log([0.25, 0.5, 0.25] / st.poisson(2).pmf([0, 1, 2])))
    )
    close = st.rv_discrete(values=([0, 1, 2], [0.25, 0.5 + 1e-7, 0.25 - 1e-7]))
    expected = (1e-14 / 0.5 + 1e-14 / 0.25) / 2
    assert kl(three(), close()).value == pytest.approx(expected, rel=1e-6, abs=0)


@repeatable
@given(seed=seeds)
def test_sums_are_never_negative(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(0.05, 0.9, 2)
    pairs = [(st.poisson(9 * a), st.geom(b, loc=-1)), (st.binom(9, a), st.poisson(9 * b)),
             (st.nbinom(3, a), st.poisson(5 * b)), (st.logser(a), st.geom(b)),
             (st.dlaplace(a), st.dlaplace(b))]  # fmt: skip
    for p, q in pairs:
        value = kl(p, q)
        assert 0 <= value < math.inf and value.method == "summation"


# --- Monte Carlo ----------------------------------------------------------------------------------


def test_the_standard_error_covers():
    p, q = st.gamma(3), st.gamma(2, scale=1.3)
    truth = float(kl(p, q))
    estimates = [kl(p, q, method="monte carlo", draws=400, seed=seed) for seed in range(300)]
    z = np.array([(float(e) - truth) / e.error for e in estimates])
    assert 0.62 < np.mean(np.abs(z) < 1) < 0.75 and np.mean(np.abs(z) < 2) > 0.92
    assert np.std([float(e) for e in estimates]) == pytest.approx(estimates[0].error, rel=0.2)


def test_draws_and_seeds():
    p, q = st.norm(1), st.norm()
    first = kl(p, q, method="monte carlo")
    assert (first.method, first.error_kind, first.draws) == (
        "Monte Carlo",
        "standard error",
        100_000,
    )
    assert first == kl(p, q, method="monte carlo", seed=0) != kl(p, q, method="monte carlo", seed=1)
    generator = np.random.default_rng(0)
    assert first == kl(p, q, method="monte carlo", seed=generator)
    assert first != kl(p, q, method="monte carlo", seed=generator)
    small = kl(p, q, method="monte carlo", draws=1000)
    assert small.error == pytest.approx(1 / math.sqrt(1000), rel=0.1)
    state = np.random.get_state()[1].copy()
    kl(p, q, method="monte carlo")
    assert (np.random.get_state()[1] == state).all()
    assert kl(p, p, method="monte carlo") == 0
    assert kl(st.norm(), st.norm(1e-9), method="monte carlo", seed=3) >= 0
    assert kl(full(), histogram(), method="monte carlo").method == "support"


@pytest.mark.parametrize(
    ("p", "q", "truth"),
    [
        (st.matrix_normal(np.zeros((2, 3))), st.matrix_normal(np.ones((2, 3))), 3.0),
        (st.vonmises_fisher([1, 0, 0], 2), st.vonmises_fisher([0, 1, 0], 2),
         2 / math.tanh(2) - 1),
        (st.multivariate_hypergeom([3, 4], 2), st.multinomial(2, [3 / 7, 4 / 7]), None),
        (st.wishart(4, np.eye(2)), st.invwishart(4, np.eye(2)), None),
    ],
)  # fmt: skip
def test_several_variables(p, q, truth):
    value = kl(p, q, draws=4000)
    assert value.method == "Monte Carlo" and value.draws == 4000
    if truth is None:
        assert value > 0
    else:
        assert abs(float(value) - truth) < 4 * value.error


def test_a_density_of_0_where_p_hardly_reaches_is_no_gap():
    # SciPy's burr underflows at 1e-100, long before its logarithm does.
    assert float(kl(st.gamma(2), st.burr(3, 1))) == pytest.approx(
        float(kl(st.gamma(2), st.fisk(3))), rel=1e-6
    )
    # What is 0 in the tail of a user's density may be a gap.
    with pytest.raises(ArithmeticError, match="underflows at -8.*or is 0 there"):
        kl(st.norm(), Cut(name="cut")())
