"""Densities of a user's own, whose total may not be 1; histograms and tables, which are data."""

import math

import numpy as np
import pytest
import scipy.stats as st

from kldiv.distributions import kl
from kldiv.distributions._views import view


class Normal(st.rv_continuous):
    """As far as `factor` = 1."""

    factor = 1.0

    def _shape_info(self):
        return []

    def _pdf(self, x):
        return self.factor * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


class Half(Normal):
    factor = 0.5


class Twice(Normal):
    factor = 2.0


class Rounded(Normal):
    factor = 1 + 1e-7


class Known(Half):
    """With quantiles that are right."""

    def _cdf(self, x):
        return st.norm.cdf(x)


class Stopping(Normal):
    """With a cumulative probability that does not get to 1."""

    def _cdf(self, x):
        return 0.9 * st.norm.cdf(x)


class Slope(st.rv_continuous):
    def _pdf(self, x):
        return 3 * x  # ought to be 2 x


class Halving(st.rv_discrete):
    """Geometric from 0, as far as `factor` = 1."""

    factor = 1.0

    def _pmf(self, k):
        return self.factor * 0.5 ** (k + 1)


class Thirds(Halving):
    factor = 2 / 3


class Less(Halving):
    factor = 0.4


class Shallow(st.rv_discrete):
    def _pmf(self, k):
        return st.zipf.pmf(k + 1, 2.5)


class Far(st.rv_discrete):
    def _pmf(self, k):
        return st.poisson.pmf(k, 5000)


class BothWays(st.rv_discrete):
    def _pmf(self, k):
        return 0.9 * st.dlaplace.pmf(k, 0.5)

    def _cdf(self, k):
        return st.dlaplace.cdf(k, 0.5)


WRONG = {
    "half": (Half()(), st.norm(), "0.5"),
    "half, moved": (Half()(1000, 1e-3), st.norm(), "0.5"),
    "twice": (Twice()(), st.norm(), "2"),
    "rounded": (Rounded()(), st.norm(), r"1\.0000001"),
    "half, with quantiles": (Known()(), st.norm(), "0.5"),
    "no quantiles": (Stopping()(), st.norm(), "0.9"),
    "slope": (Slope(a=0, b=1)(), st.uniform(), "1.5"),
    "thirds": (Thirds()(), st.poisson(2), "0.6666666"),
    "less than half": (Less()(), st.poisson(2), "0.4"),
    "both ways": (BothWays(a=-np.inf)(), st.dlaplace(0.3), "0.9"),
    "table": (st.rv_discrete(values=([0, 1], [0.5, 0.500003]), name="table")(),
              st.bernoulli(0.5), r"1\.000003"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_total_that_is_not_1_is_refused(name):
    wrong, right, found = WRONG[name]
    for p, q, role in ((right, wrong, "q"), (wrong, right, "p")):
        for method in (None, "monte carlo"):
            with pytest.raises(ArithmeticError, match=rf"{found}.* {role} \(|{role} \(.*{found}"):
                kl(p, q, method=method)


RIGHT = {
    "normal": (Normal()(1, 2), st.norm(1, 2)),
    "slope": (Slope(a=0, b=math.sqrt(2 / 3))(), st.triang(1, 0, math.sqrt(2 / 3))),
    "geometric": (Halving()(), st.geom(0.5, loc=-1)),
    "far": (Far()(), st.poisson(5000)),
    "shallow": (Shallow()(loc=1), st.zipf(2.5)),
    "finite": (st.rv_discrete(values=([0, 1], [0.3, 0.7]))(), st.bernoulli(0.7)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_total_of_1_is_not(name):
    own, scipys = RIGHT[name]
    p = {"geometric": st.poisson(3), "shallow": st.binom(4, 0.3, loc=1)}.get(name, scipys)
    assert float(kl(p, own)) == pytest.approx(float(kl(p, scipys)), rel=1e-9, abs=1e-14)


class Arch(st.rv_continuous):
    """A density that ends where the class does not say."""

    def _pdf(self, x):
        return np.where(np.abs(x) < 1, 0.75 * (1 - x**2), 0)


class Block(st.rv_continuous):
    def _pdf(self, x):
        return np.where((x > 0) & (x < 2), 0.5, 0)

    def _cdf(self, x):
        return np.clip(x / 2, 0, 1)

    def _ppf(self, u):
        return 2 * u


def test_a_density_that_ends_within_its_support():
    with pytest.raises(ArithmeticError, match=r"no quantiles of Arch .*a=, b=.*_ppf"):
        kl(st.uniform(), Arch()())
    arch, block = Arch(a=-1, b=1)(), Block()()
    assert float(kl(st.uniform(), block)) == pytest.approx(math.log(2), rel=1e-12)
    assert float(kl(block, st.norm(1))) == pytest.approx(
        float(kl(st.uniform(0, 2), st.norm(1))), rel=1e-12
    )
    assert float(kl(arch, st.uniform(-1, 2))) == pytest.approx(
        math.log(2) - float(st.beta(2, 2, -1, 2).entropy()), rel=1e-10
    )
    assert kl(st.uniform(0, 3), block).method == kl(st.norm(), block).method == "support"


def test_what_scipy_vouches_for_is_not_asked():
    own = st.make_distribution(Normal())()
    shifted = 2 * own + 1
    assert not view(own, "q").trusted and not view(shifted, "q").trusted
    assert not view(st.Mixture([st.Normal(), own], weights=[0.5, 0.5]), "q").trusted
    assert float(kl(st.norm(1, 2), shifted)) == pytest.approx(0, abs=1e-12)
    for scipys in (st.make_distribution(st.gamma)(a=2.0), st.Mixture([st.Normal()]),
                   2 * st.Normal() + 1, st.Normal(), st.norm(), st.beta(0.01, 0.02)):  # fmt: skip
        assert view(scipys, "q").trusted
    with pytest.raises(ArithmeticError, match="total probability of 0.5 for q"):
        kl(st.norm(), st.make_distribution(Half())())


def test_a_total_that_cannot_be_told():
    class Slow(st.rv_continuous):
        """1/(x log²x) beyond e: 1/690 of it beyond the largest numbers"""

        def _pdf(self, x):
            return 1 / (x * np.log(x) ** 2)

        def _cdf(self, x):
            return 1 - 1 / np.log(x)

        def _ppf(self, u):
            return np.exp(1 / (1 - u))

    slow = Slow(a=math.e, name="slow")
    with pytest.raises(
        ArithmeticError, match=r"total probability of 0.99\d+ for q \(slow\).*heavy"
    ):
        kl(st.pareto(2, scale=3), slow())


class Even(st.rv_discrete):
    """Ten million outcomes, as likely as each other."""

    def _pmf(self, k):
        return np.full(np.shape(k), 1e-7)


def test_a_sum_that_is_too_long():
    with pytest.raises(ArithmeticError, match=r"of q \(Even\) cannot be told: its first \d{7} "):
        kl(st.binom(3, 0.5), Even(a=0, b=9_999_999)())
    short = Even(a=0, b=99)
    with pytest.raises(ArithmeticError, match=r"probabilities of q \(Even\) sum to 1e-05, not 1"):
        kl(st.binom(3, 0.5), short())


# --- Histograms -----------------------------------------------------------------------------------

draws = np.random.default_rng(0).normal(size=1000)
HISTOGRAMS = {
    "equal bins": np.histogram(draws, bins=30),
    "unequal bins": np.histogram(draws, bins=[-6, -2, -1.9, -0.3, 0, 0.01, 1, 3, 9]),
    "many": np.histogram(draws, bins=2000),
}


def kl_from_normal(counts, edges, mean, std):
    """KL of a histogram from a normal distribution: moments of uniform distributions."""
    shares, widths, z = counts / counts.sum(), np.diff(edges), (edges - mean) / std
    filled = shares > 0
    log_density = np.log(shares[filled] / widths[filled])
    squares = np.diff(z**3) / (3 * np.diff(z))
    log_normal = -math.log(std * math.sqrt(2 * math.pi)) - squares / 2
    return float(np.sum(shares[filled] * (log_density - log_normal[filled])))


@pytest.mark.parametrize("name", HISTOGRAMS)
def test_a_histogram_and_a_normal_distribution(name):
    counts, edges = HISTOGRAMS[name]
    histogram = st.rv_histogram((counts, edges), density=False)
    truth = kl_from_normal(counts, edges, 0.1, 1.2)
    assert float(kl(histogram(), st.norm(0.1, 1.2))) == pytest.approx(truth, rel=1e-12)
    assert float(kl(histogram(5, 3), st.norm(5.3, 3.6))) == pytest.approx(truth, rel=1e-11)
    assert kl(histogram(), st.norm(0.1, 1.2)).method == "quadrature"


def test_a_normal_distribution_and_a_histogram():
    counts, edges = np.histogram(draws, bins=np.linspace(-3, 3, 60))
    counts = counts + 1
    histogram = st.rv_histogram((counts, edges), density=False)
    p = st.truncnorm(-2, 2)
    shares = np.diff(p.cdf(edges))
    log_density = np.log(counts / counts.sum() / np.diff(edges))
    truth = -np.sum(shares * log_density) - float(p.entropy())
    assert float(kl(p, histogram())) == pytest.approx(truth, rel=1e-11)


def test_two_histograms():
    (counts, edges), other = HISTOGRAMS["equal bins"], np.linspace(-5, 5, 14)
    counts = counts + 1
    q_counts = np.histogram(draws, bins=other)[0] + 2
    p, q = (st.rv_histogram(h, density=False) for h in ((counts, edges), (q_counts, other)))
    fine = np.unique(np.concatenate([edges, other[(other > edges[0]) & (other < edges[-1])]]))
    middle, widths = (fine[1:] + fine[:-1]) / 2, np.diff(fine)
    truth = np.sum(widths * p.pdf(middle) * np.log(p.pdf(middle) / q.pdf(middle)))
    assert float(kl(p(), q())) == pytest.approx(truth, rel=1e-12)


def test_histograms_and_tables_need_no_freezing():
    histogram = st.rv_histogram(HISTOGRAMS["equal bins"])
    assert kl(histogram, st.norm()) == kl(histogram(), st.norm())
    table = st.rv_discrete(values=([0, 1], [0.3, 0.7]))
    assert kl(table, st.bernoulli(0.5)) == kl(table(), st.bernoulli(0.5))
    assert kl(st.bernoulli(0.5), table) == kl(st.bernoulli(0.5), table())
    for family in (Normal(), Normal(name="bell")):  # a family of locations and scales
        with pytest.raises(TypeError, match=r"family '(Normal|bell)'.*freeze it first: by calling"):
            kl(st.norm(), family)
