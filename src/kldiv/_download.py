"""What the searches for Fashion-MNIST and for CIFAR-10 share: downloads end, and are kept whole.

torchvision downloads into a temporary folder. Whatever interrupts it leaves its half-made files
there, where nobody looks for data; only whole, verified files move on into the cache.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import platformdirs

STALL_SECONDS = 10.0  # a download that receives nothing for this long has failed


class WrongDataError(ValueError):
    """A file of the data is there, but truncated, corrupt, or a sample of the published one."""


#: torchvision lets different errors through for a refused, a lost and a stalled connection.
ERRORS = (OSError, RuntimeError, http.client.HTTPException, WrongDataError)


class DataNotFoundError(FileNotFoundError):
    """No place holds the data, and the download failed too."""


def cache_folder(name: str) -> Path:
    """Where a user's downloads of one data set are kept."""
    return Path(platformdirs.user_cache_dir("kldiv", appauthor=False)) / name


def not_found(data: str, passed_over: list[str], remedies: str) -> DataNotFoundError:
    """The error that says where the data were looked for, and what brings them."""
    places = "\n".join(f"  {number}. {place}" for number, place in enumerate(passed_over, 1))
    return DataNotFoundError(f"{data} was not found. Looked in:\n{places}\n{remedies}")


def in_words(error: BaseException) -> str:
    """Why a download failed, on one line."""
    return "download: " + " ".join(str(error).split())


def keep(files: Iterable[Path], cache: Path) -> None:
    """Move verified files into the cache, each at once: it is there whole or not at all."""
    cache.mkdir(parents=True, exist_ok=True)
    # Renaming is atomic within one file system only, so copy next to the goal first.
    with tempfile.TemporaryDirectory(dir=cache, prefix=".incoming-") as incoming:
        for file in files:
            copy = shutil.copyfile(file, Path(incoming, file.name))
            os.replace(copy, cache / file.name)


@contextlib.contextmanager
def socket_timeout(seconds: float) -> Iterator[None]:
    """Let every connection opened meanwhile fail once nothing arrives for `seconds`."""
    # torchvision offers no timeout of its own.
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
