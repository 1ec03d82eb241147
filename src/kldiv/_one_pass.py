"""KL of NumPy's double-precision arrays in one pass, a block at a time.

The general formula of `kldiv._terms` keeps its digits where q is near p, at the price of many
passes. Where KL is not small, Σ p log(p/q) has nothing to lose: its absolute error is a few
roundings of 1. So it is summed here, over blocks that stay in the processor's cache, together with
the checks of what makes p and q distributions. What is out of the ordinary is left to the general
way: wrong input, and values so small that the digits count. Both ways sum p log(p/q) − p + q.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

_BLOCK = 2**16  # entries, 0.5 MB an array; of short blocks the calls cost more than the work
_ONES = np.ones(_BLOCK)  # a product with it is a sum, and BLAS is twice as fast as NumPy at it
_CAREFUL_BELOW = 2.0**-5  # nats; below, rounding could pass 1e-14 of the value
_TINY = 1e-280  # ratios of probabilities above it neither overflow nor underflow
_TOLERANCE = math.sqrt(np.finfo(float).eps)  # as in `kldiv._validation`


class _NotOrdinaryError(Exception):
    """The general way has to look at this input."""


def kl(p: Any, q: Any, axis: Any, careful: Callable[[Any, Any], Any]) -> Any:
    """KL(p‖q) in nats along the last axis, or None if `p` and `q` are not a case for this file.

    `careful(p, q)` computes rows whose KL is small.
    """
    if not (
        type(p) is type(q) is np.ndarray
        and p.dtype == q.dtype == np.float64
        and p.shape == q.shape
        and p.ndim
        and p.size
        and (axis == -1 or axis == p.ndim - 1)
        and type(axis) is int
    ):
        return None
    try:
        if p.ndim == 1:
            value = _vector(p, q)
            return None if value < _CAREFUL_BELOW else np.float64(value)
        if p.flags.c_contiguous and q.flags.c_contiguous:
            return _rows(p, q, careful)
    except _NotOrdinaryError:
        pass
    return None


def _vector(p: Any, q: Any) -> float:
    n = p.size
    if n <= _BLOCK:
        sum_p, sum_q, value = _block(p, q)
    else:
        sum_p = sum_q = value = 0.0
        for start in range(0, n, _BLOCK):
            sums = _block(p[start : start + _BLOCK], q[start : start + _BLOCK])
            sum_p, sum_q, value = sum_p + sums[0], sum_q + sums[1], value + sums[2]
    if not (abs(sum_p - 1) <= _TOLERANCE and abs(sum_q - 1) <= _TOLERANCE):
        raise _NotOrdinaryError
    return value + (sum_q - sum_p)


def _block(p: Any, q: Any) -> tuple[float, float, float]:
    """Σ p, Σ q and Σ p log(p/q) of a part of a distribution."""
    ones = _ONES[: p.size]
    sum_p, sum_q = p.dot(ones), q.dot(ones)
    if not (sum_p < 2 and sum_q < 2):  # with it go infinities
        raise _NotOrdinaryError
    if not (np.minimum.reduce(p) >= _TINY and np.minimum.reduce(q) >= _TINY):
        if not (np.minimum.reduce(p) >= 0 and np.minimum.reduce(q) >= 0):
            raise _NotOrdinaryError
        kept = p > 0  # 0 log 0 = 0: such outcomes drop out
        p, q = p[kept], q[kept]
        if np.minimum.reduce(q, initial=1.0) == 0:
            return sum_p, sum_q, math.inf
        if min(np.minimum.reduce(p, initial=1.0), np.minimum.reduce(q, initial=1.0)) < _TINY:
            raise _NotOrdinaryError
    ratio = p / q
    return sum_p, sum_q, p.dot(np.log(ratio, out=ratio))


def _rows(p: Any, q: Any, careful: Callable[[Any, Any], Any]) -> Any:
    """The same for each row of two arrays of shape (..., n)."""
    n = p.shape[-1]
    values = np.empty(p.shape[:-1])
    flat_p, flat_q, flat = p.reshape(-1, n), q.reshape(-1, n), values.reshape(-1)
    if n >= _BLOCK:
        for row in range(flat.size):
            flat[row] = _vector(flat_p[row], flat_q[row])
    else:
        step = _BLOCK // n
        for start in range(0, flat.size, step):
            rows = slice(start, start + step)
            flat[rows] = _block_of_rows(flat_p[rows], flat_q[rows])
    small = flat < _CAREFUL_BELOW
    if np.logical_or.reduce(small):
        flat[small] = careful(flat_p[small], flat_q[small])
    return values


def _block_of_rows(p: Any, q: Any) -> Any:
    low_p, low_q = np.minimum.reduce(p, axis=None), np.minimum.reduce(q, axis=None)
    if not (low_p >= 0 and low_q >= 0):
        raise _NotOrdinaryError
    ones = _ONES[: p.shape[1]]
    sums_p, sums_q = p @ ones, q @ ones
    for sums in (sums_p, sums_q):
        if not np.logical_and.reduce(np.abs(sums - 1) <= _TOLERANCE):
            raise _NotOrdinaryError
    if low_p >= _TINY and low_q >= _TINY:
        ratio = p / q
    else:
        kept = p > 0
        tiny = (p < _TINY) | ((q < _TINY) & (q > 0))
        if np.logical_or.reduce(kept & tiny, axis=None):
            raise _NotOrdinaryError
        ratio = np.ones_like(p)
        with np.errstate(divide="ignore"):
            np.divide(p, q, out=ratio, where=kept)
    return np.einsum("ij,ij->i", p, np.log(ratio, out=ratio)) + (sums_q - sums_p)
