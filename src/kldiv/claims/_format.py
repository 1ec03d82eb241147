"""Measured numbers as the reader sees them.

A number is shown as precisely as it is known: its last digit is worth more than the tolerance
within which machines agree, or the second digit of its confidence interval.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from html import escape

from kldiv.claims._registry import Measured

DIGITS = 4  # significant digits, at most


def shown(number: Measured) -> str:
    """A measured value with its interval and its unit, as text."""
    unit = f" {number.unit}" if number.unit else ""
    if math.isinf(number.value):
        return "infinite" if number.value > 0 else "minus infinity"
    if number.half_width is None:
        if number.value == 0:
            return f"0{unit}"
        if number.tolerance and abs(number.value) <= number.tolerance:
            return f"0{unit}, to within {_scientific(number.tolerance)}"
        if isinstance(number.value, int):
            return f"{_minus(f'{number.value:,}')}{unit}"
        last = _last_known(_exponent(number.value) - DIGITS + 1, number.tolerance)
        return f"{_rounded(number.value, last)}{unit}"
    last = _last_known(_exponent(number.half_width) - 1, number.tolerance)
    value, width = _rounded(number.value, last), _rounded(number.half_width, last)
    return f"{value} ± {width}{unit} ({number.runs} {number.counted})"


def reported(number: Measured) -> str:
    """What the report has, as text: the author's digits, all of them."""
    if number.report is None or isinstance(number.report, str):
        return number.report or ""
    return _minus(f"{number.report:,.12g}") + (f" {number.unit}" if number.unit else "")


def as_list(numbers: Iterable[Measured]) -> str:
    """An HTML list of measured numbers, each beside the report's where it gives one."""
    items = "".join(f"<li>{_item(number)}</li>" for number in numbers)
    return f'<ul class="measured">{items}</ul>' if items else ""


def as_lines(numbers: Iterable[Measured]) -> list[str]:
    """The same as lines of text."""
    return [
        f"{number.what}: {shown(number)}"
        + (f" (the report: {reported(number)})" if number.report is not None else "")
        for number in numbers
    ]


def _item(number: Measured) -> str:
    text = f"{escape(number.what)}: <strong>{escape(shown(number))}</strong>"
    if number.report is not None:
        text += f" (the report: {escape(reported(number))})"
    return text


def _last_known(place: int, tolerance: float) -> int:
    """`place`, or that of the last digit that a tolerance leaves: half its unit is the tolerance.

    The higher of the two.
    """
    return max(place, math.ceil(math.log10(2 * tolerance))) if tolerance else place


def _rounded(value: float, last: int) -> str:
    """`value` to the digit worth 10^last."""
    if last < -6:
        digits = max(0, _exponent(value) - last)
        return _scientific(value, digits)
    if last > 0:
        value = round(value, -last)
    return _minus(f"{value:,.{max(0, -last)}f}")


def _scientific(value: float, digits: int | None = None) -> str:
    mantissa, exponent = (f"{value:e}" if digits is None else f"{value:.{digits}e}").split("e")
    if digits is None:
        mantissa = mantissa.rstrip("0").rstrip(".")
    power = f"10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    return _minus(power if mantissa == "1" else f"{mantissa}·{power}")


_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _exponent(value: float) -> int:
    return math.floor(math.log10(abs(value))) if value else 0


def _minus(text: str) -> str:
    return text.replace("-", "−")
