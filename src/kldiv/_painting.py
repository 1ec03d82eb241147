"""Tools to paint pictures with arrays: colours as amounts of light, soft edges, mixing, noise."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

Array = np.ndarray


def rgb(colour: str) -> Array:
    """Read "#rrggbb" as an amount of light: adding and mixing are right only there."""
    return np.array([(int(colour[i : i + 2], 16) / 255) ** 2.2 for i in (1, 3, 5)], np.float32)


@dataclass(frozen=True)
class View:
    """Where the pixels are, in picture heights."""

    x: Array  # (1, width)
    y: Array  # (height, 1)
    pixel: float  # side of a pixel
    edge: float  # largest x
    shore: Array  # (1, width): y at which the sea ends
    horizon: float  # y of the horizon

    @property
    def altitude(self) -> Array:
        """Height above the horizon, (height, 1)."""
        return self.horizon - self.y

    def inside(self, distance: Array) -> Array:
        """Share of each pixel inside an edge, from the distance inside it: no jagged edges."""
        share: Array = np.clip(distance / self.pixel + 0.5, 0, 1)
        return share


def step(low: float, high: float, value: Array | float) -> Array:
    """Go smoothly from 0 where `value` is `low` to 1 where it is `high`."""
    t: Array = np.clip((value - low) / (high - low), 0, 1)
    smooth: Array = t * t * (3 - 2 * t)
    return smooth


def mix(below: Array, above: Array, opacity: Array | float) -> Array:
    """Paint `above` over `below`."""
    mixed: Array = below + (above - below) * np.asarray(opacity, np.float32)[..., None]
    return mixed


def noise(
    seed: int, x: Array | float, y: Array | float, octaves: int, footprint: Array | float = 0.0
) -> Array:
    """Fractal gradient noise at the points (x, y), about -1 to 1, for pixels `footprint` wide."""
    rng = np.random.default_rng(seed)
    x, y = np.broadcast_arrays(np.float32(x), np.float32(y))
    angle = rng.uniform(0, 2 * np.pi, 4096).astype(np.float32)
    slope_x, slope_y = np.cos(angle), np.sin(angle)
    total = np.zeros_like(x)
    for frequency in (2.0**octave for octave in range(octaves)):
        shift_x, shift_y = rng.uniform(0, 64, 2).tolist()
        u, v = x * frequency + shift_x, y * frequency + shift_y
        column, row = np.floor(u).astype(np.int32), np.floor(v).astype(np.int32)
        u, v = u - column.astype(np.float32), v - row.astype(np.float32)
        s, t = (w * w * w * (w * (w * 6 - 15) + 10) for w in (u, v))
        # Detail finer than the pixels would only flicker, so it fades with distance.
        strength = 1.6 / frequency * np.clip(2 - 4 * frequency * footprint, 0, 1)
        for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):  # the corners of each point's cell
            corner = ((row + i) & 63) * 64 + ((column + j) & 63)
            plane = slope_x[corner] * (u - j) + slope_y[corner] * (v - i)
            total += strength * (t if i else 1 - t) * (s if j else 1 - s) * plane
    return total


def dots(view: View, x: Array, y: Array, brightness: Array, radius: float) -> Array:
    """Brightness, pixel by pixel, of round dots at the points (x, y); the brightest one counts."""
    window = np.arange(-3, 4)
    row = np.searchsorted(view.y[:, 0], y)[:, None, None] + window[:, None]
    column = (np.abs(x + view.edge) / view.pixel).astype(int)[:, None, None] + window
    row, column = row.clip(0, view.y.size - 1), column.clip(0, view.x.size - 1)
    x_pixel = (column + 0.5) * view.pixel - view.edge
    away = np.hypot(view.y[row, 0] - y[:, None, None], x_pixel - x[:, None, None])
    total = np.zeros((view.y.size, view.x.size), np.float32)
    np.maximum.at(total, (row, column), brightness[:, None, None] * np.exp(-((away / radius) ** 2)))
    return total


def to_screen(rng: Generator, picture: Array) -> Array:
    """Compress highlights, encode for the screen and add a little noise, as a camera does."""
    picture = np.maximum(picture, 0)
    picture = picture / np.sqrt(np.sqrt(1 + picture**4))
    grain = rng.normal(0, 1.2, picture.shape[:2]).astype(np.float32)
    screen = 255 * picture ** (1 / 2.2) + grain[..., None]
    return np.clip(np.round(screen), 0, 255).astype(np.uint8)
