"""A code you can hold: a model trained, the test images written with it, and the file weighed.

−ELBO is a promise: so many nats an image. `code_test_images` has it kept, with the file on one
side of the scales and −ELBO on the other, and reports what must be sent beside the file.
"""

from __future__ import annotations

import copy
import lzma
import math
import time

import numpy as np
import torch
from torch import Tensor

from kldiv import bits_back, fashion_mnist
from kldiv.convolutional import ConvolutionalConfig, ConvolutionalVAE
from kldiv.evaluation import elbo_terms
from kldiv.grey_levels import GreyLevels
from kldiv.training import History, train
from kldiv.vae import ELBO, VAE

CONFIG = ConvolutionalConfig(channels=(16, 32), latent=32)
EPOCHS = 12
LEARNING_RATE = 2e-3


def code_test_images(
    seed: int,
    *,
    epochs: int | None = None,
    device: str = "cpu",
    config: ConvolutionalConfig | None = None,
    limit: int | None = None,
) -> tuple[dict[str, float], History, VAE]:
    """Train a model of grey levels, write the test images with it, read them, and keep accounts.

    Parameters
    ----------
    seed : int
        Decides the weights, the order of the images, the noise and the initial bits of the file.
    epochs : int, optional
        Default: `EPOCHS`.
    device : str
        Where to train. The file is written and read on the CPU.
    config : ConvolutionalConfig, optional
        Sizes of the model. Default: `CONFIG`.
    limit : int, optional
        Use only so many images of each split, for a quick look.

    Returns
    -------
    dict
        - "reconstruction", "kl", "negative_elbo": nats an image, on the test images;
          "bits_per_pixel": −ELBO in bits a pixel. "negative_elbo_float16": with the weights
          rounded to 16 bits.
        - "file_bytes": all test images, header and initial bits included; "initial_bytes",
          "file_bits_per_pixel"; "ratio": the file's bits to −ELBO's.
        - "pixel_bits", "prior_bits", "posterior_bits", "latent_bits": bits an image, as
          `kldiv.bits_back.BitsBackFile` has them; "returned_share": posterior to prior bits.
        - "decoded_exactly": 1.0 or 0.0.
        - "decoder_bytes", "model_bytes" and the same with "_float16", "_xz" (of the 32-bit
          numbers) and "_float16_xz". Bits-back decoding needs the encoder too: what must be sent
          is the model, not the decoder.
        - "train_seconds", "encode_seconds", "decode_seconds".
    History
        Of the training.
    VAE
        The model.
    """
    model, history = fit(seed, epochs=epochs, device=device, config=config, limit=limit)
    test = fashion_mnist.load("test")
    measures = code(model, test.images[:limit], seed=seed)
    return {"train_seconds": sum(history["seconds"])} | measures, history, model


def fit(
    seed: int,
    *,
    epochs: int | None = None,
    device: str = "cpu",
    config: ConvolutionalConfig | None = None,
    learning_rate: float = LEARNING_RATE,
    limit: int | None = None,
) -> tuple[VAE, History]:
    """The model after training, on the CPU, and its history; see `code_test_images`."""
    model = ConvolutionalVAE(config or CONFIG, seed=seed, likelihood=GreyLevels())
    history = train(
        model,
        ELBO,
        fashion_mnist.load("train").pixels[:limit],
        epochs=EPOCHS if epochs is None else epochs,
        learning_rate=learning_rate,
        seed=seed,
        device=device,
        label="grey levels",
    )
    if history.interrupted:  # half a training is none
        raise KeyboardInterrupt
    return model.cpu(), history


def code(model: VAE, levels: Tensor, *, seed: int = 0) -> dict[str, float]:
    """The measures of `code_test_images` for a trained model and images (n, height, width)."""
    x = levels.flatten(1).float() / 255
    n, pixels = x.shape
    terms = _elbo(model, x, seed)
    rounded = copy.deepcopy(model).half().float()

    started = time.perf_counter()
    file = bits_back.compress(model, levels, seed=seed)
    written = time.perf_counter()
    restored = bits_back.decompress(model, file.data)
    read = time.perf_counter()

    return {
        **terms,
        "bits_per_pixel": terms["negative_elbo"] / math.log(2) / pixels,
        "negative_elbo_float16": _elbo(rounded, x, seed)["negative_elbo"],
        "file_bytes": float(len(file.data)),
        "initial_bytes": file.initial_bits / 8,
        "file_bits_per_pixel": file.file_bits / n / pixels,
        "ratio": file.file_bits / n / (terms["negative_elbo"] / math.log(2)),
        "pixel_bits": file.pixel_bits / n,
        "prior_bits": file.prior_bits / n,
        "posterior_bits": file.posterior_bits / n,
        "latent_bits": file.latent_bits / n,
        "returned_share": file.posterior_bits / file.prior_bits,
        "decoded_exactly": float(np.array_equal(restored, levels.numpy())),
        **weight_bytes(model),
        "encode_seconds": written - started,
        "decode_seconds": read - written,
    }


def weight_bytes(model: VAE) -> dict[str, float]:
    """Bytes of the weights of the decoder and of the whole model: plain, 16 bits, and xz of each.

    What xz saves is little: the digits of trained weights are nearly random.
    """
    states = {
        "decoder": [w for name, w in model.state_dict().items() if name.startswith("decoder")],
        "model": list(model.state_dict().values()),
    }
    result = {}
    for part, tensors in states.items():
        for suffix, dtype in (("", torch.float32), ("_float16", torch.float16)):
            data = b"".join(w.detach().cpu().to(dtype).numpy().tobytes() for w in tensors)
            result[f"{part}_bytes{suffix}"] = float(len(data))
            result[f"{part}_bytes{suffix}_xz"] = float(len(lzma.compress(data, preset=9)))
    return result


def _elbo(model: VAE, x: Tensor, seed: int) -> dict[str, float]:
    """`elbo_terms` a thousand images at a time, each thousand with noise of its own."""
    parts = [elbo_terms(model, some, seed=seed + i) for i, some in enumerate(x.split(1000))]
    shares = [len(some) / len(x) for some in x.split(1000)]
    return {
        name: math.fsum(s * part[name] for s, part in zip(shares, parts, strict=True))
        for name in parts[0]
    }
