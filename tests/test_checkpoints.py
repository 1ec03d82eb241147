"""A run that was stopped goes on from its checkpoint, and from no other file."""

import numpy as np
import pytest
import torch
from test_training import IMAGES, STEPS, assert_same, elbo_but, press_ctrl_c, run

from kldiv.vae import ELBO, REPORT_KL, VAE, VAEConfig


@pytest.mark.parametrize("call", [STEPS + 1, STEPS + 3, 2 * STEPS])
def test_a_killed_run_resumes_to_the_same_result(tmp_path, call):
    path = tmp_path / "run.pt"
    uninterrupted = run(loss=elbo_but(0, None))
    _, history = run(loss=elbo_but(call, press_ctrl_c), checkpoint=path)
    assert len(history) == 1
    other_weights = VAE(VAEConfig(20, hidden=8), seed=99)  # the checkpoint's count, not these
    resumed = run(other_weights, elbo_but(0, None), checkpoint=path)
    assert_same(resumed, uninterrupted)
    assert not resumed[1].interrupted


def test_a_finished_run_goes_on_and_leaves_one_file(tmp_path):
    path = str(tmp_path / "run.pt")
    run(checkpoint=path, epochs=1)
    assert_same(run(checkpoint=path, epochs=3), run(epochs=3))
    assert_same(run(loss=ELBO, checkpoint=path, epochs=3), run(epochs=3))  # nothing left to do
    assert [file.name for file in tmp_path.iterdir()] == ["run.pt"]


def test_fewer_epochs_than_the_checkpoint_holds_are_not_passed_off_as_that_run(tmp_path):
    run(checkpoint=tmp_path / "run.pt", epochs=3)
    with pytest.raises(ValueError, match=r"run\.pt.*3.*2"):
        run(checkpoint=tmp_path / "run.pt", epochs=2)


def test_numpy_numbers_in_the_settings_do_not_spoil_a_checkpoint(tmp_path):
    rate = np.geomspace(1e-3, 1e-2, 2)[1]
    run(checkpoint=tmp_path / "run.pt", epochs=1, learning_rate=rate)
    assert_same(run(checkpoint=tmp_path / "run.pt", learning_rate=rate), run(learning_rate=rate))


@pytest.mark.parametrize("part", ["settings", "model", "optimizer", "order", "noise", "history"])
def test_a_checkpoint_that_lacks_a_part_is_refused_by_name(tmp_path, part):
    path = tmp_path / "run.pt"
    run(checkpoint=path, epochs=1)
    state = torch.load(path)
    del state[part]
    torch.save(state, path)
    with pytest.raises(ValueError, match=r"run\.pt"):
        run(checkpoint=path)


@pytest.mark.parametrize("damage", [lambda b: b[:-100], lambda b: b"", lambda b: b"not a zip file"])
def test_a_damaged_checkpoint_is_refused_by_name_and_kept(tmp_path, damage):
    path = tmp_path / "run.pt"
    run(checkpoint=path, epochs=1)
    path.write_bytes(damage(path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"run\.pt"):
        run(checkpoint=path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": 1}, "seed 0 there, 1 here"),
        ({"batch_size": 10}, "batch_size 16 there, 10 here"),
        ({"learning_rate": 0.5}, r"learning_rate 0\.01 there, 0\.5 here"),
        ({"data": IMAGES[:40]}, "rows 50 there, 40 here"),
        ({"loss": REPORT_KL}, "loss .*report_scale=False.*report_scale=True"),
        ({"model": VAE(VAEConfig(20, hidden=9))}, "another model"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused_by_name(tmp_path, options, message):
    run(checkpoint=tmp_path / "run.pt", epochs=1)
    with pytest.raises(ValueError, match=r"(?s)run\.pt .*" + message):
        run(**options, checkpoint=tmp_path / "run.pt")
