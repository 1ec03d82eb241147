"""What makes an array a distribution, checked in one place.

Wrong input raises ValueError (TypeError for what is not a number at all) and says what was passed.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from kldiv._namespace import Symbolic, stop_gradient, to_arrays

#: How the entries of a distribution are written.
Form = Literal["probabilities", "log_probabilities", "logits"]


class Distribution(NamedTuple):
    """A checked distribution: its probabilities, and their logarithms where those were given."""

    probabilities: Any
    logs: Any = None


def distributions(
    axis: int | None,
    normalize: bool,
    form: Form = "probabilities",
    *,
    along: str | None = None,
    **values: Any,
) -> tuple[Any, list[Distribution], int]:
    """The namespace, the broadcast and checked distributions, and the axis that holds them.

    `along` is how messages say where entries should sum to 1, if not by the axis.
    """
    if form not in get_args(Form):
        allowed = ", ".join(map(repr, get_args(Form)))
        raise ValueError(
            f"form must be one of {allowed}; got {form!r} (for counts or weights, pass "
            "normalize=True)"
        )
    xp, arrays = to_arrays(**values)
    given_axis = axis
    shapes = {name: tuple(a.shape) for name, a in zip(values, arrays, strict=True)}
    try:
        shape = np.broadcast_shapes(*shapes.values())
    except ValueError:
        given = " and ".join(f"{name} has {s}" for name, s in shapes.items())
        raise _not_probabilities(f"the shapes do not broadcast: {given}") from None
    if not isinstance(xp, Symbolic):
        arrays = [a if tuple(a.shape) == shape else xp.broadcast_to(a, shape) for a in arrays]
        if axis is None:
            arrays, axis = [xp.reshape(a, (-1,)) for a in arrays], -1
    elif axis is None:
        arrays, axis = [np.broadcast_to(a, shape).reshape(-1) for a in arrays], -1
    else:
        arrays = [np.broadcast_to(a, shape) for a in arrays]
    _check_axis(axis, arrays[0].shape)
    if along is None:
        along = "along all entries" if given_axis is None else f"along axis {given_axis}"
    if normalize or form == "logits":
        _check_lengths(shapes, shape, given_axis, along)
    checked = []
    for (name, given), array in zip(values.items(), arrays, strict=True):
        if isinstance(xp, Symbolic):
            if form != "probabilities":
                array, normalize = xp.exp(array), normalize or form == "logits"
            checked.append(Distribution(_check_symbols(name, array, xp, axis, normalize, along)))
            continue
        tolerance = _tolerance(given, array, xp)
        if form == "probabilities":
            p = _check_numbers(name, array, xp, axis, normalize, along, tolerance)
            checked.append(Distribution(p))
        else:
            unnormalized = normalize or form == "logits"
            checked.append(_check_logs(name, array, xp, axis, unnormalized, along, tolerance))
    return xp, checked, axis


def _check_lengths(
    shapes: dict[str, tuple[int, ...]], shape: tuple[int, ...], axis: int | None, along: str
) -> None:
    """Refuse a single entry that broadcasts to many: divided by their sum, it would be uniform."""
    for name, own in shapes.items():
        if axis is None:
            length, needed = math.prod(own), math.prod(shape)
        else:
            place = axis if axis < 0 else axis - len(shape)
            length, needed = (own[place] if -place <= len(own) else 1), shape[place]
        if length != needed:
            raise ValueError(
                f"{name} has {length} of {needed} entries {along}; got shapes "
                + " and ".join(map(str, shapes.values()))
            )


def _check_axis(axis: int, shape: tuple[int, ...]) -> None:
    try:
        axis = operator.index(axis)
    except TypeError:
        raise ValueError(f"axis must be an integer or None; got {axis!r}") from None
    if not shape:
        raise ValueError("a distribution needs at least one dimension; got a single number")
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"axis {axis} is not an axis of an array of shape {tuple(shape)}")
    if shape[axis] == 0:
        raise ValueError(f"axis {axis} is empty: the shape is {tuple(shape)}")


def _tolerance(given: Any, array: Any, xp: Any) -> float:
    """How far a sum may be from 1: the root of the precision in which the values were given.

    What single precision has rounded stays rounded when it is converted to double.
    """
    types = [array.dtype]
    if isinstance(given, type(array)) and xp.isdtype(given.dtype, "real floating"):
        types.append(given.dtype)
    return math.sqrt(max(float(xp.finfo(dtype).eps) for dtype in types))


def _check_numbers(
    name: str, p: Any, xp: Any, axis: int, normalize: bool, along: str, tolerance: float
) -> Any:
    """`p`, checked; divided by its sum where `normalize` says so."""
    if 0 in p.shape:  # no distribution at all: nothing to check, an empty result
        return p
    if not xp.min(p) >= 0:  # also true of NaN
        flat = xp.reshape(p, (-1,))
        entry = float(flat[int(xp.argmax(xp.astype(~(flat >= 0), xp.int8)))])
        raise _not_probabilities(
            f"{name} must hold probabilities, not negative, not NaN; found {entry}"
        )
    total = xp.sum(p, axis=axis, keepdims=True)
    if normalize:
        largest = xp.max(p, axis=axis, keepdims=True)
        if not xp.all((largest > 0) & (largest < math.inf)):
            bad = 0.0 if not xp.all(largest > 0) else math.inf
            raise ValueError(f"{name} cannot be normalized: a sum {along} is {bad:g}")
        if not xp.all(total < math.inf):  # the sum overflows though the entries do not
            p = p / largest
            total = xp.sum(p, axis=axis, keepdims=True)
        return p / total
    error = xp.abs(total - 1)
    if not xp.all(error <= tolerance):
        worst = float(xp.reshape(total, (-1,))[int(xp.argmax(error))])
        raise _not_probabilities(
            f"{name} must sum to 1 {along}; found a sum of {worst:.10g} "
            "(pass normalize=True for counts or weights)"
        )
    return p


def _not_probabilities(message: str) -> ValueError:
    """The error, with a way out for who passed draws from two distributions."""
    error = ValueError(message)
    error.add_note("(For KL from samples of the two distributions, see kldiv.estimators.)")
    return error


def _check_logs(
    name: str, logs: Any, xp: Any, axis: int, normalize: bool, along: str, tolerance: float
) -> Distribution:
    """The distribution whose logarithms are `logs`, up to a constant where `normalize` says so."""
    if 0 in logs.shape:
        return Distribution(logs, logs)
    if not xp.max(logs) < math.inf:  # also true of NaN
        flat = xp.reshape(logs, (-1,))
        entry = float(flat[int(xp.argmax(xp.astype(~(flat < math.inf), xp.int8)))])
        raise ValueError(f"{name} must hold logarithms, not NaN, less than infinity; found {entry}")
    largest = stop_gradient(xp.max(logs, axis=axis, keepdims=True))
    if not xp.all(largest > -math.inf):
        raise ValueError(f"{name} is -inf everywhere {along}: no outcome has a probability")
    if normalize:
        logs = logs - largest
        logs = logs - xp.log(xp.sum(xp.exp(logs), axis=axis, keepdims=True))
        return Distribution(xp.exp(logs), logs)
    probabilities = xp.exp(logs)
    total = xp.sum(probabilities, axis=axis, keepdims=True)
    error = xp.abs(total - 1)
    if not xp.all(error <= tolerance):
        worst = float(xp.reshape(total, (-1,))[int(xp.argmax(error))])
        raise ValueError(
            f"the exponentials of {name} must sum to 1 {along}; found a sum of {worst:.10g} "
            '(pass form="logits" for logarithms up to a constant)'
        )
    return Distribution(probabilities, logs)


def _check_symbols(name: str, p: Any, xp: Any, axis: int, normalize: bool, along: str) -> Any:
    """`p`, with the checks that can be made of symbols: known signs and known sums."""
    for entry in p.flat:
        if entry.is_negative or entry.is_extended_real is False or entry.is_finite is False:
            raise ValueError(f"{name} must hold probabilities, not negative; found {entry}")
    total = np.sum(p, axis=axis, keepdims=True)
    if normalize:
        if any(entry == 0 for entry in total.flat):
            raise ValueError(f"{name} cannot be normalized: a sum {along} is 0")
        return p / total
    for entry in np.ravel(total):
        difference = (entry - 1).simplify()
        if difference.is_number and abs(difference) > 1e-8:
            raise ValueError(f"{name} must sum to 1 {along}; found a sum of {entry}")
    return p


def check_weights(weights: Sequence[float] | None) -> tuple[float, float, float]:
    """w₁, w₂ and their entropy in nats."""
    if weights is None:
        return 0.5, 0.5, math.log(2)
    try:
        w = [float(weight) for weight in weights]
    except (TypeError, ValueError):
        w = []
    if len(w) != 2 or not min(w) >= 0 or not abs(sum(w) - 1) < 1e-8:
        raise ValueError(
            f"weights must be two numbers, not negative, that sum to 1; got {weights!r}"
        )
    return w[0], w[1], sum(-x * math.log(x) for x in w if x > 0)
