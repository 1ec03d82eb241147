"""One beach at any time of day, drawn by code.

The chapters on images compare pixel histograms, and such a comparison is clean when one thing
changes at a time. Two photographs differ in camera, framing, weather and licence. Here the seed
fixes the beach (clouds, waves, headlands, palm) and the elevation of the sun changes the light
and nothing else, so night, dusk, sunset and noon are points on one smooth curve of pictures.

A picture is a stack of layers, painted from far to near in linear light. Lengths are in picture
heights: `x` runs across from the middle, `y` down from the top, `altitude` up from the horizon.
"""

from dataclasses import replace
from numbers import Integral, Real

import numpy as np
from numpy.random import Generator

from kldiv._daylight import Light, light_at
from kldiv._painting import Array, View, dots, mix, noise, step, to_screen

__all__ = ["beach"]

HORIZON = 0.46  # y of the horizon
MINIMUM_SIZE = 16  # pixels


def _clear_sky(light: Light, x: Array, altitude: Array | float) -> Array:
    """Colour of the cloudless sky in each direction; the sea looks up its reflections here."""
    colour = mix(light.horizon, light.middle, step(0, 0.24, altitude))
    colour = mix(colour, light.zenith, step(0.06, 0.60, altitude))
    away = np.hypot(0.45 * (x - light.sun[0]), altitude - max(light.sun[1], 0))
    return mix(colour, light.glow, 0.85 * np.exp(-away / 0.11))


def _stars(rng: Generator, view: View) -> Array:
    """Brightness of a few hundred stars: many faint, few bright."""
    count, radius = 320, max(0.0011, 0.45 * view.pixel)
    x, y = rng.uniform(-view.edge, view.edge, count), HORIZON * rng.random(count) ** 1.3
    brightness = 0.2 * np.minimum(rng.pareto(1.7, count) + 0.15, 6)
    brightness *= min(1, (0.0019 / radius) ** 2)  # spread over coarse pixels, the same light
    return dots(view, x, y, brightness, radius)


def _sky(rng: Generator, light: Light, view: View, picture: Array) -> Array:
    """Gradient, stars, sun and moon, and clouds brighter on the side of the sun."""
    altitude, (seed,) = np.maximum(view.altitude, 0), rng.integers(2**32, size=1).tolist()
    depth = 1 / (altitude + 0.17)  # in perspective: clouds crowd towards the horizon
    u, v = 1.3 * view.x * depth**0.8, 2.1 * depth
    puff = noise(seed, u, v, 6)
    lit = step(-0.3, 0.5, puff - noise(seed, u + 0.25 * (light.sun[0] - view.x), v - 0.2, 3))
    opacity = 0.94 * step(0.0, 0.4, puff + rng.uniform(-0.06, 0.12)) * step(0.0, 0.06, altitude)
    shade = 0.6 * light.skylight + 0.25 * light.horizon
    bright = 0.5 * light.skylight + 0.55 * light.sunlight + 0.25 * light.glow
    sky = _clear_sky(light, view.x, altitude) + light.night * _stars(rng, view)[..., None]
    sky = mix(sky, mix(shade, bright, lit), opacity)
    for (x, height), brightness in light.lamps:
        away = np.hypot(view.x - x, view.altitude - height)
        shine = 2.6 * view.inside(0.027 - away) + 0.5 * np.exp(-away / 0.045)
        shine = (shine + 0.2 * np.exp(-away / 0.14)) * (1 - 0.75 * opacity)
        sky += shine[..., None] * brightness
    return sky


def _headlands(rng: Generator, light: Light, view: View, picture: Array) -> Array:
    """Two headlands, the far one paler: its light has come through more air."""
    for haze, length, height in ((0.65, 1.15, 0.075), (0.25, 0.62, 0.13)):
        seed = rng.integers(2**32, size=2).tolist()
        along = (view.x + view.edge) / (length * view.edge)  # 0 at the side, 1 at the tip
        ridge = 0.75 + 0.45 * noise(seed[0], view.x * 4.5, 0.5, 5)
        ridge = height * step(1.0, 0.55, along) * ridge
        slope = noise(seed[1], view.x * 9 + view.altitude * 8, view.altitude * 12, 5)
        land = mix(light.on("#7d8c58", 0.75 + 0.7 * slope), light.horizon, haze)
        picture = mix(picture, land, view.inside(ridge - view.altitude))
    return picture


def _sea(rng: Generator, light: Light, view: View, picture: Array) -> Array:
    """Water: the sky reflected in waves, the glitter of sun and moon, and shallows."""
    down, seed = np.maximum(-view.altitude, 0), rng.integers(2**32, size=2).tolist()
    depth = 1 / (down + 0.012)  # and so do waves
    wave = noise(seed[0], 0.9 * view.x * depth, 3.2 * depth, 4, 1.2 * view.pixel * depth**2)
    slope = 0.6 * wave + 0.4 * noise(seed[1], 2.4 * view.x * depth, 7.5 * depth, 3)
    mirrored = _clear_sky(light, view.x + 0.2 * slope, np.abs(down + 0.12 + 0.25 * slope))
    shallow = step(0.17, 0.0, view.shore - view.y + 0.03 * wave)
    sea = mix(light.on("#1d5f86"), light.on("#62b9b4"), shallow)
    # Water mirrors best at a grazing angle: far out, and on the backs of waves.
    sea = mix(sea, mirrored, np.clip(0.16 + 0.55 * np.exp(-down / 0.1) - 0.35 * slope, 0.05, 0.95))
    for (x, height), brightness in light.lamps:
        path = np.exp(-(((view.x - x) / (0.035 + 0.35 * down)) ** 2))
        path *= np.exp(-(((down - height) / 0.5) ** 2))
        glitter = 1.6 * step(0.75, 1.15, path + 0.9 * slope) + 0.2 * path
        sea += glitter[..., None] * brightness
    return mix(picture, sea, view.inside(-view.altitude))


def _breakers(rng: Generator, light: Light, view: View, picture: Array) -> Array:
    """Lines of foam that come in along the shore, each with its own shadow."""
    seed = rng.integers(2**32, size=3).tolist()
    ragged = noise(seed[0], view.x * 22, view.y * 60, 3)
    for offshore in (0.125, 0.07, 0.03):
        bend = 0.016 * noise(seed[1], view.x * 2, offshore * 100, 2)
        length = np.clip(1.3 * noise(seed[2], view.x * 2.5, offshore * 70, 3), 0, 1)
        thick = 0.014 * (1 - 4 * offshore) * length + 1e-6
        above = view.shore - view.y - offshore + bend  # from the foot of the wave
        picture = picture * (1 - 0.3 * length * step(1, 0, np.abs(above / thick - 2)))[..., None]
        foam = view.inside(np.minimum(above + 0.4 * thick * ragged, thick - above)) * (length > 0)
        picture = mix(picture, light.on("#ffffff", 1.4), 0.9 * foam)
    return picture


def _sand(rng: Generator, light: Light, view: View, picture: Array) -> Array:
    """Sand with relief and grain, a shining strip that the last wave wet, and its foam."""
    seed = rng.integers(2**32, size=2).tolist()
    depth = 1 / (0.05 - view.altitude)
    lace = noise(seed[0], view.x * 7, view.y * 16, 5)
    relief = noise(seed[1], 2.2 * view.x * depth, 6 * depth, 6, 4 * view.pixel * depth)
    inland = view.y - view.shore + 0.012 * lace
    grain = rng.normal(0, 0.05, inland.shape).astype(np.float32)
    dry = light.on("#e8cfa0", 0.92 + 0.3 * relief + grain)
    wet = mix(light.on("#9c7f5c", 0.9 + grain), _clear_sky(light, view.x, 0.2), 0.3)
    sand = mix(wet, dry, step(0.03, 0.06, inland + 0.01 * relief))
    picture = mix(picture, sand, step(-0.003, 0.003, inland))
    foam = step(0.014, 0.003, np.abs(inland + 0.003)) * np.clip(0.8 + 0.6 * lace, 0, 1)
    return mix(picture, light.on("#ffffff", 1.4), foam)


def _palm(rng: Generator, light: Light, view: View, picture: Array) -> Array:
    """On most beaches, a palm leaning in from the side."""
    foot, crown = rng.uniform(0.76, 0.9) * view.edge, rng.uniform(0.5, 0.66) * view.edge
    low, high = rng.uniform(0.88, 0.96), rng.uniform(0.24, 0.31)
    angles = np.linspace(-0.5, np.pi + 0.5, 11) + rng.uniform(-0.12, 0.12, 11)
    lengths, tones = rng.uniform(0.21, 0.28, 11), rng.uniform(0.6, 1.1, 11)
    if rng.random() < 0.25:
        return picture
    shadow = np.hypot((view.x - foot) / 0.16, (view.y - low) / 0.018)
    picture = mix(picture, 0.6 * picture, light.front * step(1.2, 0.3, shadow))
    up = (low - view.y) / (low - high)  # 0 at the foot, 1 at the crown
    across = view.x - foot - (crown - foot) * np.clip(up, 0, 1) ** 0.7
    width = 0.012 - 0.005 * up + 0.01 * np.exp(-14 * np.maximum(up, 0))
    bark = light.on("#7a6248", 0.8 - 0.25 * (34 * up % 1) + 0.3 * across / width)
    trunk = np.minimum(width - np.abs(across), np.minimum(up, 1 - up) * (low - high))
    picture = mix(picture, bark, view.inside(trunk))
    right, rise = view.x - crown, high - view.y
    shade, cover = np.ones_like(across), np.zeros_like(across)
    for angle, length, tone in rng.permutation(np.stack([angles, lengths, tones], 1)).tolist():
        cosine, sine = np.cos(angle).item(), np.sin(angle).item()
        along = (cosine * right + sine * rise) / length  # 0 at the crown, 1 at the tip
        # A frond hangs by its weight, the more the further out.
        aside = cosine * rise - sine * right + 0.2 * cosine * (along**2 - 0.4 * along)
        leaflet = (16 * along - 150 * np.abs(aside)) % 1
        wide = 0.065 * np.sqrt(np.clip(along * (1 - along), 0, 1)) * (1 - 0.6 * leaflet)
        frond = view.inside(wide - np.abs(aside)) * (wide > 0)
        shade += frond * (tone * (0.75 + 0.35 * leaflet) - shade)
        cover = np.maximum(cover, frond)
    return mix(picture, light.on("#557f3c", shade), cover)


# Far to near, each with the rows it may touch, as a range of y.
LAYERS = (
    (_sky, 0, HORIZON),
    (_headlands, 0.2, HORIZON),
    (_sea, HORIZON, 0.85),
    (_breakers, HORIZON, 0.85),
    (_sand, 0.6, 1),
    (_palm, 0, 1),
)


def _check(sun_elevation: float, seed: int | Generator, size: tuple[int, int]) -> None:
    """Raise ValueError, naming what was passed, unless a beach can be drawn from it."""
    if not (isinstance(sun_elevation, (float, Real)) and -18 <= sun_elevation <= 90):
        raise ValueError(f"sun_elevation must be from -18 to 90 degrees, got {sun_elevation!r}")
    whole = isinstance(seed, (int, Integral)) and not isinstance(seed, bool) and seed >= 0
    if not (whole or isinstance(seed, Generator)):
        raise ValueError(f"seed must be an integer >= 0 or a numpy Generator, got {seed!r}")
    sides = size if isinstance(size, tuple | list) and len(size) == 2 else (0, 0)
    if not all(isinstance(side, (int, Integral)) and side >= MINIMUM_SIZE for side in sides):
        expected = f"(height, width) in whole pixels, each at least {MINIMUM_SIZE}"
        raise ValueError(f"size must be {expected}, got {size!r}")


def beach(
    sun_elevation: float,
    *,
    seed: int | Generator = 0,
    size: tuple[int, int] = (240, 360),
) -> Array:
    """Draw a beach in the light of a given time of day.

    The same seed gives the same beach at every elevation, and (grain aside) at every resolution.
    A small change of elevation makes a small change in the picture and in its histogram.

    Parameters
    ----------
    sun_elevation : float
        Height of the sun above the horizon in degrees, from -18 (night) through -4 (dusk),
        2 (sunset) and 20 (the sun near the top of the picture) to 90 (overhead).
    seed : int or numpy.random.Generator
        Which beach. A Generator is drawn from once, so each call gives another beach.
    size : (int, int)
        Height and width in pixels, each at least 16.

    Returns
    -------
    numpy.ndarray, uint8, shape (height, width, 3)
        The picture: red, green and blue.

    Raises
    ------
    ValueError
        An argument that is not as above.

    Examples
    --------
    >>> from kldiv.scenes import beach
    >>> noon, night = beach(60, seed=1), beach(-15, seed=1)
    >>> noon.shape, bool(noon.mean() > 3 * night.mean())
    ((240, 360, 3), True)
    """
    _check(sun_elevation, seed, size)
    height, width = size
    pixel, edge = 1 / height, width / height / 2
    rng = np.random.default_rng(seed.integers(2**63) if isinstance(seed, Generator) else seed)
    streams = rng.spawn(len(LAYERS) + 1)  # one each, so no layer disturbs another's luck

    x = (np.arange(width, dtype=np.float32)[None] + 0.5) * pixel - edge
    y = (np.arange(height, dtype=np.float32)[:, None] + 0.5) * pixel
    slant, phase = rng.uniform(-0.06, 0.08), rng.uniform(0, 2 * np.pi)
    shore = 0.73 + slant * x / edge + 0.012 * np.sin(5 * x + phase) + 0.006 * np.sin(13 * x - phase)
    view = View(x, y, pixel, edge, shore, HORIZON)
    light = light_at(rng, sun_elevation, edge)
    picture = np.zeros((height, width, 3), np.float32)
    for (paint, top, bottom), stream in zip(LAYERS, streams[:-1], strict=True):
        rows = slice(int(top * height), int(np.ceil(bottom * height)))
        picture[rows] = paint(stream, light, replace(view, y=y[rows]), picture[rows])
    if rng.random() < 0.5:
        picture = picture[:, ::-1]  # half of all beaches face the other way
    return to_screen(streams[-1], picture)
