"""What the downloads of Fashion-MNIST and of CIFAR-10 share: they end, and are kept whole.

torchvision downloads into a temporary folder. Whatever interrupts it leaves its half-made files
there, where nobody looks for data; only whole, verified files move on into the cache.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

STALL_SECONDS = 10.0  # a download that receives nothing for this long has failed


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
