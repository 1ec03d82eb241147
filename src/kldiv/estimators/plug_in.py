r"""KL from samples of discrete distributions: the KL of the frequencies, corrected for its bias."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from kldiv._arguments import one_of
from kldiv._namespace import _short, stop_gradient
from kldiv._numerics import without_warnings
from kldiv._units import units_per_nat
from kldiv.discrete import kl_divergence
from kldiv.estimators._checks import as_numpy, numeric_arrays
from kldiv.estimators._estimate import Estimate
from kldiv.estimators._jackknife import plug_in_jackknife_bias
from kldiv.estimators._symbols import count_symbols

#: Beyond it, double precision does not hold every whole number.
_LARGEST_COUNT = 2.0**53


def kl_plug_in(
    samples_p: Iterable[Any],
    samples_q: Iterable[Any],
    *,
    correction: str | None = "miller-madow",
    smoothing: float = 0.0,
    categories: Iterable[Any] | None = None,
    base: float | None = None,
) -> Estimate:
    r"""KL(p‖q) of two samples of symbols: the KL of their frequencies, corrected for its bias.

    Parameters
    ----------
    samples_p, samples_q : sequences of hashable symbols, or one-dimensional arrays
        Draws from p and from q: integers, strings, tuples … A text is a sequence of characters.
        Symbols are the same where Python says so: 1, 1.0 and True are.
    correction, smoothing, base
        As in `kl_plug_in_counts`.
    categories : iterable, optional
        All symbols there are. It matters only for `smoothing`, whose α it gives to those that
        nobody drew. Default: the symbols that were drawn, under p or q.

    Returns
    -------
    Estimate
        As of `kl_plug_in_counts`.

    Raises
    ------
    ValueError
        An empty sample, None or NaN in a sample, an array that is not one-dimensional, a
        symbol that is not in `categories`; and as `kl_plug_in_counts`.
    TypeError
        Samples that are not sequences of hashable symbols; sets and mappings, which do not say
        how often each was drawn.

    Examples
    --------
    >>> from kldiv.estimators import kl_plug_in
    >>> kl_plug_in("aab" * 100, "abb" * 100, correction=None, base=2)  # ⅓ bit
    0.333 ± 0.081 bits (plug-in, 300 and 300 draws)
    >>> kl_plug_in("abc", "ab")  # c is never seen under q
    inf nats (plug-in, miller-madow, 3 and 2 draws)
    """
    seen_p, seen_q = count_symbols("samples_p", samples_p), count_symbols("samples_q", samples_q)
    symbols = dict.fromkeys((*seen_p, *seen_q))
    if categories is not None:
        known = count_symbols("categories", categories)
        repeated = [symbol for symbol, count in known.items() if count > 1]
        if repeated:
            raise ValueError(f"categories must differ; {_short(repeated[0])} is there twice")
        unknown = [symbol for symbol in symbols if symbol not in known]
        if unknown:
            raise ValueError(f"{_short(unknown[0])} was drawn and is not in categories")
        symbols = dict.fromkeys(known)
    estimate: Estimate = kl_plug_in_counts(
        [seen_p[symbol] for symbol in symbols],
        [seen_q[symbol] for symbol in symbols],
        correction=correction,
        smoothing=smoothing,
        base=base,
    )
    return estimate


@without_warnings
def kl_plug_in_counts(
    counts_p: Any,
    counts_q: Any,
    *,
    correction: str | None = "miller-madow",
    smoothing: float = 0.0,
    base: float | None = None,
) -> Estimate:
    r"""KL(p‖q) from counts: the plug-in Σ p̂ log(p̂/q̂), with p̂ = c/n and q̂ = (c′ + α)/(m + αK).

    Its bias has two parts. By the delta method (a Taylor series to second order in the errors of
    p̂ and q̂, whose variances are p(1−p)/n and q(1−q)/m), where K₊ symbols have p > 0:

        bias ≈ (K₊ − 1)/(2n) + (Σ p/q − 1)/(2m) − α (Σ p/q − K)/m.

    Both samples make two distributions look more different than they are; the second part is
    large where q is small and p is not. Smoothing with α = ½ turns what comes from q into
    (K − 1)/(2m), without the p/q that is hard to estimate.

    Parameters
    ----------
    counts_p, counts_q : array_like, shape (K,)
        How often each of K symbols was drawn from p (n times in all) and from q (m times).
    correction : {"miller-madow", "jackknife", None}
        What is subtracted: the formula above, with p̂ and c′/m in it (½ for a c′ of 0); the bias
        that leaving out each draw in turn shows; or nothing. A corrected value can be negative,
        and is not clipped: clipping would be a bias again.
    smoothing : float, default 0
        α, added to every count of q (p needs none: 0·log 0 = 0).
    base : float, optional
        Base of the logarithm, greater than 1. Default e, for nats; 2 for bits.

    Returns
    -------
    Estimate
        Infinite, with an infinite error, where a symbol was seen under p and never under q:
        symbols are not dropped. (If the true KL is finite, that is too little data: smoothing
        makes it finite, and choosing α is choosing the answer.) The standard error is the delta
        method's to second order, so that it does not vanish where q is p. There it is too large
        (by up to 1.7), since the estimate is not normal (a multiple of χ², less its mean), and
        smaller errors would go with the smaller values: intervals cover at least as they say.

    Raises
    ------
    ValueError
        Counts that are not whole, not negative and at most 2⁵³, or all 0; shapes that differ or
        are not (K,); labels (of pandas' Series) that differ; an unknown correction; smoothing that
        is not finite or negative; a bad base; miller-madow with smoothing that adds more draws
        than there are (αK > m); a jackknife
        without smoothing that would leave out the only draw of a symbol from q, or
        the only draw of a sample.
    TypeError
        Entries that are not real numbers, or arrays of two libraries.

    References
    ----------
    G. A. Miller, "Note on the bias of information estimates", in *Information Theory in
    Psychology* (1955). L. Paninski, "Estimation of entropy and mutual information", Neural
    Comput. 15 (2003), doi:10.1162/089976603321780272. B. Efron and C. Stein, "The jackknife
    estimate of variance", Ann. Stat. 9 (1981), doi:10.1214/aos/1176345462.

    Examples
    --------
    >>> from kldiv.estimators import kl_plug_in_counts
    >>> kl_plug_in_counts([50, 50], [75, 25], correction=None)
    0.144 ± 0.082 nats (plug-in, 100 and 100 draws)
    >>> kl_plug_in_counts([50, 50], [75, 25])  # less 0.005 and 0.0083
    0.131 ± 0.082 nats (plug-in, miller-madow, 100 and 100 draws)
    """
    _xp, arrays = numeric_arrays(counts_p=counts_p, counts_q=counts_q)
    p_counts, q_counts = (as_numpy(array) for array in arrays)
    if p_counts.ndim != 1 or p_counts.shape != q_counts.shape:
        raise ValueError(
            "counts_p and counts_q must have the same shape (K,); "
            f"got {p_counts.shape} and {q_counts.shape}"
        )
    n, m = _total("counts_p", p_counts), _total("counts_q", q_counts)
    one_of("correction", correction, ("miller-madow", "jackknife", None))
    alpha = _smoothing(smoothing)
    scale = units_per_nat(base)
    if correction == "miller-madow" and alpha * len(p_counts) > m:
        raise ValueError(
            f"smoothing adds {alpha * len(p_counts):g} draws to {m}: too many for the "
            'miller-madow correction, which is of first order; pass correction="jackknife" or None'
        )
    method = "plug-in" if correction is None else f"plug-in, {correction}"
    method = f"{method}, smoothed by {alpha:g}" if alpha else method

    p, q_weights = p_counts / n, q_counts + alpha
    q = q_weights / q_weights.sum()
    value = float(kl_divergence(p, q, normalize=True))
    if not math.isfinite(value):
        return Estimate(math.inf, math.inf, method, (n, m), base)
    if correction == "miller-madow":
        # Where the formula has the true q, a symbol that was not seen counts as half a draw.
        value -= _delta_bias(p, np.maximum(q_counts, 0.5) / m, n, m, alpha)
    elif correction == "jackknife":
        value -= plug_in_jackknife_bias(p_counts, q_counts, alpha)
    return Estimate(value * scale, _delta_error(p, q, n, m) * scale, method, (n, m), base)


def _delta_bias(p: Any, q: Any, n: int, m: int, alpha: float) -> float:
    """The bias to first order in 1/n and 1/m, with p and q for the unknown true ones."""
    seen = p > 0
    ratio_sum = float(np.sum(p[seen] / q[seen]))
    from_p = (np.count_nonzero(seen) - 1) / (2 * n)
    from_q = (ratio_sum - 1) / (2 * m)
    from_smoothing = alpha * (ratio_sum - len(q)) / m if alpha else 0.0
    return float(from_p + from_q - from_smoothing)


def _delta_error(p: Any, q: Any, n: int, m: int) -> float:
    """The standard deviation by the Taylor series to second order: gradient and Hessian."""
    p, q = p[p > 0], q[p > 0]
    log_ratio, ratio = np.log(p) - np.log(q), p / q  # the ratio may overflow
    chi_square = max(np.sum(p * ratio) - 1, 0.0)
    first = np.sum(p * (log_ratio - np.sum(p * log_ratio)) ** 2) / n + chi_square / m
    # ½ tr((H Σ)²), block by block.
    second = (
        (len(p) - 1) / n**2
        + 2 * np.sum(ratio * (1 - p)) / (n * m)
        + (np.sum(ratio**2 * (1 - 2 * q)) + 1) / m**2
    ) / 2
    return math.sqrt(max(first + second, 0.0))


def _total(name: str, counts: Any) -> int:
    if not np.all((counts >= 0) & (counts <= _LARGEST_COUNT) & (counts == np.floor(counts))):
        raise ValueError(f"{name} must hold whole numbers from 0 to 2⁵³; got {_short(counts)}")
    total = counts.sum()
    if not 0 < total <= _LARGEST_COUNT:
        raise ValueError(f"{name} must have a sum from 1 to 2⁵³; found {total:g}")
    return int(total)


def _smoothing(smoothing: Any) -> float:
    try:
        alpha = math.nan if isinstance(smoothing, (str, bytes)) else float(stop_gradient(smoothing))
    except (TypeError, ValueError, OverflowError, RuntimeError):
        alpha = math.nan
    if not 0 <= alpha <= _LARGEST_COUNT:
        raise ValueError(f"smoothing must be a number from 0 to 2⁵³; got {_short(smoothing)}")
    return alpha
