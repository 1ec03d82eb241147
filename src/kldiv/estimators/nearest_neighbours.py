r"""KL from samples of continuous distributions: distances to the k-th nearest neighbours."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from kldiv._arguments import one_of, whole_number
from kldiv._labels import check_columns, unlabelled
from kldiv._namespace import stop_gradient
from kldiv._numerics import without_warnings
from kldiv._units import units_per_nat
from kldiv.estimators._checks import as_numpy, numeric_arrays
from kldiv.estimators._estimate import Estimate
from kldiv.estimators._jackknife import jackknife_error
from kldiv.estimators._neighbours import balls, neighbours, tree_of

#: Distances below it, where the largest coordinate is about 1, have squares that underflow.
_COINCIDE = 1e-150


@without_warnings
def kl_nearest_neighbours(
    x: Any,
    y: Any,
    *,
    k: int = 5,
    variant: str = "fixed",
    base: float | None = None,
    workers: int = 1,
) -> Estimate:
    r"""KL(p‖q) of densities from points x ~ p and y ~ q, by Euclidean nearest-neighbour distances.

    "fixed" (Wang, Kulkarni, Verdú 2009; Pérez-Cruz 2008):

        KL ≈ d/n Σᵢ log(νᵢ/ρᵢ) + log(m/(n − 1)),

    with ρᵢ the distance from xᵢ to its k-th nearest neighbour among the other x, and νᵢ that to
    the k-th nearest among y: densities near xᵢ are compared as k points in a ball of that radius.

    "adaptive" takes one ball for both, of radius max(νᵢ, ρᵢ), which holds lᵢ other x and kᵢ y
    (one of these is k, the other may be larger), and νᵢ and ρᵢ as the distances to the farthest
    y and x in it; with the digamma function ψ,

        KL ≈ d/n Σᵢ log(νᵢ/ρᵢ) + 1/n Σᵢ (ψ(lᵢ) − ψ(kᵢ)) + log(m/(n − 1)).

    It has less bias where the densities differ much, at the price of more time there.

    Parameters
    ----------
    x : array_like, shape (n, d) or (n,)
        Points from p; (n,) is d = 1. At least k + 2.
    y : array_like, shape (m, d) or (m,)
        Points from q. At least k + 1.
    k : int, default 5
        Which neighbour. A larger one has less noise and more bias.
    variant : {"fixed", "adaptive"}
        Which of the two.
    base : float, optional
        Base of the logarithm, greater than 1. Default e, for nats; 2 for bits.
    workers : int, default 1
        Threads that search; −1 for all processors. The result does not depend on it.

    Returns
    -------
    Estimate
        Its value is a scalar of the arrays' library, and a PyTorch tensor has the gradient of the
        distances to the neighbours found. It may be negative. Consistent, not unbiased: the bias
        grows with the dimension and with the divergence itself, since where p has points and q
        none nearby, only the distance to q's nearest points is seen (for samples that are far
        apart it is d log(distance ratio), finite, and far below the truth).

    Raises
    ------
    ValueError
        NaN or infinities; arrays that are not one- or two-dimensional; dimensions d that differ;
        too few points for k; points that coincide, within a sample or between the two (the
        samples are then not of densities, or overlap, or were rounded); an unknown variant.
    TypeError
        Entries that are not real numbers, or arrays of two libraries; k or workers not an int.

    Notes
    -----
    The standard error is a jackknife: what the estimate would be without each x and each y, which
    one more neighbour tells. The terms' standard deviation over √n would leave out that y too is
    a sample. It is too large rather than too small (Efron and Stein 1981), and says nothing of the
    bias. For "adaptive" it is that of "fixed".

    The estimate does not change when x and y are shifted, rotated or scaled together (beyond
    rounding; not at all by a power of 2). It does change when one coordinate alone is scaled,
    though KL does not: which points are near depends on the units. Standardise what is measured
    in different ones.

    References
    ----------
    F. Pérez-Cruz, "Kullback-Leibler divergence estimation of continuous distributions", ISIT
    2008, doi:10.1109/ISIT.2008.4595271. Q. Wang, S. R. Kulkarni and S. Verdú, "Divergence
    estimation for multidimensional densities via k-nearest-neighbor distances", IEEE Trans. Inf.
    Theory 55 (2009), doi:10.1109/TIT.2009.2016060.

    Examples
    --------
    >>> import numpy as np
    >>> from kldiv.estimators import kl_nearest_neighbours
    >>> rng = np.random.default_rng(0)
    >>> x, y = rng.normal(1, 1, size=2000), rng.normal(0, 1, size=2000)
    >>> kl_nearest_neighbours(x, y)  # the truth is 0.5 nats
    0.451 ± 0.049 nats (5 nearest neighbours, fixed, 2000 and 2000 draws)
    """
    check_columns(x=x, y=y)
    xp, (x, y) = numeric_arrays(x=unlabelled(x), y=unlabelled(y))
    scale = units_per_nat(base)
    k = whole_number("k", k, 1)
    one_of("variant", variant, ("fixed", "adaptive"))
    if whole_number("workers", workers, -1) == 0:
        raise ValueError("workers must be a number of threads, or −1 for all; got 0")
    workers = min(workers, os.cpu_count() or 1)
    x, y = _points("x", x, xp), _points("y", y, xp)
    (n, d), (m, d_y) = x.shape, y.shape
    if d != d_y:
        raise ValueError(
            f"x and y must be points of one dimension d; got shapes {(n, d)} and {(m, d_y)}"
        )
    if n < k + 2 or m < k + 1:
        raise ValueError(
            f"k = {k} needs at least {k + 2} points x and {k + 1} points y; got {n} and {m}"
        )
    x, y = _to_unit_size(x, y, xp)
    points_x, points_y = as_numpy(x), as_numpy(y)

    tree_x, tree_y = tree_of(points_x), tree_of(points_y)
    # Row by row in the tree's order: centres that are neighbours find theirs in the cache.
    order = tree_x.indices
    centres = points_x[order]
    near_x, rho = neighbours(tree_x, centres, k + 1, workers, itself=True)
    near_y, nu = neighbours(tree_y, centres, k + 1, workers)
    nearest = min(rho[:, 0].min(), nu[:, 0].min())
    if nearest == 0 or not _apart(points_y):  # x that coincide find each other
        _refuse_coincidences(points_x, points_y)
    if nearest < _COINCIDE:
        raise ValueError("points are nearer to each other than double precision can tell")
    offset = math.log(m / (n - 1))
    error = jackknife_error(*_changes(order, near_x, rho, near_y, nu, d, m))
    at_x, at_y = near_x[:, k - 1], near_y[:, k - 1]
    if variant == "adaptive":
        from scipy.special import digamma

        radii = np.maximum(rho[:, k - 1], nu[:, k - 1])
        at_x, counts_x = balls(tree_x, centres, radii, at_x, k, workers, itself=True)
        at_y, counts_y = balls(tree_y, centres, radii, at_y, k, workers)
        offset += float(np.mean(digamma(counts_x) - digamma(counts_y)))
    if variant == "fixed" and isinstance(x, np.ndarray):  # the distances that were found will do
        log_distances = np.log(nu[:, k - 1] / rho[:, k - 1]).astype(x.dtype)
    else:  # those to other points, or with a gradient
        log_distances = _log_distance(x, order, y, at_y, xp) - _log_distance(x, order, x, at_x, xp)
    value = (d * xp.mean(log_distances) + offset) * scale
    return Estimate(value, error * scale, f"{k} nearest neighbours, {variant}", (n, m), base)


def _points(name: str, points: Any, xp: Any) -> Any:
    """An array (n, d), d at least 1, of finite numbers in at least single precision."""
    if points.ndim == 1:
        points = points[:, None]
    if points.ndim != 2 or points.shape[1] == 0:
        raise ValueError(
            f"{name} must have shape (n, d), or (n,) for d = 1; got {tuple(points.shape)}"
        )
    if not xp.all(xp.isfinite(points)):
        raise ValueError(f"{name} must be finite; found NaN or an infinity")
    return points


def _to_unit_size(x: Any, y: Any, xp: Any) -> tuple[Any, Any]:
    """Both, scaled by a power of 2 to coordinates of at most 1: no square can overflow."""
    largest = max(
        float(stop_gradient(xp.max(xp.abs(points)))) for points in (x, y) if points.shape[0]
    )
    exponent = math.frexp(largest)[1]
    half = exponent // 2  # 2^−1074 and 2^1074 are not both numbers
    x, y = (points * 2.0**-half * 2.0 ** (half - exponent) for points in (x, y))
    return x, y


def _apart(points: Any) -> bool:
    """Whether one coordinate is enough to see that no two points coincide."""
    return bool(np.all(np.diff(np.sort(points[:, 0])) > 0))


def _refuse_coincidences(x: Any, y: Any) -> None:
    """Points at the same place: log 0, or an estimate that is wrong without showing it."""
    both = np.concatenate([x, y])
    order = np.lexsort(both.T)
    same = np.all(both[order[1:]] == both[order[:-1]], axis=1)
    if not same.any():
        return
    first, second = order[:-1][same] < len(x), order[1:][same] < len(x)
    counts = {
        "within x": np.sum(first & second),
        "within y": np.sum(~first & ~second),
        "between x and y": np.sum(first != second),
    }
    found = ", ".join(f"{count} {where}" for where, count in counts.items() if count)
    raise ValueError(
        f"points coincide ({found}), which draws from densities do not: drop what the samples "
        "share, add noise of the size of the rounding, or use kl_plug_in for discrete values"
    )


def _log_distance(x: Any, of: Any, points: Any, at: Any, xp: Any) -> Any:
    """log |x[of] − points[at]| row by row, without underflow, with a gradient."""
    of, at = xp.asarray(of), xp.asarray(at)
    if hasattr(x, "device") and x.device != at.device:
        of, at = xp.asarray(of, device=x.device), xp.asarray(at, device=x.device)
    difference = xp.take(x, of, axis=0) - xp.take(points, at, axis=0)
    largest = xp.max(xp.abs(difference), axis=1, keepdims=True)
    return xp.log(largest[:, 0]) + xp.log(xp.sum((difference / largest) ** 2, axis=1)) / 2


def _changes(
    order: Any, near_x: Any, rho: Any, near_y: Any, nu: Any, d: int, m: int
) -> tuple[Any, Any]:
    """How "fixed" changes, in nats, as each x, in this order, and each y is left out."""
    n, k = near_x.shape[0], near_x.shape[1] - 1
    terms = d * np.log(nu[:, k - 1] / rho[:, k - 1])
    # Whose k nearest neighbours include the point, they reach for the next one.
    gain_x = d * np.log(rho[:, k] / rho[:, k - 1])
    gain_y = d * np.log(nu[:, k] / nu[:, k - 1])
    lost_x = np.sum([np.bincount(nth, gain_x, n) for nth in near_x[:, :k].T], axis=0)[order]
    lost_y = np.sum([np.bincount(nth, gain_y, m) for nth in near_y[:, :k].T], axis=0)
    change_x = (terms.mean() - terms - lost_x) / (n - 1)
    return change_x, lost_y / n
