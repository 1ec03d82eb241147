"""Intervals for any two-sample estimator, by estimating again from parts of the samples."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import array_api_compat
import numpy as np

from kldiv._arguments import one_of, random_generator, whole_number
from kldiv._namespace import stop_gradient
from kldiv.estimators._bca import bca_levels
from kldiv.estimators._estimate import check_level


class Interval(NamedTuple):
    """An interval and a standard error, in the unit of the estimator."""

    lower: float  #: Lower end of the interval.
    upper: float  #: Upper end of the interval.
    standard_error: float  #: Standard deviation of the resampled estimates.


def bootstrap(
    estimator: Callable[[Any, Any], Any],
    x: Any,
    y: Any,
    *,
    seed: int | np.random.Generator,
    level: float = 0.95,
    resamples: int = 999,
    method: str = "basic",
) -> Interval:
    r"""An interval for what `estimator(x, y)` estimates, from the samples alone.

    With D = estimator(x, y) and D* the estimates from resamples, whose quantiles are D*_a and with
    a = (1 − level)/2:

    - "basic": (2D − D*₁₋ₐ, 2D − D*ₐ), from n and m draws with replacement. What resampling adds in
      bias is taken off again; so give it an estimator that does not correct itself (`kl_plug_in`
      with `correction=None`).
    - "percentile": (D*ₐ, D*₁₋ₐ), from the same. Stays where D* does (at least 0, say), but takes
      the estimator's bias twice: not for a plug-in near 0.
    - "bca": (D*_b, D*_c), from the same, at levels b and c that correct "percentile" for bias, as
      the share of D* below D shows it, and for skewness, as the jackknife does: n + m more
      estimates. It misses about as often on either side, where "basic" misses above; it does not
      cover more often than "percentile" does, and near 0, where all D* are larger than D, it fails
      with it. Not for nearest neighbours, as resamples repeat points.
    - "subsampling": (D − (D*₁₋ₐ − mean), D − (D*ₐ − mean)), from half of each sample without
      replacement: such halves vary about D as D does about the truth. For estimators that repeated
      draws break, as of nearest neighbours. Says nothing of their bias.

    Parameters
    ----------
    estimator : callable
        Takes two samples, returns an `Estimate` or a number.
    x, y : arrays whose first axis counts the draws, or sequences
        The samples, each resampled on its own: at least 2 draws (4 for "subsampling").
    seed : int or numpy.random.Generator
        Decides the resamples.
    level : float, default 0.95
        How often the interval should cover.
    resamples : int, default 999
        How many; at least 2.
    method : {"basic", "percentile", "bca", "subsampling"}
        Which interval.

    Returns
    -------
    Interval
        (lower, upper, standard_error). An infinite D* makes an end infinite where it is at that
        quantile, and the error infinite; an infinite D has the interval (−∞, ∞).

    Raises
    ------
    ValueError
        Too few draws or resamples, a bad level, an unknown method, a negative seed; NaN from the
        estimator; for "bca", D* that all lie on one side of D, or a D that is infinite without some
        draw; and what the estimator raises, such as that resamples repeat points.
    TypeError
        An estimator that cannot be called or returns no number; samples without draws to pick; a
        seed that is neither a whole number nor a Generator.

    References
    ----------
    B. Efron and R. J. Tibshirani, *An Introduction to the Bootstrap* (1993),
    doi:10.1201/9780429246593. D. N. Politis and J. P. Romano, "Large sample confidence regions
    based on subsamples under minimal assumptions", Ann. Stat. 22 (1994),
    doi:10.1214/aos/1176325770.

    Examples
    --------
    >>> from functools import partial
    >>> from kldiv.estimators import bootstrap, kl_plug_in
    >>> plain = partial(kl_plug_in, correction=None)  # "basic" takes the bias off itself
    >>> interval = bootstrap(plain, "aab" * 100, "abb" * 100, seed=0)
    >>> interval.lower < 0.231 < interval.upper  # ⅓ log 2 nats
    True
    """
    if not callable(estimator):
        raise TypeError(f"estimator must be callable; got {estimator!r}")
    level = check_level(level)
    resamples = whole_number("resamples", resamples, 2)
    one_of("method", method, ("basic", "percentile", "bca", "subsampling"))
    rng = random_generator(seed)
    halves = method == "subsampling"
    samples = [_sample(name, s, 4 if halves else 2) for name, s in (("x", x), ("y", y))]
    estimate = _number(estimator(*samples))

    def resample(sample: Any) -> Any:
        n = len(sample)
        return _take(sample, rng.choice(n, n // 2 if halves else n, replace=not halves))

    try:
        values = np.array([_number(estimator(*map(resample, samples))) for _ in range(resamples)])
    except ValueError as refusal:
        if not halves:
            refusal.add_note(
                "These were resamples, not the samples: they repeat draws. If the estimator cannot "
                'have that, as nearest neighbours cannot, pass method="subsampling".'
            )
        raise
    if not math.isfinite(estimate):
        return Interval(-math.inf, math.inf, math.inf)
    finite = bool(np.all(np.isfinite(values)))
    error = float(np.std(values, ddof=1)) if finite else math.inf
    levels = (1 - level) / 2, (1 + level) / 2
    if method == "bca":
        without = _without_each(estimator, samples)
        levels = bca_levels(level, estimate, values, without)
    # Quantiles without interpolation: between two infinities it would be NaN.
    low, high = (float(np.quantile(values, a, method="inverted_cdf")) for a in levels)
    if method in ("percentile", "bca"):
        return Interval(low, high, error)
    centre = (float(np.mean(values)) if finite else math.nan) if halves else estimate
    if math.isnan(centre):
        return Interval(-math.inf, math.inf, math.inf)
    return Interval(estimate - (high - centre), estimate - (low - centre), error)


def _sample(name: str, sample: Any, at_least: int) -> Any:
    """An array, or a list, of enough draws."""
    if not array_api_compat.is_array_api_obj(sample) and not hasattr(sample, "iloc"):
        try:
            if isinstance(sample, Mapping):
                raise TypeError
            sample = [sample[i] for i in range(len(sample))]
        except (TypeError, KeyError):
            raise TypeError(f"{name} must be an array or a sequence; got {sample!r:.60}") from None
    elif sample.ndim == 0:
        raise TypeError(f"{name} must be an array of draws; got a single number")
    size = len(sample)
    if size < at_least:
        raise ValueError(f"{name} must hold at least {at_least} draws; got {size}")
    return sample


def _without_each(estimator: Callable[[Any, Any], Any], samples: list[Any]) -> tuple[Any, Any]:
    """The estimates without each draw of the first sample, and without each of the second."""
    x, y = samples
    without_x, without_y = ([_take(s, _all_but(i, s)) for i in range(len(s))] for s in samples)
    return (
        np.array([_number(estimator(part, y)) for part in without_x]),
        np.array([_number(estimator(x, part)) for part in without_y]),
    )


def _all_but(i: int, sample: Any) -> Any:
    return np.delete(np.arange(len(sample)), i)


def _take(sample: Any, at: Any) -> Any:
    """The draws at these places."""
    if isinstance(sample, list):
        return [sample[i] for i in at]
    if hasattr(sample, "iloc"):  # pandas, which takes a number in brackets for a label
        return sample.iloc[at]
    return sample[array_api_compat.array_namespace(sample).asarray(at)]


def _number(result: Any) -> float:
    """What the estimator returned, as a float that is not NaN."""
    if isinstance(result, (str, bytes)):
        raise TypeError(f"estimator must return an Estimate or a number; got {result!r}")
    try:
        value = float(stop_gradient(getattr(result, "value", result)))
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(
            f"estimator must return an Estimate or a number; got {result!r:.60}"
        ) from error
    if math.isnan(value):
        raise ValueError("estimator returned NaN")
    return value
