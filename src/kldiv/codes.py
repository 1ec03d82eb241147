"""Real codes: how many bits a message takes when it is written for a given belief.

Each function takes a message and the probabilities that its code is made for, writes the message
and returns its length. The codes are those of the library `constriction`.

References
----------
R. Bamler, "Understanding entropy coding with asymmetric numeral systems (ANS): a statistician's
perspective", 2022, doi:10.48550/arXiv.2201.01741.
"""

from __future__ import annotations

import constriction
import numpy as np


def huffman_bits(symbols: np.ndarray, model: np.ndarray) -> int:
    """Length in bits of `symbols` in the Huffman code for probabilities `model`.

    Parameters
    ----------
    symbols : array of int, shape (length,)
        The message: indices into `model`.
    model : array of float, shape (n,)
        Probability of each symbol.

    Returns
    -------
    int
        Bits, for the whole message.

    References
    ----------
    D. A. Huffman, "A method for the construction of minimum-redundancy codes", Proc. IRE 40
    (1952), doi:10.1109/JRPROC.1952.273898.
    """
    tree = constriction.symbol.huffman.EncoderHuffmanTree(model)
    encoder = constriction.symbol.QueueEncoder()
    for symbol in symbols:
        encoder.encode_symbol(int(symbol), tree)
    _, length = encoder.get_compressed()
    return int(length)


def range_bits(symbols: np.ndarray, model: np.ndarray) -> int:
    """The same for a range coder (arithmetic coding), checked by decoding."""
    family = constriction.stream.model.Categorical(model, perfect=False)
    encoder = constriction.stream.queue.RangeEncoder()
    encoder.encode(symbols, family)
    decoder = constriction.stream.queue.RangeDecoder(encoder.get_compressed())
    _check_read_back(decoder.decode(family, len(symbols)), symbols)
    return int(encoder.num_bits())


def ans_bits(symbols: np.ndarray, model: np.ndarray) -> int:
    """The same for asymmetric numeral systems (ANS), checked by decoding."""
    family = constriction.stream.model.Categorical(model, perfect=False)
    coder = constriction.stream.stack.AnsCoder()
    coder.encode_reverse(symbols, family)
    length = int(coder.num_bits())
    _check_read_back(coder.decode(family, len(symbols)), symbols)
    return length


def _check_read_back(decoded: np.ndarray, symbols: np.ndarray) -> None:
    if not np.array_equal(decoded, symbols):
        raise RuntimeError("the decoder does not return the message")
