"""The convolutional autoencoder: shapes, weights, what it computes, and what it refuses."""

import math

import pytest
import torch
from torch.nn import functional

from kldiv.convolutional import ConvolutionalConfig, ConvolutionalVAE
from kldiv.likelihoods import Normal
from kldiv.training import train
from kldiv.vae import ELBO

SMALL = ConvolutionalConfig(image=(1, 8, 8), channels=(3, 4), latent=2)


class TwoOutputs(Normal):
    """A likelihood of two numbers a pixel."""

    outputs_per_pixel = 2


@pytest.mark.parametrize(
    "config",
    [
        ConvolutionalConfig(),
        ConvolutionalConfig(image=(3, 32, 32), channels=(8, 16, 32), latent=16),
        ConvolutionalConfig(image=(2, 4, 6), channels=(3,), latent=1),
        SMALL,
    ],
    ids=str,
)
def test_shapes(config):
    model = ConvolutionalVAE(config)
    x = torch.rand(5, config.pixels, generator=torch.Generator().manual_seed(0))
    mean, log_var = model.encode(x)
    assert mean.shape == log_var.shape == (5, config.latent)
    assert model.decode_outputs(mean).shape == model.decode(mean).shape == x.shape
    assert config.pixels == math.prod(config.image)
    hidden = model.encoder_convolutions(x.unflatten(1, config.image))
    assert hidden.shape[1:] == config.inner
    two = ConvolutionalVAE(config, likelihood=TwoOutputs())
    assert two.decode_outputs(mean).shape == (5, 2 * config.pixels)


def test_the_default_is_for_fashion_mnist_and_its_weights_are_counted():
    model = ConvolutionalVAE()
    assert model.config == ConvolutionalConfig((1, 28, 28), (16, 32), 2)
    assert model.config.inner == (32, 7, 7)
    flat = 32 * 7 * 7
    encoder = (16 * 16 + 16) + (16 * 32 * 16 + 32) + 2 * (2 * flat + 2)
    decoder = (2 * flat + flat) + (32 * 16 * 16 + 16) + (16 * 16 + 1)
    assert sum(p.numel() for p in model.parameters()) == encoder + decoder
    normal = ConvolutionalVAE(likelihood=Normal())
    assert sum(p.numel() for p in normal.parameters()) == encoder + decoder + 1


def test_initial_weights_are_glorot_uniform_and_biases_zero():
    model = ConvolutionalVAE(seed=3)
    layers = [layer for layer in model.modules() if hasattr(layer, "weight")]
    assert len(layers) == 2 + 2 + 1 + 2
    for layer in layers:
        outputs, inputs = layer.weight.shape[:2]
        bound = math.sqrt(6 / ((inputs + outputs) * layer.weight[0, 0].numel()))
        weight = layer.weight.detach()
        assert 0.9 * bound < weight.abs().max() <= bound
        assert weight.std() == pytest.approx(bound / math.sqrt(3), rel=0.12)
        assert (layer.bias == 0).all()


def test_initial_weights_depend_on_the_seed_alone():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    model, again, other = (ConvolutionalVAE(SMALL, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), before)
    for name, weight in model.state_dict().items():
        assert torch.equal(again.state_dict()[name], weight)
        assert name.endswith("bias") or not torch.equal(other.state_dict()[name], weight)


def test_it_computes_what_its_layers_say():
    model = ConvolutionalVAE(SMALL)
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn(
            parameter.shape, generator=torch.Generator().manual_seed(parameter.numel())
        )
    x = torch.rand(4, 64, generator=torch.Generator().manual_seed(0))
    hidden = x.reshape(4, 1, 8, 8)
    for layer in model.encoder_convolutions[::2]:
        hidden = functional.conv2d(hidden, layer.weight, layer.bias, stride=2, padding=1).relu()
    hidden = hidden.reshape(4, -1)
    mean, log_var = model.encode(x)
    torch.testing.assert_close(mean, model.encoder_mean(hidden))
    torch.testing.assert_close(log_var, model.encoder_log_var(hidden))

    image = model.decoder_hidden(mean).reshape(4, 4, 2, 2)
    for layer in model.decoder_convolutions[1::2]:
        image = functional.conv_transpose2d(
            image.relu(), layer.weight, layer.bias, stride=2, padding=1
        )
    torch.testing.assert_close(model.decode_outputs(mean), image.reshape(4, 64))
    torch.testing.assert_close(model.decode(mean), image.reshape(4, 64).sigmoid())


def test_neighbourhoods_are_those_of_the_image():
    model = ConvolutionalVAE(SMALL)
    z = torch.zeros(1, 2)
    flat = model.encoder_convolutions(torch.zeros(1, 1, 8, 8))
    x = torch.zeros(1, 64)
    x[0, 8 * 7 + 7] = 1.0  # the last row's last pixel
    changed = model.encoder_convolutions(x.unflatten(1, (1, 8, 8))) != flat
    assert changed.any() and not changed[..., 0, :].any() and not changed[..., :, 0].any()
    assert model.decode_outputs(z).shape == (1, 64)


def test_training_reaches_every_weight_and_repeats_itself():
    x = torch.rand(40, 64, generator=torch.Generator().manual_seed(1)).round()
    histories = []
    for _ in range(2):
        model = ConvolutionalVAE(SMALL, likelihood=Normal())
        before = {name: weight.clone() for name, weight in model.state_dict().items()}
        histories.append(train(model, ELBO, x, epochs=4, batch_size=8, learning_rate=0.01))
        for name, weight in model.state_dict().items():
            assert not torch.equal(weight, before[name]), name
    assert histories[0]["loss"] == histories[1]["loss"]
    assert histories[0]["loss"][-1] < histories[0]["loss"][0]


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ({"image": (1, 28)}, "positive integers"),
        ({"image": (1, 28, 28, 1)}, "positive integers"),
        ({"image": (1, 0, 28)}, "positive integers"),
        ({"image": (1.0, 28, 28)}, "positive integers"),
        ({"channels": (16, -1)}, "positive integers"),
        ({"channels": (16, 2.5)}, "positive integers"),
        ({"latent": 0}, "positive integers"),
        ({"latent": "2"}, "positive integers"),
        ({"channels": ()}, "channels are empty"),
        ({"image": (1, 28, 30)}, r"multiples of 4.*\(28, 30\)"),
        ({"channels": (8, 8, 8)}, r"multiples of 8.*\(28, 28\)"),
    ],
)
def test_sizes_that_fit_no_network_are_refused(sizes, words):
    with pytest.raises(ValueError, match=words):
        ConvolutionalConfig(**sizes)


def test_images_of_another_size_are_refused():
    with pytest.raises(RuntimeError):
        ConvolutionalVAE(SMALL).encode(torch.zeros(2, 63))
