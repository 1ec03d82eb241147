r"""KL divergence between normal (Gaussian) distributions, in closed form, in nats.

`kl_normal` is the formula that the book is about. It is written once: SymPy symbols prove it
(`kldiv.derivation`), NumPy arrays evaluate it, PyTorch tensors train with it. All three forms are
built on `exp_remainder(x)` = e^x − 1 − x, which is never negative and keeps its digits where the
two distributions nearly agree.

Standard deviations are called std, variances var, their logarithms log_var: the report this book
follows calls (μ, σ) "means and variances", and that slip changes results.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kldiv._namespace import Symbolic, stop_gradient, to_arrays
from kldiv._numerics import exp_remainder, log_ratio, without_warnings


@without_warnings
def kl_normal(mean_p: Any, std_p: Any, mean_q: Any, std_q: Any) -> Any:
    r"""KL(p‖q) of two univariate normal distributions.

    With d = log(σ_p/σ_q):

        KL = ½ (e^{2d} − 1 − 2d) + ½ ((μ_p − μ_q)/σ_q)²
           = log(σ_q/σ_p) + (σ_p² + (μ_p − μ_q)²)/(2σ_q²) − ½.

    Parameters
    ----------
    mean_p, mean_q : array_like or SymPy expression
        Means. All four arguments broadcast against each other.
    std_p, std_q : array_like or SymPy expression
        Standard deviations (not variances), positive.

    Returns
    -------
    array, scalar or SymPy expression, of the broadcast shape
        Divergence in nats, at least 0. Divide by log 2 for bits.

    Raises
    ------
    ValueError
        A mean that is not finite, a standard deviation that is not positive and finite, or shapes
        that do not broadcast.
    TypeError
        Arguments that are not real numbers, or arrays of two libraries.

    References
    ----------
    S. Kullback, *Information Theory and Statistics* (1959), chapter 9. Proved step by step in
    `kldiv.derivation`.

    Examples
    --------
    >>> from kldiv.gaussian import kl_normal
    >>> float(kl_normal(1.0, 1.0, 0.0, 1.0))
    0.5
    >>> import sympy
    >>> mu = sympy.Symbol("mu", real=True)
    >>> kl_normal(mu, 1, 0, 1)
    mu**2/2
    """
    _xp, (mean_p, std_p, mean_q, std_q) = _normal_parameters(
        mean_p=mean_p, std_p=std_p, mean_q=mean_q, std_q=std_q
    )
    d = log_ratio(std_p, std_q)
    z = (mean_p - mean_q) / std_q
    return _scalar(exp_remainder(2 * d) / 2 + z**2 / 2)


@without_warnings
def kl_diagonal_normal(mean_p: Any, std_p: Any, mean_q: Any, std_q: Any) -> Any:
    r"""KL(p‖q) of two normal distributions whose components are independent.

        KL = Σ_i KL(N(μ_{p,i}, σ_{p,i}²) ‖ N(μ_{q,i}, σ_{q,i}²)),

    summed over the last axis: `kl_multivariate_normal` of diagonal covariances, without matrices.

    Parameters
    ----------
    mean_p, mean_q : array_like or SymPy expressions, shapes that broadcast to (..., k)
        Means.
    std_p, std_q : array_like or SymPy expressions, shapes that broadcast to (..., k)
        Standard deviations (not variances), positive. A single number is that of every component.

    Returns
    -------
    array, scalar or SymPy expression, shape (...)
        Divergence in nats, at least 0.

    Raises
    ------
    ValueError
        A mean that is not finite, a standard deviation that is not positive and finite, shapes
        that do not broadcast, no last axis to sum over, or an empty one.
    TypeError
        Arguments that are not real numbers, or arrays of two libraries.

    Examples
    --------
    >>> from kldiv.gaussian import kl_diagonal_normal
    >>> float(kl_diagonal_normal([1.0, 2.0], [1.0, 1.0], [0.0, 0.0], [1.0, 1.0]))
    2.5
    """
    xp, (mean_p, std_p, mean_q, std_q) = _normal_parameters(
        mean_p=mean_p, std_p=std_p, mean_q=mean_q, std_q=std_q
    )
    shapes = [
        np.shape(a) if isinstance(xp, Symbolic) else tuple(a.shape)
        for a in (mean_p, std_p, mean_q, std_q)
    ]
    shape = np.broadcast_shapes(*shapes)
    if not shape or shape[-1] == 0:
        raise ValueError(f"the parameters need a last axis to sum over; got shape {shape}")
    d = log_ratio(std_p, std_q)
    z = (mean_p - mean_q) / std_q
    return _scalar(xp.sum(exp_remainder(2 * d) + z**2, axis=-1) / 2)


@without_warnings
def kl_standard_normal(mean: Any, log_var: Any, *, validate: bool = True) -> Any:
    r"""KL(p‖q) of a diagonal normal p from the standard normal q = N(0, I).

        KL = ½ Σ_i (μ_i² + e^{log σ_i²} − 1 − log σ_i²),

    summed over the last axis: the regulariser of a variational autoencoder, whose encoder returns
    μ and log σ².

    Parameters
    ----------
    mean, log_var : array_like, shapes that broadcast to (..., latent)
        Means μ and logarithms of the variances log σ² (not standard deviations).
    validate : bool, default True
        Check that the input is finite. A training loop that watches its loss may skip this: on an
        accelerator each check waits for the device.

    Returns
    -------
    array or scalar, shape (...)
        Divergence in nats, at least 0. Infinite where e^{log σ²} overflows.

    Raises
    ------
    ValueError
        Entries that are NaN or infinite, shapes that do not broadcast, single numbers.
    TypeError
        Arguments that are not real numbers, or arrays of two libraries.

    References
    ----------
    D. P. Kingma and M. Welling, "Auto-encoding variational Bayes" (2014), appendix B,
    arXiv:1312.6114.

    Examples
    --------
    >>> from kldiv.gaussian import kl_standard_normal
    >>> float(kl_standard_normal([1.0, 2.0], [0.0, 0.0]))
    2.5
    """
    xp, (mean, log_var) = to_arrays(mean=mean, log_var=log_var)
    shape = _check_broadcast({"mean": np.shape(mean), "log_var": np.shape(log_var)})
    if not shape or shape[-1] == 0:
        raise ValueError(f"mean and log_var need a last axis to sum over; got shape {shape}")
    if isinstance(xp, Symbolic):
        return np.sum((mean**2 + exp_remainder(log_var)) / 2, axis=-1)
    if validate:
        _check_finite("mean", mean, xp)
        _check_finite("log_var", log_var, xp)
    return _scalar(xp.sum(mean**2 + exp_remainder(log_var), axis=-1) / 2)


@without_warnings
def kl_multivariate_normal(mean_p: Any, cov_p: Any, mean_q: Any, cov_q: Any) -> Any:
    r"""KL(p‖q) of two multivariate normal distributions.

        KL = ½ (tr(Σ_q⁻¹Σ_p) − k − log det(Σ_q⁻¹Σ_p) + (μ_p − μ_q)ᵀ Σ_q⁻¹ (μ_p − μ_q))

    Parameters
    ----------
    mean_p, mean_q : array_like, shapes that broadcast to (..., k)
        Means.
    cov_p, cov_q : array_like, shapes that broadcast to (..., k, k)
        Covariances, symmetric and positive definite.

    Returns
    -------
    array or scalar, shape (...)
        Divergence in nats, at least 0.

    Raises
    ------
    ValueError
        Entries that are not finite, shapes that do not fit each other, a covariance that is not
        symmetric (to the square root of the type's precision) or not positive definite.
    TypeError
        Arguments that are not real numbers, or arrays of two libraries.

    Notes
    -----
    With Σ_q = L Lᵀ, the eigenvalues e of L⁻¹(Σ_p − Σ_q)L⁻ᵀ are those of Σ_q⁻¹Σ_p less 1, and the
    first three terms are ½ Σ exp_remainder(log(1 + e)) − none negative, none cancelling.

    Examples
    --------
    >>> from kldiv.gaussian import kl_multivariate_normal
    >>> float(kl_multivariate_normal([1.0, 0.0], [[1.0, 0.0], [0.0, 1.0]],
    ...                              [0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]]))
    0.5
    """
    xp, (mean_p, cov_p, mean_q, cov_q) = to_arrays(
        mean_p=mean_p, cov_p=cov_p, mean_q=mean_q, cov_q=cov_q
    )
    if isinstance(xp, Symbolic):
        raise TypeError("kl_multivariate_normal takes numbers, not symbols")
    _check_covariance_shapes(mean_p=mean_p, cov_p=cov_p, mean_q=mean_q, cov_q=cov_q)
    cholesky_p = _cholesky("cov_p", cov_p, xp)
    cholesky_q = _cholesky("cov_q", cov_q, xp)
    for name, mean in (("mean_p", mean_p), ("mean_q", mean_q)):
        _check_finite(name, mean, xp)

    z = xp.linalg.solve(cholesky_q, (mean_p - mean_q)[..., None])[..., 0]
    half = xp.linalg.solve(cholesky_q, cov_p - cov_q)
    excess = xp.linalg.solve(cholesky_q, xp.matrix_transpose(half))
    # Finite covariances, infinite in units of each other: the divergence overflows.
    overflow = xp.any(~xp.isfinite(excess), axis=(-2, -1)) | xp.any(xp.isnan(z), axis=-1)
    excess = xp.where(overflow[..., None, None], 0.0, excess)
    e = xp.linalg.eigvalsh((excess + xp.matrix_transpose(excess)) / 2)
    # Eigenvalues keep the digits where Σ_p is near Σ_q; the Cholesky factors keep them where
    # some 1 + e is nearly 0.
    near = xp.max(xp.abs(e), axis=-1) < 0.5
    log_1p = xp.log1p(xp.where(near[..., None], e, 0.0))
    log_det = 2 * (_log_diagonal_sum(cholesky_p, xp) - _log_diagonal_sum(cholesky_q, xp))
    shape_term = xp.where(
        near, xp.sum(exp_remainder(log_1p), axis=-1), xp.sum(e, axis=-1) - log_det
    )
    value = (shape_term + xp.sum(z**2, axis=-1)) / 2
    return _scalar(xp.where(overflow, math.inf, value))


def _normal_parameters(**values: Any) -> tuple[Any, list[Any]]:
    """The namespace and the four parameters of two normals, checked."""
    xp, arrays = to_arrays(**values)
    if isinstance(xp, Symbolic):
        shapes = {name: np.shape(array) for name, array in zip(values, arrays, strict=True)}
        _check_broadcast(shapes)
        for name, expression in zip(values, arrays, strict=True):
            for entry in np.ravel(np.asarray(expression, dtype=object)):
                if entry.is_extended_real is False:
                    raise ValueError(f"{name} must be real; got {entry}")
                if name.startswith("std") and entry.is_extended_positive is False:
                    raise ValueError(f"{name} must be positive; got {entry}")
        return xp, arrays
    _broadcast_shape(**dict(zip(values, arrays, strict=True)))
    for name, array in zip(values, arrays, strict=True):
        _check_finite(name, array, xp)
        if name.startswith("std") and not xp.all(array > 0):
            raise ValueError(f"{name} must be positive; found {_first(array, ~(array > 0), xp)}")
    return xp, arrays


def _broadcast_shape(**arrays: Any) -> tuple[int, ...]:
    return _check_broadcast({name: tuple(array.shape) for name, array in arrays.items()})


def _check_broadcast(shapes: dict[str, tuple[int, ...]]) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        given = ", ".join(f"{name} has {shape}" for name, shape in shapes.items())
        raise ValueError(f"the shapes do not broadcast: {given}") from None


def _check_finite(name: str, array: Any, xp: Any) -> None:
    finite = xp.isfinite(array)
    if not xp.all(finite):
        raise ValueError(f"{name} must be finite; found {_first(array, ~finite, xp)}")


def _first(array: Any, wrong: Any, xp: Any) -> float:
    """The first entry that is wrong, for an error message."""
    at = int(xp.argmax(xp.astype(xp.reshape(wrong, (-1,)), xp.int8)))
    return float(stop_gradient(xp.reshape(array, (-1,))[at]))


def _check_covariance_shapes(mean_p: Any, cov_p: Any, mean_q: Any, cov_q: Any) -> None:
    shapes = {"mean_p": mean_p, "cov_p": cov_p, "mean_q": mean_q, "cov_q": cov_q}
    shapes = {name: tuple(array.shape) for name, array in shapes.items()}
    given = ", ".join(f"{name} has {shape}" for name, shape in shapes.items())
    sizes = set()
    for name, shape in shapes.items():
        needed = 2 if name.startswith("cov") else 1
        if len(shape) < needed or (needed == 2 and shape[-1] != shape[-2]):
            kind = "(..., k, k)" if needed == 2 else "(..., k)"
            raise ValueError(f"{name} must have shape {kind}: {given}")
        sizes.add(shape[-1])
    if len(sizes) != 1 or 0 in sizes:
        raise ValueError(f"the dimensions k differ or are 0: {given}")
    try:
        np.broadcast_shapes(*(s[:-2] if n.startswith("cov") else s[:-1] for n, s in shapes.items()))
    except ValueError:
        raise ValueError(f"the shapes do not broadcast: {given}") from None


def _cholesky(name: str, cov: Any, xp: Any) -> Any:
    """The lower Cholesky factor of `cov`, which must be symmetric positive definite."""
    _check_finite(name, cov, xp)
    asymmetry = xp.abs(cov - xp.matrix_transpose(cov))
    largest = xp.max(xp.abs(cov), axis=(-2, -1), keepdims=True)
    if not xp.all(asymmetry <= math.sqrt(float(xp.finfo(cov.dtype).eps)) * largest):
        raise ValueError(
            f"{name} must be symmetric; entries differ from their mirror images "
            f"by up to {float(stop_gradient(xp.max(asymmetry))):.3g}"
        )
    try:
        factor = xp.linalg.cholesky((cov + xp.matrix_transpose(cov)) / 2)
    except Exception as error:  # NumPy: LinAlgError (a ValueError); PyTorch: a RuntimeError
        smallest = float(xp.min(xp.linalg.eigvalsh(stop_gradient(cov))))
        raise ValueError(
            f"{name} must be positive definite; its smallest eigenvalue is {smallest:.3g}"
        ) from error
    return factor


def _log_diagonal_sum(triangular: Any, xp: Any) -> Any:
    return xp.sum(xp.log(xp.linalg.diagonal(triangular)), axis=-1)


def _scalar(value: Any) -> Any:
    """NumPy's 0-dimensional arrays as its scalars."""
    return value[()] if isinstance(value, np.ndarray) else value
