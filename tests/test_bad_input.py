"""Ten thousand wrong inputs a function: each is refused in words.

A sound input is made and one thing about it is spoilt. The function must raise ValueError or
TypeError with a message: not another exception, not a warning (warnings are errors here), and not
a number. Besides, inputs of every kind are thrown together: what is not refused is an answer that
a plain formula in Python's own numbers gives too.
"""

import datetime
import decimal
import fractions
import math
import warnings

import numpy as np
import pytest
import torch

import kldiv
from kldiv import gaussian

ROUNDS = 10_000
INF, NAN = math.inf, math.nan

DISCRETE = {
    "entropy": 1,
    "cross_entropy": 2,
    "kl_divergence": 2,
    "js_divergence": 2,
    "jeffreys_divergence": 2,
    "renyi_divergence": 2,
    "total_variation": 2,
    "chi_squared_divergence": 2,
    "squared_hellinger": 2,
    "f_divergence": 2,
    "mutual_information": 1,
    "conditional_entropy": 1,
}
WITH_BASE = {"entropy", "cross_entropy", "kl_divergence", "js_divergence", "jeffreys_divergence"}
WITH_BASE |= {"renyi_divergence", "mutual_information", "conditional_entropy"}
JOINT = {"mutual_information", "conditional_entropy"}

NOT_NUMBERS = ["0.5", b"0.5", None, object(), 1j, datetime.date(2026, 1, 1), {}, [0.5], lambda: 1]
NOT_ARRAYS = [
    "half",
    None,
    object(),
    {"a": 0.5},
    {0.5},
    3 + 1j,
    np.array("x"),
    math,
    [[0.5], [0.5, 0.5]],
]
BAD_BASES = [0, 1, -2, NAN, INF, -INF, "e", None.__class__, [2], 2j, 0.5, object(), 10**400]
BAD_FORMS = ["probs", "", None, 1, "Logits", ("logits",)]
BAD_AXES = [5, -4, 1.5, "0", (0,), [0], INF, object()]


def call(name, *arguments, **options):
    extra = {"renyi_divergence": (2,), "f_divergence": (square,)}.get(name, ())
    return getattr(kldiv, name)(*arguments, *extra, **options)


def square(t):
    return (t - 1) ** 2


def plain(x):
    """As an array of NumPy, whatever library it is from."""
    return np.array(x.tolist() if torch.is_tensor(x) else x, dtype=float)


def sound(name, rng):
    """Arguments that the function accepts."""
    n = int(rng.integers(2, 6))
    shape = (2, n) if name in JOINT else (n,)
    made = [rng.dirichlet(np.ones(math.prod(shape))).reshape(shape) for _ in range(DISCRETE[name])]
    kind = rng.integers(4)
    if kind == 1:
        made = [x.tolist() for x in made]
    elif kind == 2:
        made = [torch.from_numpy(x) for x in made]
    elif kind == 3:
        made = [np.asfortranarray(x) for x in made]
    return made


def spoil(name, arguments, rng):
    """The same with one thing wrong, and options that may be what is wrong."""
    at = int(rng.integers(len(arguments)))
    x = plain(arguments[at])
    entry = tuple(int(rng.integers(n)) for n in x.shape)
    what = int(rng.integers(12 if name in WITH_BASE else 11))
    options = {}
    if what == 0:
        x[entry] = rng.choice([NAN, INF, -INF])
    elif what == 1:
        x[entry] = -rng.choice([1e-300, 1e-9, 0.1, 3])
    elif what == 2:
        x = x * rng.choice([0, 0.5, 1.001, 2, 1e300])
    elif what == 3:
        x = x.astype(object)
        x[entry] = NOT_NUMBERS[rng.integers(len(NOT_NUMBERS))]
    elif what == 4:
        x = NOT_ARRAYS[rng.integers(len(NOT_ARRAYS))]
    elif what == 5:
        x = [np.empty((0,)), np.float64(1.0), 1.0, x + 0j, np.empty((2, 0)), x * 0][rng.integers(6)]
    elif what == 6:
        options["form"] = BAD_FORMS[rng.integers(len(BAD_FORMS))]
    elif what == 7:
        axis = BAD_AXES[rng.integers(len(BAD_AXES))]
        options["axes" if name in JOINT else "axis"] = axis
    elif what == 8:
        options["normalize"] = True
        x = [x * 0, x * INF if (x > 0).all() else x * NAN, -x][rng.integers(3)]
    elif what == 9:
        x = np.log(np.where(x > 0, x, 1))
        x[entry] = rng.choice([NAN, INF])
        options["form"] = rng.choice(["logits", "log_probabilities"])
        arguments = [np.log(plain(a) + 1e-9) for a in arguments]
        if options["form"] == "log_probabilities":
            arguments = [a - np.log(np.exp(a).sum()) for a in arguments]
    elif what == 10:
        if len(arguments) == 1:
            x = np.ma.masked_less(x, x.max())
        else:
            x = np.full(int(x.size + 2), 1 / (x.size + 2))
    else:
        options["base"] = BAD_BASES[rng.integers(len(BAD_BASES))]
    arguments = list(arguments)
    arguments[at] = x
    return arguments, options


def not_refused(value, arguments, options):
    pytest.fail(f"{arguments} {options} gave {value!r}")


@pytest.mark.parametrize("name", DISCRETE)
def test_what_is_spoilt_is_refused(name):
    rng = np.random.default_rng(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(ROUNDS):
            arguments, options = spoil(name, sound(name, rng), rng)
            with pytest.raises((ValueError, TypeError), match="."):
                not_refused(call(name, *arguments, **options), arguments, options)


# --- Inputs of every kind, thrown together ------------------------------------------------------

PIECES = [0, 1, 0.5, 0.25, 0.75, -1, NAN, INF, 1e-320, 1e308, True, np.float32(0.5), np.int8(1)]
PIECES += [fractions.Fraction(1, 4), decimal.Decimal("0.5"), "1", None, 2**70, 1 / 3, 2 / 3]


def soup(rng):
    pieces = [PIECES[i] for i in rng.integers(len(PIECES), size=rng.integers(1, 4))]
    kind = rng.integers(6)
    if kind == 0:
        return tuple(pieces)
    if kind == 1:
        return [pieces, pieces]
    if kind == 2:
        return [rng.choice([0.5, 0.25, 0.75]) for _ in range(2)]
    if kind == 3:
        return rng.choice([0.0, 0.25, 0.5, 0.75, 1.0], size=2)
    if kind == 4:
        return torch.tensor(rng.choice([0.0, 0.25, 0.5, 0.75, 1.0], size=2))
    return pieces


def plain_kl(p, q):
    """KL of two vectors by the textbook, in Python's numbers."""
    p, q = ([float(x) for x in v] for v in (p, q))
    return math.fsum(
        (INF if b == 0 else a * (math.log(a) - math.log(b)))
        for a, b in zip(p, q, strict=True)
        if a > 0
    )


def test_what_is_not_refused_is_right():
    rng, answered = np.random.default_rng(1), 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(ROUNDS):
            p, q = soup(rng), soup(rng)
            try:
                value = kldiv.kl_divergence(p, q)
            except (ValueError, TypeError):
                continue
            answered += 1
            if np.ndim(value) == 0:
                p, q = np.broadcast_arrays(plain(p), plain(q))
                assert float(value) == pytest.approx(plain_kl(p, q), rel=1e-6, abs=1e-7), (p, q)
    assert answered > 100


# --- Normal distributions -----------------------------------------------------------------------


@pytest.mark.parametrize("place", range(4))
def test_kl_normal_refuses_what_is_not_a_normal_distribution(place):
    rng = np.random.default_rng(place)
    wrong = [NAN, INF, -INF, "1", None, 1j, [[1.0], [1.0, 2.0]], object(), {}, b"1", np.array("x")]
    wrong_std = [*wrong, 0, -1, -0.0, [1.0, 0.0], np.array([1.0, NAN]), torch.tensor(-1.0)]
    for _ in range(ROUNDS // 4):
        arguments = [rng.normal(), rng.uniform(0.1, 9), rng.normal(), rng.uniform(0.1, 9)]
        choices = wrong_std if place in (1, 3) else wrong
        arguments[place] = choices[rng.integers(len(choices))]
        with pytest.raises((ValueError, TypeError), match="."):
            gaussian.kl_normal(*arguments)


def test_kl_multivariate_normal_refuses_what_is_not_one():
    rng = np.random.default_rng(5)
    for _ in range(ROUNDS // 5):
        k = int(rng.integers(1, 4))
        root = rng.normal(size=(2, k, k))
        cov = root @ root.swapaxes(-1, -2) + np.eye(k)
        arguments = [rng.normal(size=k), cov[0], rng.normal(size=k), cov[1]]
        place = int(rng.integers(4))
        x = arguments[place].copy()
        what = int(rng.integers(4))
        if what == 0:
            x.flat[rng.integers(x.size)] = rng.choice([NAN, INF])
        elif what == 1:
            x = x[0] if place % 2 else x.tolist()[0]  # a dimension less than it needs
        elif what == 2:
            x = np.full((k + 1,) * (place % 2 + 1), 0.5)
        else:
            x = -x if place % 2 else ["x"] * k
        arguments[place] = x
        with pytest.raises((ValueError, TypeError), match="."):
            gaussian.kl_multivariate_normal(*arguments)
