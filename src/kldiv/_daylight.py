"""The light on the beach at each elevation of the sun: six colours, the sun and the moon."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy.interpolate import PchipInterpolator

from kldiv._painting import Array, rgb, step

ALTITUDE_PER_DEGREE = 0.021  # the picture shows the lowest 22 degrees of the sky

# The light at each elevation of the sun, as screen colours: the sky high up, half way and at the
# horizon, the glow around the sun, direct sunlight, and the light of the sky as a whole.
LIGHT_TABLE = {  # degrees: zenith, middle, horizon, glow, sunlight, skylight
    -18: ("#0a1128", "#0f1935", "#1a2747", "#1c2a4a", "#000000", "#26314f"),
    -12: ("#0e1836", "#172449", "#2c3a62", "#40466c", "#000000", "#2f3c60"),
    -6: ("#1f3268", "#45507f", "#8a6f92", "#d0806c", "#000000", "#4a5580"),
    -3: ("#324c88", "#78709c", "#d08d88", "#ff9458", "#2a1410", "#686b92"),
    0: ("#4368a6", "#ac8fa6", "#f4ac7c", "#ffa24a", "#8a4424", "#85809e"),
    3: ("#4f82be", "#c3b3bc", "#fcc98e", "#ffbc5c", "#e08848", "#8f92ae"),
    8: ("#5093d2", "#a3c4dc", "#fbe0b8", "#ffdc98", "#f8bc80", "#98a4c0"),
    20: ("#4793dc", "#84bdea", "#dcecf4", "#fff4d8", "#fce4c0", "#a0b4d4"),
    45: ("#3a8adc", "#74b8ee", "#cde8f7", "#fffae8", "#fff6e4", "#a8c2e2"),
    90: ("#3386dc", "#6cb4ee", "#cbe8f8", "#fffcf0", "#fffaf0", "#aec8e6"),
}

# Between rows we interpolate what the eye sees (the screen value), monotonically: no overshoot.
_LIGHT_CURVE = PchipInterpolator(
    list(LIGHT_TABLE), [[rgb(c) ** (1 / 2.2) for c in row] for row in LIGHT_TABLE.values()]
)


@dataclass(frozen=True)
class Light:
    """The light at one moment: six colours from the table, and where sun and moon stand."""

    zenith: Array
    middle: Array
    horizon: Array
    glow: Array
    sunlight: Array
    skylight: Array
    sun: tuple[float, float]  # x, altitude
    moon: tuple[float, float]
    day: float  # 0 before sunrise, 1 once the sun is up
    night: float  # 0 by day, 1 when the faint stars are out
    front: float  # share of sunlight on the side we see: a low sun stands behind things

    @property
    def lamps(self) -> list[tuple[tuple[float, float], Array]]:
        """Place and brightness of the sun and of the moon."""
        moonlight = 0.3 * self.night * rgb("#d4dcf4")
        return [(self.sun, self.day * self.glow), (self.moon, moonlight)]

    def on(self, colour: str, facing: Array | float = 1.0) -> Array:
        """Light sent back by a surface of this colour, `facing` scaling it pixel by pixel."""
        direct = self.front * self.sunlight + 0.08 * self.night * rgb("#7c9cff")
        facing = np.asarray(facing, np.float32)[..., None]
        return rgb(colour) * facing * (0.6 * self.skylight + direct)


def light_at(rng: Generator, sun_elevation: float, edge: float) -> Light:
    """The light at an elevation in degrees, sun and moon placed by chance between the edges."""
    colours = (_LIGHT_CURVE(sun_elevation) ** 2.2).astype(np.float32)
    zenith, middle, horizon, glow, sunlight, skylight = colours
    return Light(
        zenith=zenith,
        middle=middle,
        horizon=horizon,
        glow=glow,
        sunlight=sunlight,
        skylight=skylight,
        sun=(rng.uniform(-0.25, 0.25) * edge, float(sun_elevation) * ALTITUDE_PER_DEGREE),
        moon=(rng.uniform(-0.6, 0.3) * edge, rng.uniform(0.26, 0.36)),
        day=float(step(-2.5, 1.5, sun_elevation)),
        night=float(step(-3, -14, sun_elevation)),
        front=float(0.3 + 0.7 * step(2, 40, sun_elevation)),
    )
