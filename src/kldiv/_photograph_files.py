"""The photographs: what each shows, what permits its use, and its file in scikit-image, verified.

All are stated to be CC0 or in the public domain by the docstrings of ``skimage.data``.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kldiv._download import WrongDataError

if TYPE_CHECKING:
    import numpy as np

SIDE = 32  # of a patch, in pixels


@dataclass(frozen=True)
class Photograph:
    """One photograph: what it shows, whose it is, and what permits its use.

    Attributes
    ----------
    name, file : str
        The function of ``skimage.data`` that returns it, and its file in that folder.
    subject, author, licence, source : str
        What it shows; who took it; "CC0" or "public domain"; where scikit-image has it from.
    statement : str
        The licence statement in that function's docstring, word for word.
    height, width : int
        In pixels.
    checksum : str
        SHA-256 of the file, 64 hexadecimal digits.
    """

    name: str
    file: str
    subject: str
    author: str
    licence: str
    statement: str
    source: str
    height: int
    width: int
    checksum: str

    @property
    def positions(self) -> int:
        """The number of patches in it: (height − 31) · (width − 31)."""
        return (self.height - SIDE + 1) * (self.width - SIDE + 1)


PHOTOGRAPHS = {
    "train": (
        Photograph(
            name="astronaut",
            file="astronaut.png",
            subject="Eileen Collins, astronaut",
            author="NASA",
            licence="public domain",
            statement="No known copyright restrictions, released into the public domain.",
            source="https://flic.kr/p/r9qvLn",
            height=512,
            width=512,
            checksum="88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        ),
        Photograph(
            name="rocket",
            file="rocket.jpg",
            subject="A rocket on its launch pad at dusk",
            author="SpaceX",
            licence="public domain",
            statement="The image was captured by SpaceX and released in the public domain.",
            source="https://www.flickr.com/photos/spacexphotos/16511594820/",
            height=427,
            width=640,
            checksum="c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
        ),
        Photograph(
            name="hubble_deep_field",
            file="hubble_deep_field.jpg",
            subject="The eXtreme Deep Field: galaxies",
            author="NASA (Hubble Space Telescope)",
            licence="public domain",
            statement="The image was captured by NASA and may be freely used in the public domain.",
            source="http://hubblesite.org/newscenter/archive/releases/2012/37/image/a/",
            height=872,
            width=1000,
            checksum="3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4",
        ),
    ),
    "test": (
        Photograph(
            name="chelsea",
            file="chelsea.png",
            subject="Chelsea the cat",
            author="Stefan van der Walt",
            licence="CC0",
            statement="No copyright restrictions. CC0 by the photographer (Stefan van der Walt).",
            source="the photographer",
            height=300,
            width=451,
            checksum="596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        ),
        Photograph(
            name="coffee",
            file="coffee.png",
            subject="A cup of coffee on a wooden table",
            author="Rachel Michetti",
            licence="CC0",
            statement="No copyright restrictions. CC0 by the photographer (Rachel Michetti).",
            source="courtesy of Pikolo Espresso Bar",
            height=400,
            width=600,
            checksum="cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        ),
    ),
}


def read(photograph: Photograph) -> np.ndarray:
    """The photograph as a NumPy array, uint8 (height, width, 3)."""
    import numpy as np
    from PIL import Image

    path = folder() / photograph.file
    try:
        checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"the installed scikit-image lacks {path}; scikit-image 0.26.0 has it"
        ) from error
    if checksum != photograph.checksum:
        raise WrongDataError(
            f"{path} is not used: it is not the file of scikit-image 0.26.0 "
            f"(SHA-256 {checksum}, expected {photograph.checksum})"
        )
    with Image.open(path) as image:
        return np.array(image)


def folder() -> Path:
    """Where the installed scikit-image keeps its pictures."""
    # The files are read directly: scikit-image's own functions would download a missing one.
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:  # no origin: a folder of that name, not a package
        raise ImportError(
            "the photographs come with scikit-image, which is not installed: "
            "pip install scikit-image"
        )
    return Path(spec.origin).parent / "data"
