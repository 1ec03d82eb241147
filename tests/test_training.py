"""The training loop: repeatable, resumable, interruptible, and honest when it fails."""

import math
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from kldiv.layers import dense
from kldiv.training import train
from kldiv.vae import ELBO, VAE, VAEConfig

CONFIG = VAEConfig(pixels=20, hidden=8)
IMAGES = torch.rand(50, 20, generator=torch.Generator().manual_seed(0))
STEPS = 4  # 50 rows in batches of 16: the last step takes 2


def run(model=None, loss=ELBO, data=IMAGES, **options):
    """A short run; returns the model and its history."""
    model = model or VAE(CONFIG)
    options = {"epochs": 3, "batch_size": 16, "learning_rate": 0.01} | options
    return model, train(model, loss, data, **options)


def rows(history):
    """The history without the seconds, which differ from run to run."""
    return [{k: v for k, v in row.items() if k != "seconds"} for row in history.rows]


def assert_same(one, other):
    assert rows(one[1]) == rows(other[1])
    for name, weight in one[0].state_dict().items():
        assert torch.equal(weight, other[0].state_dict()[name]), name


def elbo_but(call, action):
    """ELBO, except that one call of it, counted from 1, does something else."""
    calls = 0

    def loss(model, x, *, generator):
        nonlocal calls
        calls += 1
        return (action if calls == call else ELBO)(model, x, generator=generator)

    return loss


def press_ctrl_c(*_, **__):
    raise KeyboardInterrupt


# --- Repeatable ---------------------------------------------------------------------------------


def test_a_seed_repeats_a_run_exactly_and_another_does_not():
    first, again, other = run(seed=5), run(seed=5), run(seed=6)
    assert_same(first, again)
    assert first[1]["loss"] != other[1]["loss"]
    assert not torch.equal(first[0].decoder_pixels.weight, other[0].decoder_pixels.weight)


def test_global_random_state_is_neither_read_nor_changed():
    torch.manual_seed(1)
    np.random.seed(1)
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    first = run()
    assert torch.equal(torch.get_rng_state(), before)
    assert (np.random.get_state()[1] == numpy_before).all()
    torch.manual_seed(2)
    assert_same(first, run())


def test_the_data_are_left_alone_and_all_rows_are_seen_once_an_epoch():
    seen, data = [], torch.arange(50.0)[:, None].expand(50, 20).contiguous() / 50
    before = data.clone()

    def watch(model, x, *, generator):
        seen.append((x[:, 0] * 50).round().int().tolist())
        return ELBO(model, x, generator=generator)

    run(loss=watch, data=data, epochs=2)
    assert torch.equal(data, before)
    assert [len(batch) for batch in seen] == [16, 16, 16, 2] * 2
    rows = [row for batch in seen for row in batch]
    epochs = [rows[:50], rows[50:]]
    assert all(sorted(epoch) == list(range(50)) for epoch in epochs)
    assert epochs[0] != epochs[1] != list(range(50))


# --- What it learns and measures ----------------------------------------------------------------


def test_history_holds_the_means_of_the_terms_over_the_steps():
    model, history = run(epochs=30)
    assert len(history) == 30 and not history.interrupted
    assert set(history.last) == {
        "loss",
        "reconstruction",
        "penalty",
        "gradient_norm",
        "gradient_norm_max",
        "seconds",
    }
    assert history["loss"][-1] < history["loss"][0]
    for row in history.rows:
        assert row["loss"] == pytest.approx(row["reconstruction"] + row["penalty"])
        assert 0 < row["gradient_norm"] <= row["gradient_norm_max"]
    assert not model.training


def test_one_step_is_one_step_of_adam():
    model, history = run(epochs=1, batch_size=50, seed=9)
    by_hand = VAE(CONFIG)
    order = torch.randperm(50, generator=torch.Generator().manual_seed(9))
    loss = ELBO(by_hand, IMAGES[order], generator=torch.Generator().manual_seed(10))["loss"]
    loss.backward()
    norm = math.sqrt(sum((p.grad**2).sum() for p in by_hand.parameters()))
    torch.optim.Adam(by_hand.parameters(), lr=0.01).step()
    assert history.last["loss"] == pytest.approx(loss.item(), rel=1e-6)
    assert history.last["gradient_norm"] == pytest.approx(norm, rel=1e-5)
    for trained, expected in zip(model.parameters(), by_hand.parameters(), strict=True):
        torch.testing.assert_close(trained, expected)


def test_inputs_and_labels_are_shuffled_together():
    labels = (IMAGES[:, 0] > 0.5).long()
    model = nn.Sequential(dense(20, 2, torch.Generator().manual_seed(0)))

    def classify(model, x, y, *, generator):
        assert torch.equal(y, (x[:, 0] > 0.5).long())
        return {"loss": functional.cross_entropy(model(x), y)}

    _, history = run(model, classify, (IMAGES, labels), epochs=20, learning_rate=0.1)
    assert history.last["loss"] < 0.3 < history["loss"][0]


# --- Ctrl-C -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "finished"), [(1, 0), (STEPS + 2, 1), (3 * STEPS, 2)])
def test_ctrl_c_leaves_a_usable_model_and_history(call, finished):
    model, history = run(loss=elbo_but(call, press_ctrl_c))
    assert history.interrupted and len(history) == finished and not model.training
    assert all(weight.isfinite().all() for weight in model.state_dict().values())
    assert rows(history) == rows(run()[1])[:finished]
    assert model.decode(torch.zeros(1, 2)).isfinite().all()


# --- The progress bar, and memory ---------------------------------------------------------------


def test_the_progress_bar_is_off_away_from_a_terminal(capsys, monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    run()
    assert capsys.readouterr() == ("", "")


def test_the_progress_bar_shows_label_and_loss_on_stderr_and_is_cleared(capsys):
    _, history = run(progress=True, label="the VAE")
    out, err = capsys.readouterr()
    assert out == "" and "the VAE" in err and "150" in err
    assert re.search(rf"loss={history.last['loss']:.2f}", err)
    assert "\n" not in err and err.split("\r")[-1].strip() == err.split("\r")[-2].strip() == ""


def test_memory_stays_below_2_gb_on_60_000_images():
    code = (
        "import resource, torch; from kldiv.training import train; from kldiv.vae import *;"
        "x = torch.rand(60_000, 784);"
        "train(VAE(), REPORT_KL, x, epochs=1, batch_size=128);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert int(result.stdout) < 2e9
