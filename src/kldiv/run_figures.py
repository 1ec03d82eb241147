"""Pictures of the replication: every seed a faint dot, the mean and its 95 % interval on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from kldiv.figures import GREY
from kldiv.replication import Results
from kldiv.replication.summary import summarise


def seed_dots(
    runs: Results,
    variants: Mapping[str, str],
    measure: str,
    *,
    ax: Axes,
    colors: Sequence[str] | None = None,
    scale: float = 1.0,
    digits: int = 1,
    lines: Mapping[str, float] | None = None,
) -> None:
    """A row a variant: its runs as faint dots, mean and interval as a bar, and the mean in figures.

    Parameters
    ----------
    runs : Results
        The stored rows.
    variants : mapping of str to str
        Names of variants, and the labels they are shown with, from top to bottom.
    measure : str
        What is shown, times `scale`.
    ax : Axes
        Where to draw.
    colors : sequence of str, optional
        One a variant.
    digits : int
        Decimals of the mean that is written beside each row.
    lines : mapping of str to float, optional
        Dotted vertical lines and their labels, in the scaled unit.
    """
    colors = colors or [GREY] * len(variants)
    for y, (variant, color) in enumerate(zip(variants, colors, strict=True)):
        values = scale * runs.values(variant, measure)
        summary = summarise(values)
        ax.plot(values, np.full(len(values), y), "o", color=color, alpha=0.3, markersize=5)
        ax.plot([summary.low, summary.high], [y, y], color=color, linewidth=2.5)
        ax.plot(summary.mean, y, "|", color=color, markersize=14, markeredgewidth=2.5)
        ax.annotate(
            f"{summary.mean:.{digits}f}",
            (max(values.max(), summary.high), y),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    ax.set_yticks(range(len(variants)), variants.values())
    ax.set_ylim(len(variants) - 0.5, -0.5 - 0.6 * bool(lines))
    for label, value in (lines or {}).items():
        ax.axvline(value, color="black", linestyle=":", linewidth=1)
        ax.text(value, -0.75, f" {label}", fontsize=8, va="center", ha="left")


def seed_curves(
    curves: Any, *, ax: Axes, color: str, style: str = "-", label: str | None = None
) -> None:
    """Histories (seeds, epochs): every run a faint line, their mean a strong one."""
    curves = np.asarray(curves)
    epochs = np.arange(1, curves.shape[1] + 1)
    ax.plot(epochs, curves.T, style, color=color, alpha=0.2, linewidth=0.8)
    ax.plot(epochs, curves.mean(axis=0), style, color=color, label=label)
