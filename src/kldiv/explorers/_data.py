"""Data that a live figure reads, as scripts: a page opened from a file may load nothing else."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from kldiv import figures
from kldiv.histograms import image_distribution, luma
from kldiv.scenes import beach

#: The sun's elevations in degrees, the last of which is noon; and the size of the pictures.
ELEVATIONS = tuple(range(-18, 81, 2))
SIZE = (160, 240)
BEACH = 3  # the seed of the beach that the chapter begins with

#: Pictures of the β sweep that are shown, of the twelve that are stored.
COLUMNS, SIDE = 8, 28

#: The first test image of each class.
CLASSES = range(10)


def beaches() -> str:
    """A beach at each elevation: the counts of its 256 grey levels, and its picture."""
    columns = 10
    pictures = [beach(elevation, seed=BEACH, size=SIZE) for elevation in ELEVATIONS]
    height, width = SIZE
    sprite = np.zeros((-(-len(pictures) // columns) * height, columns * width, 3), np.uint8)
    for i, picture in enumerate(pictures):
        top, left = i // columns * height, i % columns * width
        sprite[top : top + height, left : left + width] = picture
    counts = [image_distribution(picture, bins=256) * luma(picture).size for picture in pictures]
    return _script(
        "beaches",
        elevations=ELEVATIONS,
        height=height,
        width=width,
        columns=columns,
        counts=[np.rint(count).astype(int).tolist() for count in counts],
        sprite=_picture(sprite, "WEBP", quality=80, method=6),
    )


def beta_models() -> str:
    """The β sweep over the latent plane: means over the seeds, and pictures of the first one."""
    from kldiv.replication.summary import results
    from kldiv.replication.variants import BETAS

    runs, models = results(), []
    columns = {"rate": "kl", "distortion": "reconstruction"} | {
        name: name for name in ("negative_elbo", "nll", "holes", "neighbours")
    }
    for beta in BETAS:
        variant = f"beta-{beta:g}"
        means = {
            name: float(runs.values(variant, column).mean()) for name, column in columns.items()
        }
        sheet = runs.pictures(variant)[:, : COLUMNS * SIDE]
        models.append({"beta": beta, **means, "sheet": _picture(sheet, "PNG", optimize=True)})
    return _script("beta_models", models=models, columns=COLUMNS, side=SIDE)


def garments() -> str:
    """A test image of each class, its name and colour; the classes of the codes that are shown."""
    from kldiv import fashion_mnist

    test = fashion_mnist.load("test")
    chosen = [int((test.labels == label).nonzero()[0]) for label in CLASSES]
    return _script(
        "garments",
        garments=test.images[chosen].flatten(1).tolist(),
        names=fashion_mnist.CLASSES,
        colors=figures.CLASS_COLORS,
        classes=test.labels[:1000].tolist(),
        side=SIDE,
    )


def latent_models() -> str:
    """Weights of the trained autoencoders, and where they put a thousand test images."""
    from kldiv.explorers import _models

    entries = []
    for name, (_, words) in _models.MODELS.items():
        model = _models.load(name)
        means, _ = _models.codes(model)
        layers = ", ".join(
            f"{layer}: {{weight: {_halves(module.weight)}, bias: {_halves(module.bias)}}}"
            for layer, module in model.named_children()
            if hasattr(module, "weight")
        )
        entries.append(
            f"{name}: {{words: {json.dumps(words)}, reach: {json.dumps(_reach(means))}, "
            f"codes: {_halves(means)}, layers: {{{layers}}}}}"
        )
    return f"kldiv.data.latent_models = {{{', '.join(entries)}}};\n"


#: What makes each script of data, by its file name.
MAKERS: dict[str, Callable[[], str]] = {
    "beaches.js": beaches,
    "beta_models.js": beta_models,
    "garments.js": garments,
    "latent_models.js": latent_models,
}


def _reach(means: np.ndarray) -> list[list[float]]:
    """Limits of a square that shows 98 % of the codes in each direction, or the prior."""
    low, high = np.quantile(means, [0.01, 0.99], axis=0)
    middle, half = (low + high) / 2, max(((high - low) / 2).max() * 1.1, 0.1)
    if half <= 4:
        middle, half = np.zeros(2), max(half, 3.0)
    return [[round(float(m - half), 2), round(float(m + half), 2)] for m in middle]


def _halves(values: Any) -> str:
    array = np.asarray(values.detach() if hasattr(values, "detach") else values)
    text = base64.b64encode(array.astype("<f2").tobytes()).decode()
    return f'kldiv.halfFloats("{text}")'


def _picture(array: np.ndarray, kind: str, **options: Any) -> str:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, format=kind, **options)
    text = base64.b64encode(buffer.getvalue()).decode()
    return f"data:image/{kind.lower()};base64,{text}"


def _script(name: str, **values: Any) -> str:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return f"kldiv.data.{name} = {text};\n"
