r"""Bits back: images in a file without loss, for as many bits as −ELBO says.

To write an image x with a latent-variable model you need a z to write it for. Any z will do, but
it costs: log₂ 1/p(z) bits under the prior, beside the log₂ 1/p(x|z) bits of the pixels. The choice
is free, and a free choice can carry a message: z is *decoded* from bits that the file holds
already, as if they were a code for q(z|x). The reader, who knows x in the end and so knows q(z|x),
encodes z again and has those log₂ 1/q(z|x) bits back. On average an image costs

    E_q[ log₂ 1/p(x|z) + log₂ 1/p(z) − log₂ 1/q(z|x) ] = −ELBO / ln 2  bits,

and the KL term is the price of z less what comes back of it. The first images find no bits to
take from: they are given random ones, which are counted in the file's size.

The reader must compute the writer's probabilities to the last bit. Both therefore run the model in
64-bit floating point on the CPU, over batches of the same sizes. Another processor, another version
of PyTorch or another number of threads may round differently; the file holds checksums, so what
cannot be read is an error and never a wrong image.

References
----------
J. Townsend, T. Bird, D. Barber. "Practical lossless compression with latent variables using bits
back coding." ICLR (2019). https://doi.org/10.48550/arXiv.1901.04866

G. E. Hinton, D. van Camp. "Keeping the neural networks simple by minimizing the description length
of the weights." COLT (1993). https://doi.org/10.1145/168304.168306

B. J. Frey, G. E. Hinton. "Efficient stochastic source coding and an application to a Bayesian
network source model." The Computer Journal 40, 157-165 (1997).
https://doi.org/10.1093/comjnl/40.2_and_3.157
"""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import constriction
import numpy as np

from kldiv._lattice import PIXELS, LatticeModel, fingerprint
from kldiv.vae import VAE

MAGIC = b"KLB1"
# magic, images, height (0: rows), width, images a batch, spacing, model, checksum of the images
HEADER = struct.Struct("<4sIIIId8sI")
CHECKSUM = struct.Struct("<I")  # of header and words; it stands between them

Coder = constriction.stream.stack.AnsCoder


@dataclass(frozen=True)
class BitsBackFile:
    """A file, and where its bits went.

    Attributes
    ----------
    data : bytes
        The file: a header of 44 bytes, then the coder's words of 32 bits.
    images : int
        How many images it holds.
    initial_bits : int
        Random bits that were there first, for the first images to take their z from.
    pixel_bits, prior_bits, posterior_bits : int
        Of all images together: log₂ 1/p(x|z) and log₂ 1/p(z), which were written, and
        log₂ 1/q(z|x), which were taken back. Prior and posterior bits grow alike when the lattice
        is made finer; only their difference means something by itself.
    """

    data: bytes
    images: int
    initial_bits: int
    pixel_bits: int
    prior_bits: int
    posterior_bits: int

    @property
    def latent_bits(self) -> int:
        """What z cost in the end, prior bits less posterior bits; the KL term of all images."""
        return self.prior_bits - self.posterior_bits

    @property
    def net_bits(self) -> int:
        """What the images cost, pixels and z, without initial bits and header."""
        return self.pixel_bits + self.latent_bits

    @property
    def file_bits(self) -> int:
        """Length of the file, all counted."""
        return 8 * len(self.data)


def compress(
    model: VAE, levels: Any, *, seed: int = 0, batch: int = 32, spacing: float = 1 / 32
) -> BitsBackFile:
    """Write images without loss, by bits-back coding with asymmetric numeral systems.

    Parameters
    ----------
    model : VAE
        With a likelihood over 256 levels, `kldiv.grey_levels.GreyLevels`.
    levels : array of uint8, shape (n, pixels) or (n, height, width)
        The images.
    seed : int
        Decides the initial random bits.
    batch : int
        Images computed at once. The first batches hold 1, 2, 4, … images, so that few initial
        bits are needed.
    spacing : float
        Distance of the lattice on which z is written, in each dimension, between 2⁻⁸ and 1. It
        should be small beside the posterior's standard deviations.

    Returns
    -------
    BitsBackFile
        The file and its accounts, in bits.

    Raises
    ------
    ValueError
        Images that are not bytes or not of the model's size, a likelihood without probabilities of
        levels, arguments out of range, a model that returns NaN.
    """
    images = np.ascontiguousarray(levels)
    if images.dtype != np.uint8 or images.ndim not in (2, 3):
        raise ValueError(
            "levels must be uint8, (n, pixels) or (n, height, width); "
            f"got {images.dtype}, shape {images.shape}"
        )
    if not isinstance(batch, int) or batch < 1:
        raise ValueError(f"batch must be a positive integer; got {batch!r}")
    height, width = images.shape[1:] if images.ndim == 3 else (0, images.shape[1])
    rows = images.reshape(len(images), max(height, 1) * width)
    lattice = LatticeModel(model, rows.shape[1], spacing)
    random = np.random.default_rng(seed)
    coder = Coder()
    initial, changes = 0, np.zeros(3, dtype=np.int64)

    for some in _batches(len(rows), batch):
        # Should the coder run out of bits, z could not be encoded again: put random ones beneath.
        missing = lattice.most_bits(len(rows[some])) - coder.num_bits()
        if missing > 0:
            beneath = random.integers(1, 2**32, math.ceil(missing / 32), dtype=np.uint32)
            coder = Coder(np.concatenate([beneath, coder.get_compressed()]))
            initial += 32 * len(beneath)
        lengths = [coder.num_valid_bits()]
        z = coder.decode(lattice.points, *lattice.posterior(rows[some]))  # z ~ q(z|x)
        lengths.append(coder.num_valid_bits())
        symbols = rows[some].ravel().astype(np.int32)
        coder.encode_reverse(symbols, PIXELS, lattice.pixels(z))  # x, for p(x|z)
        lengths.append(coder.num_valid_bits())
        coder.encode_reverse(z, lattice.points, *lattice.prior(len(z)))  # z, for p(z)
        lengths.append(coder.num_valid_bits())
        changes += np.diff(lengths)

    posterior, pixels, prior = changes.tolist()
    data = coder.get_compressed().astype("<u4").tobytes()
    header = HEADER.pack(
        MAGIC, len(rows), height, width, batch, spacing, fingerprint(model), zlib.crc32(rows.data)
    )
    checksum = CHECKSUM.pack(zlib.crc32(header + data))
    return BitsBackFile(
        header + checksum + data,
        images=len(rows),
        initial_bits=initial,
        pixel_bits=pixels,
        prior_bits=prior,
        posterior_bits=-posterior,
    )


def decompress(model: VAE, data: bytes) -> np.ndarray:
    """Read the images of a file that `compress` wrote with the same model.

    Parameters
    ----------
    model : VAE
        The model that the file was written with; decoder and encoder are both needed, since the
        bits of q(z|x) are given back before the next z can be read.
    data : bytes
        The file.

    Returns
    -------
    array of uint8, shape (n, pixels) or (n, height, width)
        The images, bit for bit.

    Raises
    ------
    ValueError
        Not such a file, a damaged one, another model, or a machine that computes other
        probabilities than the writer's.
    """
    start = HEADER.size + CHECKSUM.size
    if len(data) < start or data[:4] != MAGIC:
        raise ValueError(
            f"not a bits-back file: {len(data)} bytes that begin with {bytes(data[:4])!r}; "
            f"expected at least {start} that begin with {MAGIC!r}"
        )
    header, words = data[: HEADER.size], data[start:]
    if zlib.crc32(header + words) != CHECKSUM.unpack(data[HEADER.size : start])[0]:
        raise ValueError("the file is damaged or incomplete: its checksum does not match")
    _, n, height, width, batch, spacing, written_by, checksum = HEADER.unpack(header)
    if written_by != (own := fingerprint(model)):
        raise ValueError(
            f"the file was written with the model {written_by.hex()}; this one is {own.hex()}"
        )
    lattice = LatticeModel(model, max(height, 1) * width, spacing)
    rows = np.empty((n, max(height, 1) * width), np.uint8)
    coder = Coder(np.frombuffer(words, "<u4").astype(np.uint32))
    for some in reversed(_batches(n, batch)):
        size = len(rows[some]) * lattice.latent
        z = coder.decode(lattice.points, *lattice.prior(size))
        rows[some] = coder.decode(PIXELS, lattice.pixels(z)).reshape(rows[some].shape)
        coder.encode_reverse(z, lattice.points, *lattice.posterior(rows[some]))  # the bits back
    if zlib.crc32(rows.data) != checksum:
        raise ValueError(
            "the images read are not those written: this machine, PyTorch or number of threads "
            "computes other probabilities than the writer's"
        )
    return rows.reshape(n, height, width) if height else rows


def _batches(n: int, batch: int) -> list[slice]:
    """Slices of 1, 2, 4, … images up to `batch`, that cover n."""
    slices, start, size = [], 0, 1
    while start < n:
        slices.append(slice(start, min(start + size, n)))
        start, size = start + size, min(2 * size, batch)
    return slices
