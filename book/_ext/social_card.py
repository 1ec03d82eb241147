"""The picture that a shared link shows: two curves, the book's title, and what it is."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from kldiv import figures

NAME = "social-card.png"
WIDTH, HEIGHT = 1200, 630  # pixels: what the sites that show such cards ask for


def draw() -> Figure:
    """Draw the card."""
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100)
    ax = figure.add_axes((0, 0, 1, 0.56))
    x = np.linspace(-5, 7, 600)
    p, q = np.exp(-(x**2) / 2), np.exp(-((x - 1.6) ** 2) / 4.5) / 1.5
    ax.fill_between(x, p, q, where=p > q, color=figures.KL, alpha=0.35, lw=0)
    ax.plot(x, p, color=figures.P, lw=5)
    ax.plot(x, q, color=figures.Q, lw=5, dashes=(4, 2))
    ax.set(xlim=(-5, 7), ylim=(0, 1.08))
    ax.set_axis_off()
    figure.text(0.06, 0.85, "An Executable Exposé", fontsize=44, weight="bold", color="#222832")
    figure.text(0.06, 0.745, "on Kullback–Leibler Divergence", fontsize=40, color="#222832")
    figure.text(
        0.06, 0.655, "every figure, number and verdict computed", fontsize=24, color="#5a6270"
    )
    return figure


def write_card(app, exception):
    """Write the card beside the site's other static files."""
    if exception is None and app.builder.format == "html":
        draw().savefig(Path(app.outdir, "_static", NAME))


def setup(app):
    """Register the handler with Sphinx."""
    app.connect("build-finished", write_card)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
