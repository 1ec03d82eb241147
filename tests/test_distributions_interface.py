"""What `kl` takes and returns, what it refuses, and how it is extended."""

import functools
import itertools
import math
import re

import numpy as np
import pytest
import scipy.stats as st
import torch
from torch import distributions as T  # noqa: N812

from kldiv.distributions import KLResult, kl, register_kl
from kldiv.distributions._registry import _closed_forms

NORMAL = st.norm(1, 2)


# --- The result -----------------------------------------------------------------------------------


def test_results_convert_and_compare():
    result = kl(st.norm(1), st.norm())
    assert float(result) == result.value == result == 0.5 and isinstance(result.value, float)
    assert (result.method, result.error, result.error_kind, result.draws) == (
        "closed form",
        0,
        None,
        None,
    )
    assert result.unit == "nats" and result.base is None
    in_bits = kl(st.norm(1), st.norm(), base=2)
    assert in_bits.unit == "bits" and float(in_bits) == pytest.approx(0.5 / math.log(2), rel=1e-15)
    assert in_bits.to(None).value == pytest.approx(0.5) and in_bits.to(2) == in_bits
    assert in_bits.to(10).unit == "hartleys" and in_bits.to(4).value == in_bits.value / 2
    assert in_bits.to(4).unit == "units of log 4" and in_bits.to(math.e).unit == "nats"
    larger = kl(st.norm(2), st.norm(), base=2)
    assert result < larger and result <= larger and larger > result and larger >= result
    assert result < 1 and result <= 0.5 and result > 0.4 and result >= 0.5 and result != 0.4
    assert not result < 0.5 and not result > 0.5 and not result < in_bits.to(None)
    with pytest.raises(TypeError):
        hash(result)
    drawn = KLResult(1.0, "Monte Carlo", 0.25, "standard error", 10).to(2)
    assert drawn.error == pytest.approx(0.25 / math.log(2)) and drawn.draws == 10
    assert drawn.error_kind == "standard error" and drawn.method == "Monte Carlo"


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (KLResult(0.5, "closed form"), "KLResult(0.5 nats, closed form)"),
        (KLResult(math.inf, "support", base=2), "KLResult(inf bits, support)"),
        (KLResult(0.41132, "Monte Carlo", 0.0021, "standard error", 1000),
         "KLResult(0.4113 ± 0.0021 nats, Monte Carlo, 1000 draws)"),
        (KLResult(123.456, "Monte Carlo", 25.0, "standard error", 10),
         "KLResult(123 ± 25 nats, Monte Carlo, 10 draws)"),
        (KLResult(0.25, "quadrature", 1e-12, "estimate"),
         "KLResult(0.25 ± 1e-12 nats, quadrature)"),
        (KLResult(torch.tensor(0.5), "torch"), "KLResult(tensor(0.5000) nats, torch)"),
        (KLResult(torch.tensor(0.5), "Monte Carlo", torch.tensor(0.25), "standard error", 10),
         "KLResult(tensor(0.5000) ± tensor(0.2500) nats, Monte Carlo, 10 draws)"),
    ],
)  # fmt: skip
def test_repr(result, text):
    assert repr(result) == text


def test_the_unit_of_the_error_is_that_of_the_value():
    nats, bits = (kl(st.norm(1), st.norm(), method="monte carlo", base=b) for b in (None, 2))
    assert bits.error == pytest.approx(nats.error / math.log(2)) and bits.unit == "bits"


# --- Support --------------------------------------------------------------------------------------

OUTSIDE = {
    "line and half-line": (st.norm(), st.gamma(2)),
    "half-line and interval": (st.expon(), st.uniform(0, 100)),
    "below": (st.gamma(2, loc=-1e-9), st.gamma(2)),
    "above": (st.uniform(0, 1.0001), st.beta(2, 2)),
    "intervals": (st.uniform(0, 2), st.uniform(0.5, 3)),
    "pareto": (st.pareto(2), st.pareto(2, scale=1.5)),
    "discrete and continuous": (st.poisson(3), st.norm()),
    "continuous and discrete": (st.norm(), st.poisson(3)),
    "half-integers": (st.poisson(3, loc=0.5), st.poisson(3)),
    "lattices": (st.skellam(3, 2, loc=0.25), st.skellam(3, 2)),
    "first atom": (st.geom(0.5, loc=-1), st.geom(0.5)),
    "last atom": (st.binom(6, 0.3), st.binom(5, 0.3)),
    "randint": (st.randint(0, 7), st.randint(1, 9)),
    "no end": (st.poisson(2), st.binom(50, 0.5)),
    "point": (st.binom(5, 0.5), st.binom(5, 1)),
    "dirichlet and normal": (st.dirichlet([1, 2, 3]), st.multivariate_normal([0, 0, 0])),
    "multinomial": (st.multinomial(3, [0.5, 0.5]), st.multinomial(4, [0.5, 0.5])),
    "multinomial of zeros": (st.multinomial(3, [0.5, 0.5]), st.multinomial(3, [0, 1])),
    "counts and vectors": (st.multinomial(3, [0.5, 0.5]), st.multivariate_normal([0, 0])),
    "singular": (st.multivariate_normal([0, 0], [[1, 1], [1, 1]], allow_singular=True),
                 st.multivariate_normal([0, 0])),
    "new": (st.Normal(), st.Uniform(a=0, b=1)),
}  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_support_that_sticks_out_is_infinity(name):
    p, q = OUTSIDE[name]
    value = kl(p, q)
    assert value == math.inf and value.error == 0
    closed = ("point", "multinomial of zeros", "singular")
    assert value.method == ("closed form" if name in closed else "support")
    if value.method == "support":  # looked at first, whatever the method
        for method in ("closed form", "quadrature", "summation", "monte carlo"):
            assert kl(p, q, method=method).method == "support"


@pytest.mark.parametrize("skew", [0.1, 1, -3])
def test_the_support_of_pearson3_ends(skew):
    """SciPy says that it is the whole line."""
    p, sign = st.pearson3(skew), math.copysign(1, skew)
    assert kl(st.norm(), p).method == kl(p, st.pearson3(-skew)).method == "support"
    gammas = st.gamma(4 / skew**2), st.gamma(4 / skew**2 + 1)
    # The same gamma distribution, shifted and, for negative skew, reflected; and one that is not.
    other = 2 * sign / math.sqrt(4 / skew**2 + 1)
    q = st.pearson3(other, loc=-2 / skew + 2 / other * abs(skew / other), scale=abs(skew / other))
    assert float(kl(p, q)) == pytest.approx(float(kl(*gammas)), rel=1e-7)


INSIDE = {
    "rounding of ends": (st.uniform(0.1, 0.2), st.uniform(0, 0.3), math.log(1.5)),
    "half-integers": (st.binom(5, 0.1, loc=0.5), st.binom(5, 0.1, loc=0.5), 0),
    "rounded offset": (st.poisson(3, loc=0.1 + 0.2), st.poisson(3, loc=0.3), 0),
    "no probability there": (st.binom(10, 0), st.binom(5, 0.3), -5 * math.log(0.7)),
    "point": (st.bernoulli(1), st.bernoulli(0.5), math.log(2)),
    "nothing": (st.poisson(0), st.poisson(3), 3),
    "shifted": (st.poisson(3, loc=2), st.poisson(3, loc=2), 0),
    "circle": (st.vonmises(2, loc=3), st.vonmises(2, loc=3 - 2 * math.pi), 0),
    "same subspace": (
        st.multivariate_normal([0, 0], [[1, 1], [1, 1]], allow_singular=True),
        st.multivariate_normal([1, 1], [[4, 4], [4, 4]], allow_singular=True),
        float(kl(st.norm(0, 1), st.norm(1, 2))),
    ),
    "parallel subspace": (
        st.multivariate_normal([0, 0], [[1, 1], [1, 1]], allow_singular=True),
        st.multivariate_normal([1, 0], [[1, 1], [1, 1]], allow_singular=True),
        math.inf,
    ),
    "truncated at infinity": (st.truncnorm(-math.inf, 1), st.norm(), -st.norm.logcdf(1)),
    "t of infinite df": (st.t(math.inf), st.norm(), 0),
}


@pytest.mark.parametrize("name", INSIDE)
def test_a_support_that_does_not_stick_out_is_not(name):
    p, q, truth = INSIDE[name]
    assert float(kl(p, q)) == pytest.approx(truth, rel=1e-9, abs=1e-12)


# --- Kinds of distributions -----------------------------------------------------------------------


def test_new_distributions():
    old = kl(st.norm(1, 2), st.norm())
    for p, q in itertools.product(
        [st.Normal(mu=1.0, sigma=2.0), st.norm(1, 2)], [st.Normal(), st.Normal(mu=0.0, sigma=1.0)]
    ):
        assert kl(p, q) == old and kl(p, q).method == "closed form"
    moved = kl(2 * st.Normal() + 1, st.norm())
    assert moved.method == "quadrature" and float(moved) == pytest.approx(float(old), rel=1e-9)
    assert kl(st.Uniform(a=1.0, b=3.0), st.Normal()) == kl(st.uniform(1, 2), st.norm())
    assert kl(st.make_distribution(st.gamma)(a=2.0), st.expon()).value == pytest.approx(
        float(kl(st.gamma(2), st.expon())), rel=1e-9
    )
    if hasattr(st, "Binomial"):
        p, q = st.Binomial(n=5, p=0.2), st.Binomial(n=5, p=0.4)
        assert kl(p, q) == kl(st.binom(5, 0.2), st.binom(5, 0.4))
    mixture = st.Mixture([st.Normal(), st.Normal(mu=3.0, sigma=1.0)], weights=[0.5, 0.5])
    assert 0 < kl(mixture, st.norm(1.5, 2)) < 1
    drawn = kl(mixture, st.norm(1.5, 2), method="monte carlo", draws=4000)
    assert abs(float(drawn) - float(kl(mixture, st.norm(1.5, 2)))) < 4 * drawn.error


def test_multivariate_closed_forms():
    rng = np.random.default_rng(0)
    factor = rng.normal(size=(2, 3, 3))
    cov_p, cov_q = factor @ factor.transpose(0, 2, 1) + np.eye(3)
    mean_p, mean_q = rng.normal(size=(2, 3))
    cases = [
        (st.multivariate_normal(mean_p, cov_p), st.multivariate_normal(mean_q, cov_q)),
        (st.multivariate_t(mean_p, cov_p, df=9), st.multivariate_normal(mean_q, 3 * cov_q)),
        (st.dirichlet([2, 3, 4]), st.dirichlet([3, 3, 2])),
        (st.multinomial(5, [0.2, 0.3, 0.5]), st.multinomial(5, [0.3, 0.3, 0.4])),
    ]
    for p, q in cases:
        closed = kl(p, q)
        drawn = kl(p, q, method="monte carlo", draws=20_000)
        assert closed.method == "closed form" and drawn.method == "Monte Carlo"
        assert abs(float(closed) - float(drawn)) < 4 * drawn.error < 0.1 * float(closed) + 0.05
        assert kl(p, p) == pytest.approx(0, abs=1e-15) or "t_gen" in type(p._dist).__name__
    for family in (st.wishart, st.invwishart):
        p, q = family(5, cov_p), family(7, cov_p + 0.3 * cov_q)
        drawn = kl(p, q, method="monte carlo", draws=4000)
        assert abs(float(kl(p, q)) - float(drawn)) < 4 * drawn.error
    one, gamma = st.wishart(3, 2), st.gamma(1.5, scale=4)
    assert float(kl(one, st.wishart(5, 1))) == pytest.approx(
        float(kl(gamma, st.gamma(2.5, scale=2)))
    )
    assert kl(st.multivariate_normal([1.0], [[4.0]]), st.multivariate_normal([0.0])) == kl(
        NORMAL, st.norm()
    )


def test_torch():
    mean = torch.tensor([1.0, 2.0], requires_grad=True)
    result = kl(T.Normal(mean, 1.0), T.Normal(0.0, 1.0))
    assert result.method == "closed form" and result.value.shape == (2,) and result.error == 0
    result.value.sum().backward()
    assert mean.grad.tolist() == [1.0, 2.0]
    assert "nats, closed form" in repr(result)
    bits = kl(T.Normal(1.0, 1.0), T.Normal(0.0, 1.0), base=2)
    assert float(bits) == pytest.approx(0.5 / math.log(2)) and bits < 1
    assert kl(T.Gamma(1.0, 1.0), T.Gamma(2.0, 1.0), method="closed form").method == "torch"
    outside = kl(T.Uniform(0.0, 2.0), T.Uniform(0.0, 1.0))
    assert float(outside) == math.inf


def test_torch_normals_keep_their_digits():
    p, q = T.Normal(0.0, 1.0), T.Normal(1e-4, 1.0)  # single precision
    assert float(kl(p, q)) == pytest.approx(5e-9, rel=1e-5)
    means = torch.zeros(4, 3, 2)
    p, q = (T.Independent(T.Normal(means + shift, 1.0), 2) for shift in (0.0, 1e-4))
    assert kl(p, q).value.shape == (4,)
    assert kl(p, q).value.tolist() == pytest.approx([6 * 5e-9] * 4, rel=1e-5)
    inner = T.Independent(T.Normal(means, 2.0), 1)
    assert kl(inner, T.Independent(T.Normal(means, 1.0), 1)).value.shape == (4, 3)


def test_torch_masses_and_densities_share_no_place():
    result = kl(T.Poisson(3.0), T.Normal(torch.tensor([3.0, 4.0]), 2.0))
    assert result.method == "support" and result.value.tolist() == [math.inf] * 2
    assert float(kl(T.Gamma(2.0, 1.0), T.Poisson(2.0), method="monte carlo")) == math.inf
    shifted = T.TransformedDistribution(T.Poisson(3.0), [T.AffineTransform(1.0, 1.0)])
    assert 0 < float(kl(shifted, T.Poisson(2.0))) < math.inf  # its support says it is continuous

    class Silent(T.Laplace):
        @property
        def support(self):
            raise NotImplementedError

    p = Silent(0.0, 1.0, validate_args=False)
    assert 0 < float(kl(p, T.StudentT(3.0), method="monte carlo")) < math.inf


def test_torch_without_a_closed_form():
    p, q = T.StudentT(5.0), T.Normal(0.0, 1.5)
    truth = float(kl(st.t(5), st.norm(0, 1.5)))
    torch.manual_seed(3)
    state = torch.random.get_rng_state()
    result = kl(p, q)
    assert (torch.random.get_rng_state() == state).all()
    assert (result.method, result.draws, result.error_kind) == (
        "Monte Carlo",
        100_000,
        "standard error",
    )
    assert abs(float(result) - truth) < 4 * float(result.error)
    assert float(kl(p, q)) == float(result) != float(kl(p, q, seed=1))
    scale = torch.tensor([1.0, 2.0], requires_grad=True)
    batch = kl(T.StudentT(5.0, 0.0, scale), q, draws=5000)
    assert batch.value.shape == batch.error.shape == (2,)
    batch.value.sum().backward()
    assert scale.grad.isfinite().all()
    assert float(kl(T.StudentT(5.0), T.Exponential(1.0), draws=100)) == math.inf
    assert kl(T.StudentT(5.0), T.Exponential(1.0), draws=100).method in ("torch", "support")
    pair = kl(
        T.Kumaraswamy(torch.tensor([2.0, 2.0]), torch.tensor([3.0, 3.0])),
        T.Uniform(torch.tensor([0.0, 0.0]), torch.tensor([1.0, 0.5])),
    )
    assert pair.value[0] == pytest.approx(0.2082, abs=0.01) and pair.value[1] == math.inf
    with pytest.raises(ValueError, match="no closed form.*StudentT"):
        kl(p, q, method="closed form")
    with pytest.raises(ValueError, match="quadrature"):
        kl(p, q, method="quadrature")
    with pytest.raises(ValueError, match="shape"):
        kl(T.MultivariateNormal(torch.zeros(2), torch.eye(2)), q, method="monte carlo")


def test_torch_monte_carlo_has_the_gradient_of_what_it_estimates():
    """Also where draws cannot be reparametrized, and where the value is cut off at 0."""
    logit = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)

    def mixture(logit):
        weights = torch.stack([torch.zeros_like(logit), logit])
        means = torch.tensor([0.0, 3.0], dtype=torch.float64)
        return T.MixtureSameFamily(T.Categorical(logits=weights), T.Normal(means, 1.0))

    kl(mixture(logit), T.Normal(0.0, 1.0)).value.backward()
    x = torch.linspace(-9, 12, 20_001, dtype=torch.float64)

    def by_sum(logit):
        log_p = mixture(logit).log_prob(x)
        return (log_p.exp() * (log_p - T.Normal(0.0, 1.0).log_prob(x))).sum() * (x[1] - x[0])

    (truth,) = torch.autograd.grad(by_sum(logit), logit)
    assert float(logit.grad) == pytest.approx(float(truth), abs=0.03)

    rates = torch.tensor([1.0, 2.0], requires_grad=True)
    kl(T.Poisson(rates[0]), T.Poisson(rates[1]), method="monte carlo").value.backward()
    assert rates.grad.tolist() == pytest.approx([math.log(1 / 2), 1 / 2], abs=0.02)

    cut_off = 0
    for seed in range(20):
        mean = torch.tensor(0.0, requires_grad=True)
        result = kl(T.Normal(mean, 1.0), T.Normal(5e-4, 1.0), method="monte carlo",
                    draws=1000, seed=seed)  # fmt: skip
        result.value.backward()
        cut_off += float(result) == 0
        assert mean.grad != 0
    assert cut_off > 0


def test_torch_an_infinite_ratio_stays_infinite_where_draws_are_not_reparametrized():
    class Never(T.Poisson):
        def log_prob(self, value):
            return torch.full_like(value, -math.inf)

    assert float(kl(T.Poisson(2.0), Never(2.0), method="monte carlo", draws=10)) == math.inf


# --- Bad input ------------------------------------------------------------------------------------

BAD = {
    "family": (st.norm, NORMAL, {}, TypeError, "p .*'norm'.*freeze"),
    "family as q": (NORMAL, st.poisson, {}, TypeError, "q .*'poisson'"),
    "multivariate": (st.multivariate_normal, NORMAL, {}, TypeError, "p .*multivariate_normal"),
    "class": (NORMAL, st.Normal, {}, TypeError, "q .*class Normal"),
    "number": (3, NORMAL, {}, TypeError, "p .*int: 3"),
    "string": (NORMAL, "norm", {}, TypeError, "q .*str: 'norm'"),
    "None": (NORMAL, None, {}, TypeError, "q .*None"),
    "array": (np.zeros(2), NORMAL, {}, TypeError, "p .*ndarray"),
    "density estimate": (st.gaussian_kde([1.0, 2, 4]), NORMAL, {}, TypeError, "p .*gaussian_kde"),
    "two libraries": (NORMAL, T.Normal(0.0, 1.0), {}, TypeError, "rv_continuous_frozen.*Normal"),
    "torch and a number": (T.Normal(0.0, 1.0), 3, {}, TypeError, "Normal.*int"),
    "negative scale": (NORMAL, st.norm(0, -1), {}, ValueError, "q .*scale=-1"),
    "zero scale": (st.norm(0, 0), NORMAL, {}, ValueError, "p .*scale=0"),
    "NaN": (st.norm(math.nan, 1), NORMAL, {}, ValueError, "p .*loc=nan"),
    "infinite": (NORMAL, st.norm(math.inf, 1), {}, ValueError, "q .*loc=inf"),
    "infinite scale": (NORMAL, st.norm(0, math.inf), {}, ValueError, "q .*scale=inf"),
    "shape": (st.gamma(-2), st.gamma(1), {}, ValueError, "p .*gamma.a=-2"),
    "infinite shape": (st.gamma(math.inf), st.gamma(1), {}, ValueError, "p .*a=inf"),
    "discrete": (st.poisson(2), st.binom(3, 1.5), {}, ValueError, "q .*p=1.5"),
    "new": (st.Normal(mu=0.0, sigma=-1.0), NORMAL, {}, ValueError, "p "),
    "array of shapes": (st.gamma([1, 2]), st.gamma(1), {}, ValueError, r"p's a .*\(2,\)"),
    "array of scales": (NORMAL, st.norm(0, [[1, 2, 3]]), {}, ValueError, r"q's scale .*\(1, 3\)"),
    "array of new": (st.Normal(mu=[0.0, 1.0], sigma=1.0), NORMAL, {}, ValueError, r"p's .*\(2,\)"),
    "string parameter": (st.norm("a"), NORMAL, {}, TypeError, "p's loc .*'a'"),
    "array parameter": (st.poisson_binom([0.1, 0.2]), st.binom(2, 0.2), {}, ValueError, "p's p"),
    "dimensions": (st.multivariate_normal([0, 0]), st.multivariate_normal([0, 0, 0]), {},
                   ValueError, r"p .*\(2,\).*q .*\(3,\)"),
    "one and two": (NORMAL, st.multivariate_normal([0, 0]), {}, ValueError, r"\(\).*\(2,\)"),
    "circle and line": (NORMAL, st.vonmises(1), {}, ValueError, "norm .*line.*vonmises .*circle"),
    "no density": (st.uniform_direction(3), st.uniform_direction(3), {}, TypeError, "no density"),
    "no draws": (st.dirichlet_multinomial([1, 2], 3), st.multinomial(3, [0.5, 0.5]), {},
                 TypeError, "no draws"),
    **{f"base {b!r}": (NORMAL, NORMAL, {"base": b}, ValueError, re.escape(repr(b)))
       for b in (0, 1, -2, 0.5, math.nan, math.inf, "2", 2j, (2,))},
    "method": (NORMAL, NORMAL, {"method": "guess"}, ValueError, "'guess'"),
    "sum of densities": (NORMAL, NORMAL, {"method": "summation"}, ValueError, "quadrature does"),
    "integral of atoms": (st.poisson(1), st.poisson(1), {"method": "quadrature"}, ValueError,
                          "summation does"),
    "several variables": (st.dirichlet([1, 2]), st.dirichlet([1, 2]), {"method": "quadrature"},
                          ValueError, "monte carlo does"),
    "no closed form": (st.t(3), NORMAL, {"method": "closed form"}, ValueError, "t and norm"),
    **{f"draws {d!r}": (NORMAL, NORMAL, {"draws": d}, ValueError, re.escape(repr(d)))
       for d in (0, 1, -5)},
    **{f"draws {d!r}": (NORMAL, NORMAL, {"draws": d}, TypeError, re.escape(repr(d)))
       for d in (2.5, "9", None, True)},
    "seed -1": (NORMAL, NORMAL, {"seed": -1}, ValueError, "-1"),
    **{f"seed {s!r}": (NORMAL, NORMAL, {"seed": s}, TypeError, re.escape(repr(s)))
       for s in (1.5, "0", None, True)},
}  # fmt: skip


@pytest.mark.parametrize(("p", "q", "options", "error", "message"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_refused_with_what_was_passed(p, q, options, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        kl(p, q, **options)


def test_a_bad_base_is_refused_before_anything_is_computed():
    with pytest.raises(ValueError, match="base must be"):
        kl(NORMAL, "not a distribution", base=1)


def test_two_draws_are_enough():
    drawn = kl(NORMAL, st.norm(), method="monte carlo", draws=2)
    assert drawn.draws == 2 and math.isfinite(drawn.error)


# --- The registry ---------------------------------------------------------------------------------


class Wedge(st.rv_continuous):
    """Density 2x on (0, 1)."""

    def _pdf(self, x):
        return 2 * x


wedge = Wedge(a=0, b=1, name="wedge")


@pytest.fixture
def registry(monkeypatch):
    """The registry, put back at the end."""
    before = dict(_closed_forms)
    yield _closed_forms
    _closed_forms.clear()
    _closed_forms.update(before)


@pytest.mark.parametrize("family", [wedge, Wedge])
def test_users_register_their_own(registry, family):
    by_quadrature = kl(wedge(2, 3), st.uniform(2, 3))
    assert by_quadrature.method == "quadrature"
    assert float(by_quadrature) == pytest.approx(math.log(2) - 0.5, rel=1e-10)
    seen = []

    @register_kl(family, st.uniform)
    def kl_wedge_uniform(p, q):
        seen.append((vars(p), vars(q)))
        return math.log(2) - 0.5 if (p.loc, p.scale) == (q.loc, q.scale) else NotImplemented

    assert kl(wedge(2, 3), st.uniform(2, 3)).method == "closed form"
    assert seen == [({"loc": 2, "scale": 3},) * 2]
    assert kl(wedge(2, 3), st.uniform(1, 5)).method == "quadrature"
    assert kl(st.uniform(2, 3), wedge(2, 3)).method == "quadrature"  # the pair has an order
    assert len(seen) == 2
    assert kl(wedge(2, 3), st.uniform(2, 1)).method == "support" and len(seen) == 2
    with pytest.raises(ValueError, match=r"Wedge, uniform_gen.*kl_wedge_uniform.*replace"):
        register_kl(wedge, st.uniform)(lambda p, q: 0.0)
    register_kl(wedge, st.uniform, replace=True)(lambda p, q: 7)
    assert kl(wedge(2, 3), st.uniform(2, 3)) == 7.0
    assert kl(wedge(2, 3), st.uniform(2, 3), method="quadrature") == by_quadrature


def test_what_a_closed_form_is_given(registry):
    seen = []

    @register_kl(st.gamma, st.multivariate_normal)
    def never(p, q):
        raise AssertionError

    @register_kl(st.burr, st.nakagami)
    def burr_nakagami(p, q):
        seen.append((p.c, p.d, p.loc, p.scale, q.nu))
        return 1

    assert kl(st.burr(2, d=3, scale=4), st.nakagami(5)) == 1.0
    assert seen == [(2.0, 3.0, 0.0, 4.0, 5.0)]
    with pytest.raises(ValueError, match="shape"):
        kl(st.gamma(1), st.multivariate_normal([0, 0]))


def test_a_closed_form_that_is_wrong_is_not_believed(registry):
    def careless(p, q, value=math.nan):
        return value

    negative = functools.partial(careless, value=-0.5)  # has no name
    for function, message in [
        (careless, "closed form careless returned nan"),
        (negative, r"closed form functools\.partial\(.*careless.* returned -0\.5"),
    ]:
        register_kl(wedge, st.uniform, replace=True)(function)
        with pytest.raises(ArithmeticError, match=message):
            kl(wedge(), st.uniform())
    for rounding in (-1e-17, -1e-9):
        register_kl(wedge, st.uniform, replace=True)(lambda p, q, value=rounding: value)
        assert kl(wedge(), st.uniform()) == 0


@pytest.mark.parametrize("wrong", [None, "0.5", [0.5, 1], {}, 1j], ids=repr)
def test_a_closed_form_that_returns_no_number_is_named(registry, wrong):
    @register_kl(wedge, st.uniform)
    def forgetful(p, q):
        return wrong

    message = rf"forgetful, registered for \(wedge, uniform\), .*got {re.escape(repr(wrong))}"
    with pytest.raises(TypeError, match=message):
        kl(wedge(), st.uniform())


def test_subclasses_do_not_inherit(registry):
    class Other(type(st.norm)):
        pass

    other = Other(name="other")
    assert kl(other(1), other()).method == "quadrature"
    assert float(kl(other(1), st.norm())) == pytest.approx(0.5)


@pytest.mark.parametrize("wrong", [st.norm(), 3, "norm", None])
def test_families_are_registered_and_nothing_else(wrong):
    for pair in ((wrong, st.norm), (st.norm, wrong)):
        with pytest.raises(TypeError, match="families"):
            register_kl(*pair)


def test_no_warning_leaks():
    """Warnings are errors here; SciPy's numerical methods give many."""
    value = kl(wedge(), st.truncnorm(-1, 2))
    assert value.method == "quadrature" and value > 0
    assert kl(st.norminvgauss(2, 1), st.norm()) > 0
    assert kl(st.exponnorm(2), st.gumbel_r()) > 0
    with np.errstate(all="raise"):
        assert kl(st.exponnorm(2), st.gumbel_r()) > 0
