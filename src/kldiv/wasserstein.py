r"""Wasserstein-2 distance between normal distributions, in closed form, to set beside KL.

A distance, in the unit of x: symmetric, finite where the supports are disjoint, and a measure of
how far probability has to be moved, where KL measures how improbable one makes the other. It
grows with the unit of measurement; KL has none.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kldiv._namespace import Symbolic, stop_gradient, to_arrays
from kldiv._numerics import without_warnings
from kldiv.gaussian import (
    _broadcast_shape,
    _check_broadcast,
    _check_covariance_shapes,
    _check_finite,
    _first,
    _scalar,
)


@without_warnings
def wasserstein2_normal(mean_p: Any, std_p: Any, mean_q: Any, std_q: Any) -> Any:
    r"""Wasserstein-2 distance of two univariate normal distributions.

        W₂ = √((μ_p − μ_q)² + (σ_p − σ_q)²)

    The distance, not its square. That of diagonal normals is the root of the sum of squares over
    their components.

    Parameters
    ----------
    mean_p, mean_q : array_like or SymPy expression
        Means. All four arguments broadcast against each other.
    std_p, std_q : array_like or SymPy expression
        Standard deviations (not variances), not negative; 0 is a point mass.

    Returns
    -------
    array, scalar or SymPy expression, of the broadcast shape
        Distance in the unit of the means. Where it is 0 it has no gradient, and 0 is returned.

    Raises
    ------
    ValueError
        A parameter that is not finite, a negative standard deviation, or shapes that do not
        broadcast.
    TypeError
        Arguments that are not real numbers, or arrays of two libraries.

    References
    ----------
    C. R. Givens and R. M. Shortt, "A class of Wasserstein metrics for probability distributions",
    Mich. Math. J. 31 (1984), doi:10.1307/mmj/1029003026.

    Examples
    --------
    >>> from kldiv.wasserstein import wasserstein2_normal
    >>> float(wasserstein2_normal(3.0, 1.0, 0.0, 5.0))
    5.0
    """
    values = {"mean_p": mean_p, "std_p": std_p, "mean_q": mean_q, "std_q": std_q}
    xp, arrays = to_arrays(**values)
    if isinstance(xp, Symbolic):
        _check_symbols(dict(zip(values, arrays, strict=True)))
        mean_p, std_p, mean_q, std_q = arrays
        return _scalar(xp.sqrt((mean_p - mean_q) ** 2 + (std_p - std_q) ** 2))
    _broadcast_shape(**dict(zip(values, arrays, strict=True)))
    for name, array in zip(values, arrays, strict=True):
        _check_finite(name, array, xp)
        if name.startswith("std") and not xp.all(array >= 0):
            raise ValueError(f"{name} must not be negative; found {_first(array, array < 0, xp)}")
    mean_p, std_p, mean_q, std_q = arrays
    return _scalar(_hypotenuse(mean_p - mean_q, std_p - std_q, xp))


@without_warnings
def wasserstein2_multivariate_normal(mean_p: Any, cov_p: Any, mean_q: Any, cov_q: Any) -> Any:
    r"""Wasserstein-2 distance of two multivariate normal distributions.

        W₂² = ‖μ_p − μ_q‖² + tr(Σ_p + Σ_q − 2 (Σ_p^{1/2} Σ_q Σ_p^{1/2})^{1/2})

    The distance, not its square; its second term is the Bures distance of the covariances.

    Parameters
    ----------
    mean_p, mean_q : array_like, shapes that broadcast to (..., k)
        Means.
    cov_p, cov_q : array_like, shapes that broadcast to (..., k, k)
        Covariances, symmetric and positive semi-definite (they may be singular).

    Returns
    -------
    array or scalar, shape (...)
        Distance in the unit of the means. Gradients are those of the distance where it is
        positive and both covariances are positive definite; 0 where it is 0.

    Raises
    ------
    ValueError
        Entries that are not finite, shapes that do not fit each other, a covariance that is not
        symmetric or has a negative eigenvalue (beyond the square root of the type's precision).
    TypeError
        Arguments that are not real numbers, or arrays of two libraries.

    Notes
    -----
    Near Σ_p = Σ_q the trace is a small difference of large terms. With Σ = F Fᵀ for each, it is
    also the minimum of ‖F_p − F_q U‖² over orthogonal U, reached at U = W Vᵀ where W S Vᵀ is the
    singular value decomposition of F_qᵀ F_p: a sum of squares, which keeps its digits.

    References
    ----------
    C. R. Givens and R. M. Shortt, "A class of Wasserstein metrics for probability distributions",
    Mich. Math. J. 31 (1984), doi:10.1307/mmj/1029003026. R. Bhatia, T. Jain and Y. Lim, "On the
    Bures–Wasserstein distance between positive definite matrices", Expo. Math. 37 (2019),
    doi:10.1016/j.exmath.2018.01.002.

    Examples
    --------
    >>> from kldiv.wasserstein import wasserstein2_multivariate_normal
    >>> float(wasserstein2_multivariate_normal([3.0, 0.0], [[1.0, 0.0], [0.0, 1.0]],
    ...                                        [0.0, 0.0], [[25.0, 0.0], [0.0, 1.0]]))
    5.0
    """
    xp, (mean_p, cov_p, mean_q, cov_q) = to_arrays(
        mean_p=mean_p, cov_p=cov_p, mean_q=mean_q, cov_q=cov_q
    )
    if isinstance(xp, Symbolic):
        raise TypeError("wasserstein2_multivariate_normal takes numbers, not symbols")
    _check_covariance_shapes(mean_p=mean_p, cov_p=cov_p, mean_q=mean_q, cov_q=cov_q)
    for name, array in (("mean_p", mean_p), ("cov_p", cov_p), ("mean_q", mean_q), ("cov_q", cov_q)):
        _check_finite(name, array, xp)
    if xp.finfo(cov_p.dtype).bits < 32:
        raise TypeError(f"covariances must have at least single precision; got {cov_p.dtype}")
    # In units in which no entry is above 1, nothing overflows.
    unit = xp.maximum(_largest(cov_p, xp), _largest(cov_q, xp))
    unit = xp.where(unit > 0, unit, 1.0)
    factor_p, factor_q = _factor("cov_p", cov_p, unit, xp), _factor("cov_q", cov_q, unit, xp)
    product = xp.matmul(xp.matrix_transpose(factor_q), factor_p)
    w, _, v_transposed = xp.linalg.svd(stop_gradient(product), full_matrices=False)
    # At the minimum over U, the gradient is that of a constant U.
    rest = factor_p - xp.matmul(factor_q, xp.matmul(w, v_transposed))
    bures = _norm(xp.reshape(rest, (*rest.shape[:-2], -1)), xp) * xp.sqrt(unit[..., 0, 0])
    return _scalar(_hypotenuse(_norm(mean_p - mean_q, xp), bures, xp))


def _factor(name: str, cov: Any, unit: Any, xp: Any) -> Any:
    """F with F Fᵀ = cov/unit: Cholesky's, or where that does not exist, from eigenvectors."""
    tolerance = math.sqrt(float(xp.finfo(cov.dtype).eps))
    asymmetry = xp.abs(cov / 2 - xp.matrix_transpose(cov) / 2)
    own = _largest(cov, xp)
    if not xp.all(asymmetry <= tolerance * own / 2):
        raise ValueError(
            f"{name} must be symmetric; entries differ from their mirror images "
            f"by up to {2 * float(stop_gradient(xp.max(asymmetry))):.3g}"
        )
    cov = cov / unit
    cov = (cov + xp.matrix_transpose(cov)) / 2
    try:
        return xp.linalg.cholesky(cov)
    except Exception:  # NumPy: LinAlgError (a ValueError); PyTorch: a RuntimeError
        eigenvalues, vectors = xp.linalg.eigh(cov)
    if not xp.all(eigenvalues >= -tolerance * (own / unit)[..., 0]):
        smallest = float(stop_gradient(xp.min(eigenvalues * unit[..., 0])))
        raise ValueError(
            f"{name} must be positive semi-definite; its smallest eigenvalue is {smallest:.3g}"
        )
    root = xp.sqrt(xp.where(eigenvalues > 0, eigenvalues, 0.0))
    return vectors * root[..., None, :]


def _largest(cov: Any, xp: Any) -> Any:
    return stop_gradient(xp.max(xp.abs(cov), axis=(-2, -1), keepdims=True))


def _norm(vectors: Any, xp: Any) -> Any:
    """Euclidean norms along the last axis, without overflow; where 0, with gradient 0."""
    largest = stop_gradient(xp.max(xp.abs(vectors), axis=-1, keepdims=True))
    usable = (largest > 0) & (largest < math.inf)
    scale = xp.where(usable, largest, 1.0)
    squares = xp.sum((vectors / scale) ** 2, axis=-1)
    positive = squares > 0
    root = xp.where(positive, xp.sqrt(xp.where(positive, squares, 1.0)), 0.0)
    return root * scale[..., 0]


def _hypotenuse(a: Any, b: Any, xp: Any) -> Any:
    """√(a² + b²), elementwise, as `_norm`."""
    a, b = xp.broadcast_arrays(a, b)
    return _norm(xp.stack([a, b], axis=-1), xp)


def _check_symbols(values: dict[str, Any]) -> None:
    """What can be said of symbols: known signs, and shapes."""
    _check_broadcast({name: np.shape(value) for name, value in values.items()})
    for name, value in values.items():
        for entry in np.ravel(np.asarray(value, dtype=object)):
            if entry.is_extended_real is False:
                raise ValueError(f"{name} must be real; got {entry}")
            if name.startswith("std") and entry.is_extended_negative:
                raise ValueError(f"{name} must not be negative; got {entry}")
