"""The report's autoencoder and its losses, against a literal second implementation."""

import math

import pytest
import torch
from torch.nn import functional

from kldiv import vae
from kldiv.layers import dense
from kldiv.likelihoods import Bernoulli
from kldiv.vae import VAE, Loss, VAEConfig

BATCH, PIXELS = 128, 784


@pytest.fixture
def model():
    return VAE(seed=3)


@pytest.fixture
def x():
    """A batch of images, most pixels dark."""
    return torch.rand(BATCH, PIXELS, generator=torch.Generator().manual_seed(1)) ** 4


def generator(seed=7):
    return torch.Generator().manual_seed(seed)


# --- The model ----------------------------------------------------------------------------------


def test_the_sizes_are_the_reports(model):
    sizes = {name: tuple(layer.weight.shape) for name, layer in model.named_children()}
    assert sizes == {
        "encoder_hidden": (100, 784),
        "encoder_mean": (2, 100),
        "encoder_log_var": (2, 100),
        "decoder_hidden": (100, 2),
        "decoder_pixels": (784, 100),
    }
    count = sum(p.numel() for p in model.parameters())
    assert count == (784 + 1) * 100 + 2 * (100 + 1) * 2 + (2 + 1) * 100 + (100 + 1) * 784 == 158_388


@pytest.mark.parametrize("config", [VAEConfig(), VAEConfig(pixels=12, hidden=5, latent=3)])
def test_shapes(config):
    model, images = VAE(config), torch.rand(6, config.pixels)
    mean, log_var = model.encode(images)
    assert mean.shape == log_var.shape == (6, config.latent)
    z = model.sample(mean, log_var, generator())
    assert z.shape == mean.shape
    assert model.decode(z).shape == model.decode_outputs(z).shape == images.shape
    torch.testing.assert_close(model.decode(z), model.decode_outputs(z).sigmoid())
    assert model.decode(1e6 * z).ge(0).all() and model.decode(1e6 * z).le(1).all()


def test_initial_weights_are_glorot_uniform_and_biases_zero(model):
    for layer in model.children():
        bound = math.sqrt(6 / (layer.in_features + layer.out_features))
        weight = layer.weight.detach()
        assert weight.abs().max() <= bound
        assert weight.abs().max() > 0.9 * bound and abs(weight.mean()) < 0.15 * bound
        assert weight.std() == pytest.approx(bound / math.sqrt(3), rel=0.12)
        assert (layer.bias == 0).all()


def test_initial_weights_depend_on_the_seed_alone(model):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    again, other = VAE(seed=3), VAE(seed=4)
    assert torch.equal(torch.get_rng_state(), before)
    for name, weight in model.state_dict().items():
        assert torch.equal(again.state_dict()[name], weight)
        assert name.endswith("bias") or not torch.equal(other.state_dict()[name], weight)


def test_layers_draw_one_after_the_other_from_one_generator():
    shared = generator()
    first, second = dense(4, 4, shared), dense(4, 4, shared)
    assert not torch.equal(first.weight, second.weight)
    assert torch.equal(dense(4, 4, generator()).weight, first.weight)


def test_samples_come_from_the_generator_alone(model):
    mean, log_var = torch.tensor([[1.0, -2.0]]), torch.tensor([[0.0, 2 * math.log(3.0)]])
    torch.manual_seed(0)
    before = torch.get_rng_state()
    z = model.sample(mean, log_var, generator())
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(model.sample(mean, log_var, generator()), z)
    assert not torch.equal(model.sample(mean, log_var, generator(8)), z)
    noise = torch.randn(1, 2, generator=generator())
    torch.testing.assert_close(z, mean + torch.tensor([[1.0, 3.0]]) * noise)
    many = model.sample(mean.expand(40_000, 2), log_var.expand(40_000, 2), generator())
    torch.testing.assert_close(many.mean(0), mean[0], atol=0.06, rtol=0)
    torch.testing.assert_close(many.std(0), torch.tensor([1.0, 3.0]), atol=0, rtol=0.02)


def test_gradients_reach_every_parameter_through_the_sample(model, x):
    vae.ELBO(model, x, generator=generator())["loss"].backward()
    for parameter in model.parameters():
        assert parameter.grad.isfinite().all() and parameter.grad.any()


# --- The losses ---------------------------------------------------------------------------------


def report_terms(model, x):
    """R28, R31 and R32 as the report's notebooks compute them, in loops and plain formulas."""
    mean, log_var = model.encode(x)
    pixels = model.decode(
        mean + torch.exp(0.5 * log_var) * torch.randn(mean.shape, generator=generator())
    )
    cross_entropy = torch.stack(
        [
            functional.binary_cross_entropy(*pair)  # averaged over 784 pixels
            for pair in zip(pixels, x, strict=True)
        ]
    )
    kl = -0.5 * (1 + log_var - mean**2 - log_var.exp())
    euclidean = sum(
        torch.mean((v - 1) ** 2) + torch.mean(m**2) for m, v in zip(mean, log_var, strict=True)
    )
    return cross_entropy.sum(), kl.sum(1).mean(), euclidean


@pytest.mark.parametrize(
    ("loss", "penalty"),
    [(vae.REPORT_KL, 1), (vae.REPORT_NONE, None), (vae.REPORT_EUCLIDEAN, 2)],
    ids=["R28", "R31", "R32"],
)
def test_the_reports_losses_are_what_the_report_computed(model, x, loss, penalty):
    literal = report_terms(model, x)
    terms = loss(model, x, generator=generator())
    expected = literal[penalty] if penalty else torch.tensor(0.0)
    torch.testing.assert_close(terms["reconstruction"], literal[0])
    torch.testing.assert_close(terms["penalty"], expected, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(terms["loss"], literal[0] + expected)
    assert all(term.shape == () for term in terms.values())


def test_the_elbo_is_in_nats_an_image(model, x):
    cross_entropy, kl, _ = report_terms(model, x)
    terms = vae.ELBO(model, x, generator=generator())
    torch.testing.assert_close(terms["reconstruction"], cross_entropy * PIXELS / BATCH)
    torch.testing.assert_close(terms["loss"], terms["reconstruction"] + kl)


def test_the_report_weighs_kl_6_125_times_as_the_elbo_does(model, x):
    report = vae.REPORT_KL(model, x, generator=generator())["loss"]
    beta = Loss(vae.kl_penalty, weight=6.125)(model, x, generator=generator())["loss"]
    torch.testing.assert_close(beta * BATCH / PIXELS, report)
    half = Loss(vae.kl_penalty, weight=784 / 64)(model, x[:64], generator=generator())["loss"]
    on_half = vae.REPORT_KL(model, x[:64], generator=generator())["loss"]
    torch.testing.assert_close(half * 64 / PIXELS, on_half)  # β depends on the batch size


def test_the_reports_euclidean_pull_on_a_mean_is_128_times_that_of_kl():
    mean, log_var = torch.randn(BATCH, 2, generator=generator()), torch.zeros(BATCH, 2)
    pulls = []
    for penalty in (vae.kl_penalty, vae.report_euclidean_penalty, vae.euclidean_penalty):
        at = mean.clone().requires_grad_()
        (pull,) = torch.autograd.grad(penalty(at, log_var), at)
        pulls.append(pull)
    torch.testing.assert_close(pulls[1], BATCH * pulls[0])
    torch.testing.assert_close(pulls[2], pulls[0])


@pytest.mark.parametrize(
    ("penalty", "target"),
    [(vae.kl_penalty, 0.0), (vae.euclidean_penalty, 0.0), (vae.report_euclidean_penalty, 1.0)],
)
def test_each_penalty_vanishes_at_its_target_alone(penalty, target):
    mean, log_var = torch.zeros(5, 2), torch.full((5, 2), target)
    assert penalty(mean, log_var) == 0
    assert penalty(mean + 0.1, log_var) > 0 < penalty(mean, log_var - 0.1)


def test_matched_euclidean_has_kls_weight_and_target(model, x):
    terms = vae.MATCHED_EUCLIDEAN(model, x, generator=generator())
    mean, log_var = model.encode(x)
    literal = ((mean**2 + log_var**2).sum(1) / 2).mean()
    torch.testing.assert_close(terms["penalty"], literal)
    torch.testing.assert_close(terms["loss"], terms["reconstruction"] + literal)


def test_reconstruction_is_the_negative_log_likelihood(x):
    logits = torch.linspace(-200, 200, PIXELS).expand(BATCH, -1)
    nats = Bernoulli().nats(logits, x)
    expected = -(x * functional.logsigmoid(logits) + (1 - x) * functional.logsigmoid(-logits))
    torch.testing.assert_close(nats, expected.sum(1))
    assert nats.shape == (BATCH,) and nats.isfinite().all()


@pytest.mark.parametrize("name", ["pixels", "hidden", "latent"])
@pytest.mark.parametrize("size", [0, -1, 2.0, "2", None])
def test_a_size_that_is_not_a_positive_integer_is_refused(name, size):
    with pytest.raises(ValueError, match=f"{name} .*{size!r}"):
        VAEConfig(**{name: size})
