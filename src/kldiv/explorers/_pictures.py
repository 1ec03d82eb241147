"""The static pictures of the live figures: what is seen on paper and where scripts are off."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse
from scipy import stats

from kldiv import figures, kl_divergence
from kldiv.histograms import bin_edges, image_distribution
from kldiv.projection import closest_normal
from kldiv.scenes import beach


def two_points(
    a: Sequence[float], b: Sequence[float], p: Sequence[float], q: Sequence[float]
) -> None:
    """A plane with two points; two bell curves."""
    _, (plane, curves) = plt.subplots(1, 2, figsize=(7.2, 3), width_ratios=[1, 1.5])
    plane.plot(*np.stack([a, b]).T, color=figures.GREY)
    for name, point, color in (("A", a, figures.P), ("B", b, figures.Q)):
        plane.plot(*point, "o", color=color, markersize=8)
        plane.annotate(name, point, (6, 6), textcoords="offset points", color=color)
    plane.set(
        xlim=(-1, 6), ylim=(-1, 6), aspect="equal",
        xlabel="first coordinate (units)", ylabel="second coordinate (units)",
    )  # fmt: skip
    _two_curves(curves, p, q, np.linspace(-6, 7, 600))
    plt.show()


def gaussian_kl(p: Sequence[float], q: Sequence[float]) -> None:
    """Two densities, and below them the integrand of KL(p‖q)."""
    x = np.linspace(-7, 7, 600)
    _, (density, integrand) = plt.subplots(2, 1, figsize=(7.2, 4.4), sharex=True)
    _two_curves(density, p, q, x)
    density.set_xlabel("")
    figures.shade_kl(integrand, x, stats.norm.pdf(x, *p), stats.norm.pdf(x, *q))
    integrand.set(xlabel="x", ylabel="p log(p/q) (nats)")
    plt.show()


def bars(words: Sequence[str], p: Sequence[float], q: Sequence[float]) -> None:
    """The probabilities of words, and the lengths of their codewords."""
    _, axes = plt.subplots(1, 2, figsize=(7.2, 2.8), sharey=True)
    for ax, name, shares, color in zip(
        axes, ("p: what is sent", "q: what the code was made for"), (p, q), (figures.P, figures.Q),
        strict=True,
    ):  # fmt: skip
        ax.bar(words, shares, color=color, width=0.7)
        for i, share in enumerate(shares):
            ax.text(i, share + 0.02, f"{-np.log2(share):.2f} bits", ha="center", fontsize=9)
        ax.set(xlabel=name, ylim=(0, 1))
    axes[0].set_ylabel("probability")
    plt.show()


def projection(separation: float, weights: Sequence[float], stds: Sequence[float]) -> None:
    """A two-peaked density and the normal distributions closest to it."""
    x, means = np.linspace(-8, 8, 600), (-separation / 2, separation / 2)
    density = sum(w * stats.norm.pdf(x, m, s) for w, m, s in zip(weights, means, stds, strict=True))
    _, ax = plt.subplots(figsize=(7.2, 3))
    ax.fill_between(x, density, color=figures.P, alpha=0.15, linewidth=0)
    ax.plot(x, density, color=figures.P, label="p")
    for direction, style in (("forward", "--"), ("reverse", ":")):
        found = closest_normal(weights, means, stds, direction=direction)
        ax.plot(
            x, stats.norm.pdf(x, found.mean, found.std), style, color=figures.Q, label=direction
        )
    ax.set(xlabel="x", ylabel="density")
    ax.legend()
    plt.show()


def time_of_day(elevation: int, bins: int) -> None:
    """A picture, and its histogram beside that of noon."""
    from kldiv.explorers._data import BEACH, SIZE

    pictures = [beach(angle, seed=BEACH, size=SIZE) for angle in (elevation, 80)]
    p, q = (image_distribution(image, bins=bins, pseudocount=0.5) for image in pictures)
    _, (screen, ax) = plt.subplots(1, 2, figsize=(7.2, 2.6))
    screen.imshow(pictures[0])
    screen.axis("off")
    ax.stairs(p, bin_edges(bins), fill=True, color=figures.P, alpha=0.8, label="this hour")
    ax.stairs(q, bin_edges(bins), color=figures.Q, linestyle="--", linewidth=2, label="noon")
    ax.set(
        title=f"KL(this hour‖noon) = {kl_divergence(p, q):.3f} nats",
        xlabel="luma (0 to 255)", ylabel="share of pixels",
    )  # fmt: skip
    ax.legend()
    plt.show()


def latent(model: str, garment: int) -> None:
    """The codes of test images, the posterior of one of them, and what the decoder makes of it."""
    import torch

    from kldiv import fashion_mnist
    from kldiv.explorers import _models

    network, test = _models.load(model), fashion_mnist.load("test")
    codes, classes = _models.codes(network)
    x = test.pixels[test.labels == garment][:1]
    with torch.no_grad():
        mean, log_var = network.encode(x)
        restored = network.decode(mean)
    _, (plane, *screens) = plt.subplots(1, 3, figsize=(7.2, 3.2), width_ratios=[2, 1, 1])
    plane.scatter(*codes.T, s=4, c=np.array(figures.CLASS_COLORS)[classes], alpha=0.5, linewidths=0)
    x_0, x_1 = mean[0].tolist()
    for scale in (1, 2):
        width, height = 2 * scale * torch.exp(log_var[0] / 2).numpy()
        plane.add_patch(Ellipse((x_0, x_1), width, height, facecolor="none", edgecolor="black"))
    plane.set(xlabel="z₁", ylabel="z₂", aspect="equal")
    for ax, image, title in zip(screens, (x, restored), ("encoded", "restored"), strict=True):
        ax.imshow(image.reshape(28, 28), vmin=0, vmax=1)
        ax.set_title(title)
        ax.axis("off")
    plt.show()


def beta(beta: float) -> None:
    """The rate–distortion curve of the sweep, and the pictures of one model."""
    from kldiv.explorers._data import COLUMNS, SIDE
    from kldiv.replication.summary import results
    from kldiv.replication.variants import BETAS

    runs = results()
    _, (ax, sheet) = plt.subplots(2, 1, figsize=(7.2, 5), height_ratios=[1.4, 1])
    rate, distortion = (
        np.array([runs.values(f"beta-{b:g}", name).mean() for b in BETAS])
        for name in ("kl", "reconstruction")
    )
    here = BETAS.index(beta)
    ax.plot(rate, distortion, "o-", color=figures.P)
    ax.plot(rate[here], distortion[here], "o", color=figures.Q, markersize=11, fillstyle="none")
    ax.annotate(
        f"β = {beta:g}", (rate[here], distortion[here]), (10, 6), textcoords="offset points"
    )
    ax.set(xlabel="rate: KL (nats an image)", ylabel="distortion (nats an image)")
    sheet.imshow(runs.pictures(f"beta-{beta:g}")[:, : COLUMNS * SIDE])
    sheet.set_yticks([14, 42, 70], ["test images", "copies", "new pictures"])
    sheet.set_xticks([])
    sheet.spines[:].set_visible(False)
    sheet.tick_params(length=0)
    plt.show()


def _two_curves(ax: Axes, p: Sequence[float], q: Sequence[float], x: np.ndarray) -> None:
    for name, parameters, color, style in (("p", p, figures.P, "-"), ("q", q, figures.Q, "--")):
        ax.plot(x, stats.norm.pdf(x, *parameters), style, color=color, label=name)
    ax.set(xlabel="x", ylabel="density")
    ax.legend()
