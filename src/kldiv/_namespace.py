"""Which library computes: NumPy, PyTorch (or another Array API library), or SymPy.

The formulas of this package are written once, over a namespace `xp` that offers `log`, `exp`,
`where`, `sum` … as the Array API standard [1]_ names them. Arrays bring their own namespace, by
way of `array-api-compat`; symbols bring `Symbolic`, which is NumPy's object arrays with SymPy's
functions.

.. [1] Consortium for Python Data API Standards, "Python array API standard", v2023.12.
"""

from __future__ import annotations

import sys
from functools import cache
from numbers import Real
from typing import Any

import array_api_compat
import numpy as np

from kldiv._labels import check_labels


class Symbolic:
    """SymPy behind the names of the Array API; arrays of symbols are NumPy object arrays."""

    def __init__(self) -> None:
        import sympy

        self.log = np.frompyfunc(sympy.log, 1, 1)
        self.exp = np.frompyfunc(sympy.exp, 1, 1)
        self.sqrt = np.frompyfunc(sympy.sqrt, 1, 1)
        self.rational = sympy.nsimplify
        self.infinity = sympy.oo
        self.where = np.where
        self.sum = np.sum

    def asarray(self, name: str, value: Any) -> Any:
        """Scalars become SymPy expressions; sequences and matrices, object arrays of them."""
        import sympy

        if isinstance(value, sympy.MatrixBase):
            return np.array(value.tolist(), dtype=object).squeeze()
        if isinstance(value, (list, tuple, np.ndarray)):
            try:
                array = np.array(value, dtype=object)
            except ValueError as error:
                raise ValueError(f"{name} is not a rectangular array: {_short(value)}") from error
            entries = [self.scalar(name, entry) for entry in array.flat]
            return np.array([*entries, None], dtype=object)[:-1].reshape(array.shape)
        return self.scalar(name, value)

    def scalar(self, name: str, value: Any) -> Any:
        """One number or expression as a SymPy expression."""
        import sympy

        if isinstance(value, (list, tuple)):
            raise ValueError(f"{name} is not a rectangular array: it holds {_short(value)}")
        if not isinstance(value, (sympy.Expr, Real)):  # a string would be evaluated as code
            raise TypeError(f"{name} must hold numbers or SymPy expressions; got {_short(value)}")
        expression = sympy.sympify(value)
        if expression is sympy.nan or expression.is_finite is False:
            raise ValueError(f"{name} must be finite; found {expression}")
        return expression


#: Namespaces by class and floating-point type, of arrays that need no conversion: a lookup
#: instead of the many questions of `to_arrays`, which small arrays would feel.
_NAMESPACES: dict[tuple[type, Any], Any] = {}


@cache
def _symbolic() -> Symbolic:
    return Symbolic()


def is_symbolic(value: Any) -> bool:
    """Whether `value` is a SymPy expression or holds one. Does not import SymPy."""
    sympy = sys.modules.get("sympy")
    if sympy is None or isinstance(value, (int, float, str, bytes)):
        return False
    if isinstance(value, (sympy.Basic, sympy.MatrixBase)):
        return True
    if isinstance(value, np.ndarray) and value.dtype != object:
        return False
    if isinstance(value, (list, tuple, np.ndarray)):
        return any(is_symbolic(entry) for entry in value)
    return False


def namespace_of(value: Any) -> Any:
    """The namespace of one array or symbol, for functions that are handed a converted value."""
    xp = _NAMESPACES.get((type(value), getattr(value, "dtype", None)))
    if xp is not None:
        return xp
    return _symbolic() if is_symbolic(value) else array_api_compat.array_namespace(value)


def to_arrays(**values: Any) -> tuple[Any, list[Any]]:
    """The common namespace of `values`, and the values as its arrays of one floating-point type.

    Lists and numbers join the arrays they come with. Integers become floating-point numbers.
    Raises TypeError for what is not a real number, or for arrays of two libraries at once, and
    ValueError for what is labelled differently.
    """
    given = list(values.values())
    kind, dtype = type(given[0]), getattr(given[0], "dtype", None)
    xp = _NAMESPACES.get((kind, dtype))
    if xp is not None and all(type(v) is kind and v.dtype == dtype for v in given[1:]):
        return xp, given

    check_labels(**values)
    array_likes = [v for v in values.values() if array_api_compat.is_array_api_obj(v)]
    if not all(isinstance(array, (np.ndarray, np.generic)) for array in array_likes):
        # Beside another library's arrays, NumPy's scalars are plain numbers.
        values = {n: v.item() if isinstance(v, np.generic) else v for n, v in values.items()}
        array_likes = [array for array in array_likes if not isinstance(array, np.generic)]
    kinds = ", ".join(f"{name}: {type(value).__name__}" for name, value in values.items())
    if any(is_symbolic(value) for value in values.values()):
        if not all(isinstance(array, (np.ndarray, np.generic)) for array in array_likes):
            raise TypeError(f"symbols go with numbers and NumPy arrays; got {kinds}")
        xp = _symbolic()
        return xp, [xp.asarray(name, value) for name, value in values.items()]

    try:
        xp = array_api_compat.array_namespace(*(array_likes or [np.empty(0)]))
    except TypeError:
        raise TypeError(f"the arrays must come from one library; got {kinds}") from None

    arrays = [_to_array(name, value, xp, array_likes) for name, value in values.items()]
    dtype = xp.result_type(*arrays) if len(arrays) > 1 else arrays[0].dtype
    arrays = [a if a.dtype == dtype else xp.astype(a, dtype) for a in arrays]
    if arrays[0] is given[0]:
        _NAMESPACES[kind, dtype] = xp
    return xp, arrays


def _to_array(name: str, value: Any, xp: Any, array_likes: list[Any]) -> Any:
    """`value` as a floating-point array of `xp`, on the device of the arrays it came with."""
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise ValueError(f"{name} is a masked array; drop or fill its masked entries first")
    if not array_api_compat.is_array_api_obj(value):
        if isinstance(value, (list, tuple)) and any(
            array_api_compat.is_array_api_obj(v) and not isinstance(v, (np.ndarray, np.generic))
            for v in value
        ):
            raise TypeError(
                f"{name} is a list of arrays; stack them into one array first: {_short(value)}"
            )
        try:
            value = np.asarray(value)
        except ValueError as error:
            raise ValueError(f"{name} is not a rectangular array: {_short(value)}") from error
        if value.dtype == object and all(isinstance(entry, Real) for entry in value.flat):
            try:
                value = value.astype(float)  # fractions, and integers beyond 64 bits
            except OverflowError as error:
                raise ValueError(f"{name} must hold finite numbers; got {_short(value)}") from error
        if value.dtype.kind not in "fiub":
            raise TypeError(f"{name} must hold real numbers; got {_short(value.tolist())}")
        if array_likes:
            device = array_api_compat.device(array_likes[0])
            # A plain number or list takes the precision of the array it comes with.
            value = xp.asarray(
                value.tolist(), dtype=_floating_dtype(array_likes, xp), device=device
            )
    if xp.isdtype(value.dtype, ("integral", "bool")):
        return xp.astype(value, _floating_dtype(array_likes, xp))
    if not xp.isdtype(value.dtype, "real floating"):
        raise TypeError(f"{name} must hold real numbers; got an array of {value.dtype}")
    # np.matrix and other subclasses of NumPy's array change what operators mean.
    return np.asarray(value) if isinstance(value, np.ndarray) else value


def _floating_dtype(array_likes: list[Any], xp: Any) -> Any:
    """The widest floating-point type among the arrays; double precision where there is none."""
    floating = [a.dtype for a in array_likes if xp.isdtype(a.dtype, "real floating")]
    return xp.result_type(*floating) if floating else xp.float64


def stop_gradient(value: Any) -> Any:
    """`value` as a constant, for the libraries that differentiate."""
    return value.detach() if hasattr(value, "detach") else value


def _short(value: Any, length: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= length else text[: length - 1] + "…"
