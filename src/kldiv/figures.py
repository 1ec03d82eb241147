"""The look of the book's figures, and the few pictures that more than one chapter draws."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure, SubFigure

#: One colour for each role in the whole book, safe for colour-blind readers.
P = "#0072B2"  # p, the true distribution: blue, drawn solid
Q = "#D55E00"  # q, the model: vermilion, drawn dashed
MIXTURE = "#009E73"  # mixtures and means: bluish green
KL = "#CC79A7"  # where KL is gained or lost: purple
GREY = "#6b7280"

#: Ten colours for the ten classes of Fashion-MNIST.
CLASS_COLORS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#7F3C8D",
    "#444444",
    "#8C6D31",
    "#E7298A",
)


def use_style() -> None:
    """Draw figures in the book's style from here on; sharp on screens with many pixels."""
    plt.style.use(str(files("kldiv") / "kldiv.mplstyle"))
    try:
        from IPython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    if get_ipython() is not None:
        set_matplotlib_formats("retina")


def image_grid(images: Any, columns: int, *, ax: Axes, side: int = 28) -> None:
    """Draw (n, side·side) images with values in [0, 1] as a grid of `columns` columns on `ax`."""
    tiles = np.asarray(images, dtype=float).reshape(-1, side, side)
    rows = -(-len(tiles) // columns)
    padded = np.ones((rows * columns, side + 1, side + 1))  # a white line between the tiles
    padded[: len(tiles), :side, :side] = tiles
    sheet = padded.reshape(rows, columns, side + 1, side + 1).swapaxes(1, 2)
    ax.imshow(sheet.reshape(rows * (side + 1), -1)[:-1, :-1], vmin=0, vmax=1)
    ax.set_axis_off()


def latent_scatter(
    z: Any, labels: Any, classes: Sequence[str], *, ax: Axes, size: float = 1.0
) -> None:
    """Draw points z (n, 2) of the latent plane, coloured by class, the classes named at medians."""
    z, labels = np.asarray(z), np.asarray(labels)
    order = np.random.default_rng(0).permutation(len(z))  # no class is painted over the others
    colors = np.array(CLASS_COLORS)[labels[order]]
    x, y = z[order].T
    ax.scatter(x, y, s=size, c=colors, alpha=0.35, linewidths=0, rasterized=True)
    medians = np.array([np.median(z[labels == i], axis=0) for i in range(len(classes))])
    line = np.ptp(z[:, 1]) / 22  # about the height of a label, in latent units
    places = spread_labels(medians, apart=(5 * line, line))
    for name, (x, y), color in zip(classes, places, CLASS_COLORS[: len(classes)], strict=True):
        box = {"boxstyle": "round,pad=0.15", "fc": "white", "ec": color, "alpha": 0.85}
        ax.text(x, y, name, fontsize=8, ha="center", va="center", color="black", bbox=box)
    ax.set(xlabel="latent coordinate 1", ylabel="latent coordinate 2")
    ax.set_aspect("equal", adjustable="datalim")


def spread_labels(places: Any, *, apart: tuple[float, float]) -> Any:
    """Places (n, 2) moved up, lowest first, until none is within `apart` (x, y) of another."""
    places = np.array(places, dtype=float)
    done: list[int] = []
    for index in np.argsort(places[:, 1]):
        # Those already placed, lowest first: whoever is moved up past one may meet the next.
        for other in sorted(done, key=lambda i: places[i, 1]):
            dx, dy = abs(places[index] - places[other])
            if dx < apart[0] and dy < apart[1]:
                places[index, 1] = places[other, 1] + apart[1]
        done.append(index)
    return places


def posterior_ellipses(mean: Any, std: Any, labels: Any, *, ax: Axes) -> None:
    """Draw posteriors q(z|x) as ellipses: centre the mean, half-axes one standard deviation."""
    mean, std = np.asarray(mean), np.asarray(std)
    colors = np.array(CLASS_COLORS)[np.asarray(labels)]
    ax.add_collection(
        EllipseCollection(
            2 * std[:, 0],
            2 * std[:, 1],
            np.zeros(len(mean)),
            units="xy",
            offsets=mean,
            offset_transform=ax.transData,
            facecolors=to_rgba_array(colors, 0.1),  # outlines, that neighbours stay apart
            edgecolors=to_rgba_array(colors, 0.8),
            linewidths=0.7,
        )
    )
    x, y = mean.T
    ax.scatter(x, y, s=2, c=colors, linewidths=0)
    ax.set(xlabel="latent coordinate 1", ylabel="latent coordinate 2")
    ax.set_aspect("equal")


def shade_kl(ax: Axes, x: Any, p: Any, q: Any) -> Figure | SubFigure | None:
    """Shade the integrand p log(p/q) of KL(p‖q): up where it adds, hatched where it subtracts."""
    integrand = p * np.log(p / q)
    ax.fill_between(x, integrand, where=integrand >= 0, color=KL, alpha=0.45, linewidth=0)
    ax.fill_between(
        x,
        integrand,
        where=integrand <= 0,
        facecolor="none",
        edgecolor=KL,
        hatch="////",
        linewidth=0,
    )
    ax.axhline(0, color=GREY, linewidth=0.8)
    return ax.figure
