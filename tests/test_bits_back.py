"""Bits back: what is written is read, for as many bits as −ELBO says, or an error."""

import math

import numpy as np
import pytest
import torch

from kldiv import bits_back, lossless, training
from kldiv.bits_back import CHECKSUM, HEADER, compress, decompress
from kldiv.evaluation import elbo_terms
from kldiv.grey_levels import GreyLevels
from kldiv.training import train
from kldiv.vae import ELBO, VAE, VAEConfig

SIDE = 8
PIXELS = SIDE * SIDE
START = HEADER.size + CHECKSUM.size  # of the coder's words


def small_model(latent=4, components=1, seed=0):
    config = VAEConfig(PIXELS, hidden=16, latent=latent)
    return VAE(config, seed=seed, likelihood=GreyLevels(components))


def pictures(n, seed=0):
    """Bright blobs on black: (n, 8, 8)."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE, :SIDE]
    centres = random.uniform(2, 6, (n, 2, 1, 1))
    distance = (y - centres[:, 0]) ** 2 + (x - centres[:, 1]) ** 2
    noise = random.normal(0, 5, distance.shape)
    return np.where(distance < 6, 250 - 25 * distance + noise, 0).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def trained():
    model = small_model()
    data = torch.from_numpy(pictures(2000)).flatten(1).float() / 255
    train(model, ELBO, data, epochs=8, batch_size=32, learning_rate=5e-3)
    return model


@pytest.mark.parametrize("latent", [1, 4, 20])
@pytest.mark.parametrize("components", [1, 2])
@pytest.mark.parametrize(("n", "batch"), [(0, 32), (1, 32), (2, 1), (37, 5), (70, 32)])
def test_what_is_written_is_read(latent, components, n, batch):
    model, images = small_model(latent, components, seed=n), pictures(n)
    file = compress(model, images, batch=batch, seed=3)
    restored = decompress(model, file.data)
    assert restored.dtype == np.uint8 and restored.shape == images.shape
    assert np.array_equal(restored, images)


@pytest.mark.parametrize("level", [0, 1, 128, 255])
def test_flat_images_and_noise(trained, level):
    flat = np.full((40, SIDE, SIDE), level, np.uint8)
    noise = np.random.default_rng(level).integers(0, 256, flat.shape, dtype=np.uint8)
    for images in (flat, noise):
        assert np.array_equal(decompress(trained, compress(trained, images).data), images)


def test_images_cheaper_than_their_code_take_new_random_bits():
    """Pixels that cost nothing leave nothing for z to be taken from."""
    model = small_model(latent=20)
    with torch.no_grad():
        model.decoder_pixels.bias[:PIXELS] = -50  # every pixel is 0, for certain
        model.encoder_log_var.bias -= 6  # and q(z|x) is narrow all the same, as good as 8 bits
    images = np.zeros((300, SIDE, SIDE), np.uint8)
    file = compress(model, images, batch=16)
    assert np.array_equal(decompress(model, file.data), images)
    assert file.pixel_bits < 0.1 * file.latent_bits and file.initial_bits > 0


@pytest.mark.parametrize("spacing", [1 / 256, 1 / 32, 1 / 4, 1.0])
def test_any_spacing_is_lossless(trained, spacing):
    images = pictures(30, seed=5)
    assert np.array_equal(
        decompress(trained, compress(trained, images, spacing=spacing).data), images
    )


def test_the_file_is_as_long_as_the_negative_elbo_says(trained):
    images = pictures(1500, seed=1)
    x = torch.from_numpy(images).flatten(1).float() / 255
    nats = np.mean([elbo_terms(trained, x, seed=seed)["negative_elbo"] for seed in range(20)])
    file = compress(trained, images)
    assert file.net_bits / len(images) == pytest.approx(nats / math.log(2), rel=0.02)
    overhead = file.file_bits - file.net_bits - file.initial_bits
    assert abs(overhead - 8 * START) <= 64  # up to the coder's last words
    assert 0 < file.posterior_bits < file.prior_bits
    assert file.initial_bits <= 24 * trained.config.latent + 96 + 32


def test_the_lattice_is_in_the_price_twice_and_cancels(trained):
    images = pictures(1000, seed=2)
    coarse, fine = (compress(trained, images, spacing=s) for s in (1 / 16, 1 / 64))
    finer = 2 * trained.config.latent * len(images)  # two bits a coordinate
    assert fine.prior_bits - coarse.prior_bits == pytest.approx(finer, rel=0.06)
    assert fine.posterior_bits - coarse.posterior_bits == pytest.approx(finer, rel=0.06)
    assert fine.net_bits == pytest.approx(coarse.net_bits, rel=0.01)


def test_the_same_file_twice_and_rows_as_well_as_images(trained):
    images = pictures(20)
    file = compress(trained, images, seed=1)
    assert compress(trained, torch.from_numpy(images), seed=1).data == file.data
    assert compress(trained, images, seed=2).data != file.data
    rows = images.reshape(20, PIXELS)
    assert np.array_equal(decompress(trained, compress(trained, rows).data), rows)


def test_models_and_global_state_are_left_as_they_were(trained):
    before = {name: weight.clone() for name, weight in trained.state_dict().items()}
    state = torch.get_rng_state()
    decompress(trained, compress(trained, pictures(5)).data)
    assert all(torch.equal(before[name], weight) for name, weight in trained.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)


# --- What cannot be read ------------------------------------------------------------------------


def test_a_damaged_file_is_refused(trained):
    data = compress(trained, pictures(20)).data
    for position in range(4, len(data), 7):
        damaged = bytearray(data)
        damaged[position] ^= 1 << position % 8
        with pytest.raises(ValueError, match="damaged or incomplete"):
            decompress(trained, bytes(damaged))
    for cut in (START, len(data) // 2, len(data) - 1):
        with pytest.raises(ValueError, match="damaged or incomplete"):
            decompress(trained, data[:cut])


@pytest.mark.parametrize("data", [b"", b"KLB1", b"PNG" * 100])
def test_other_files_are_refused(trained, data):
    with pytest.raises(ValueError, match="not a bits-back file"):
        decompress(trained, data)


def test_another_model_is_refused(trained):
    data = compress(trained, pictures(3)).data
    with pytest.raises(ValueError, match="was written with the model"):
        decompress(small_model(seed=1), data)


def test_probabilities_of_another_machine_are_noticed(trained, monkeypatch):
    data = compress(trained, pictures(20)).data
    exact = GreyLevels.probabilities
    monkeypatch.setattr(GreyLevels, "probabilities", lambda self, o: exact(self, o * (1 + 1e-4)))
    with pytest.raises(ValueError, match="computes other probabilities"):
        decompress(trained, data)


@pytest.mark.parametrize(
    ("images", "options", "message"),
    [
        (np.zeros((2, SIDE, SIDE)), {}, "levels must be uint8"),
        (np.zeros(PIXELS, np.uint8), {}, "levels must be uint8"),
        (np.zeros((2, 5, 5), np.uint8), {}, "images of 25 pixels; the model takes 64"),
        (pictures(2), {"batch": 0}, "batch must be a positive integer"),
        (pictures(2), {"spacing": 0.0}, "spacing must lie between"),
        (pictures(2), {"spacing": math.nan}, "spacing must lie between"),
    ],
)
def test_wrong_arguments_are_refused(images, options, message):
    with pytest.raises(ValueError, match=message):
        compress(small_model(), images, **options)


def test_a_likelihood_without_levels_and_a_broken_model_are_refused():
    with pytest.raises(ValueError, match="gives no probabilities of grey levels; got Bernoulli"):
        compress(VAE(VAEConfig(PIXELS)), pictures(2))
    model = small_model()
    torch.nn.init.constant_(model.decoder_pixels.bias, math.nan)
    with pytest.raises(ValueError, match="NaN"):
        compress(model, pictures(2))


# --- The accounts of a whole run ----------------------------------------------------------------


def test_the_measures_of_a_run_fit_together(monkeypatch):
    sample = pictures(120)

    class Split:
        pixels = torch.from_numpy(sample).flatten(1).float() / 255
        images = torch.from_numpy(sample)

    config = lossless.ConvolutionalConfig(image=(1, SIDE, SIDE), channels=(4, 4), latent=3)
    monkeypatch.setattr(lossless.fashion_mnist, "load", lambda split: Split)

    def run():
        return lossless.code_test_images(1, epochs=2, config=config, limit=100)

    step, calls = training._step, []

    def press_ctrl_c(*arguments):
        calls.append(arguments)
        if len(calls) == 2:  # in the second epoch
            raise KeyboardInterrupt
        return step(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(training, "_step", press_ctrl_c)
        with pytest.raises(KeyboardInterrupt):  # half a model is none
            run()

    measures, history, model = run()
    assert len(history) == 2 and measures["decoded_exactly"] == 1
    assert all(isinstance(value, float) and math.isfinite(value) for value in measures.values())
    assert measures["negative_elbo"] == pytest.approx(measures["reconstruction"] + measures["kl"])
    assert measures["file_bytes"] * 8 == pytest.approx(
        measures["ratio"] * measures["bits_per_pixel"] * PIXELS * 100
    )
    difference = measures["prior_bits"] - measures["posterior_bits"]
    assert measures["latent_bits"] == pytest.approx(difference)
    weights = sum(p.numel() for p in model.parameters())
    assert measures["model_bytes"] == 4 * weights == 2 * measures["model_bytes_float16"]
    assert measures["decoder_bytes"] < measures["model_bytes"]
    assert run()[0]["file_bytes"] == (measures["file_bytes"])


def test_batches_grow_and_cover():
    for n in range(80):
        slices = bits_back._batches(n, 16)
        assert [i for some in slices for i in range(n)[some]] == list(range(n))
        assert [some.stop - some.start for some in slices[:3]] == [1, 2, 4][: len(slices)] or n < 7
