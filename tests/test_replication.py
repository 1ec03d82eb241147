"""What is done, skipped and kept; what a row tells of its making."""

import importlib.metadata
import json
import platform
import re
import subprocess
from dataclasses import replace

import numpy as np
import pytest
import torch
from replication_fakes import (
    TINY,
    Quick,
    Raises,
    Threads,
    executions,
    runs_of,
    variant,
)

import kldiv.training
from kldiv.replication import runner
from kldiv.replication.experiments import settings
from kldiv.replication.runner import FailedRunsError, describe_commit, done, execute, replicate
from kldiv.replication.store import Store
from kldiv.vae import ELBO, Loss, no_penalty


def do(which, store):
    """Replicate in this process; returns what was said."""
    said = []
    replicate(which, store, jobs=1, say=said.append)
    return said


# --- What is done, and what is not done again ---------------------------------------------------


def test_what_is_done_is_skipped_and_said_to_be(folder, store):
    kind = variant("quick", Quick(folder), seeds=4)
    do(runs_of(kind)[:2], store)
    assert (executions(folder), len(store)) == (2, 2)
    said = do(runs_of(kind), store)
    assert executions(folder) == 4 and said[0] == "2 runs to do, 2 done already"
    before = store.path.read_bytes()
    assert do(runs_of(kind), Store(store.folder)) == ["0 runs to do, 4 done already"]
    assert executions(folder) == 4 and store.path.read_bytes() == before


def test_a_run_with_other_settings_is_done_again_alone(folder, store):
    old, other = variant("quick", Quick(folder), seeds=2), variant("same", Quick(folder, "same"))
    do(runs_of(old, other), store)
    new = replace(old, experiment=Quick(folder, seconds=1e-9))
    assert not any(done(run, store) for run in runs_of(new))
    said = do(runs_of(new, other), store)
    assert said[0] == "2 runs to do, 1 done already"
    assert executions(folder, "same:0") == 1 and executions(folder, "quick:1") == 2
    assert all("1e-09" in row["settings"] for row in store if row["variant"] == "quick")
    assert len(store) == 3


def test_settings_tell_losses_and_models_apart():
    losses = [ELBO, Loss(no_penalty), Loss(ELBO.penalty, 2.0), Loss(ELBO.penalty, 1.0, True)]
    kinds = [replace(TINY, loss=loss) for loss in losses]
    kinds += [replace(TINY, epochs=3), replace(TINY, likelihood="Normal")]
    assert len({settings(kind) for kind in kinds}) == len(kinds)
    assert settings(TINY) == settings(replace(TINY)) and " at 0x" not in settings(TINY)
    assert "'penalty': 'kl_penalty'" in settings(TINY)


def test_failures_are_named_and_everything_else_is_kept(folder, store):
    bad, good = variant("bad", Raises(folder), seeds=2), variant("good", Quick(folder), seeds=2)
    said = []
    with pytest.raises(FailedRunsError) as error:
        replicate(runs_of(bad, good), store, jobs=1, say=said.append)
    named = [f"bad:{s}: ZeroDivisionError: seed {s} of all seeds" for s in (0, 1)]
    assert str(error.value).splitlines() == named
    assert [row["variant"] for row in Store(store.folder)] == ["good", "good"]
    assert said[1:3] == [
        "[1/4] bad:0 FAILED: ZeroDivisionError: seed 0 of all seeds",
        "[2/4] bad:1 FAILED: ZeroDivisionError: seed 1 of all seeds",
    ]
    assert executions(folder, "raises:0") == 1  # an error is not tried again
    with pytest.raises(FailedRunsError):  # but the next call does so
        do(runs_of(bad, good), store)
    assert executions(folder, "raises:0") == 2 and executions(folder, "quick:0") == 1


def test_a_row_made_by_other_code_is_no_row_of_this_one(folder, store, monkeypatch):
    def elsewhere(run, device, commit):
        result = execute(run, device, commit)
        return result | {"row": result["row"] | {"settings": "{'older': 'code'}"}}

    monkeypatch.setattr(runner, "execute", elsewhere)
    with pytest.raises(FailedRunsError, match="quick:0: the worker's code differs.*older"):
        do(runs_of(variant("quick", Quick(folder))), store)
    assert len(store) == 0 and executions(folder) == 1


def test_pictures_are_there_once_a_run_counts_as_done(folder, store, monkeypatch):
    def killed(row):
        raise KeyboardInterrupt

    run = runs_of(variant("quick", Quick(folder)))
    with monkeypatch.context() as patch:
        patch.setattr(store, "add", killed)
        with pytest.raises(KeyboardInterrupt):
            do(run, store)
    assert not done(*run, store) and store.pictures("quick").shape == (3, 6)
    do(run, store)
    assert executions(folder) == 2


def test_half_a_training_is_no_row(store, monkeypatch):
    """`train` ends early at Ctrl-C; what is left must not be taken for the whole."""
    calls = []

    def press_ctrl_c(*arguments):
        calls.append(arguments)
        if len(calls) == 8:  # in the second epoch
            raise KeyboardInterrupt
        return step(*arguments)

    step = kldiv.training._step
    monkeypatch.setattr(kldiv.training, "_step", press_ctrl_c)
    images = torch.rand(40, 9, generator=torch.Generator().manual_seed(0))
    data = kldiv.replication.experiments.Data(images, images, None)
    monkeypatch.setattr(kldiv.replication.experiments, "load", lambda name: data)
    training = kldiv.replication.experiments.Training(
        ELBO, 1e-2, epochs=3, batch_size=8, model=TINY.model
    )
    with pytest.raises(KeyboardInterrupt):
        do(runs_of(variant("training", training)), store)
    assert len(calls) == 8 and len(store) == 0


def test_nothing_to_do_says_so_and_no_more(store):
    assert do([], store) == ["0 runs to do, none done yet"]
    assert not store.folder.exists()


# --- What a row tells of its making -------------------------------------------------------------


def test_a_row_says_what_it_was_made_with(folder, store):
    kind = variant("quick", Quick(folder, seconds=0.05))
    do(runs_of(kind), store)
    (row,) = map(json.loads, store.path.read_text().splitlines())
    assert list(row) == [
        *("variant", "seed", "study", "measures", "history", "settings", "made_with")
    ]
    made_with = row["made_with"]
    assert made_with.pop("seconds") == pytest.approx(0.05, abs=0.2)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", made_with.pop("finished"))
    assert made_with == {
        "commit": describe_commit(),
        "kldiv": importlib.metadata.version("kldiv"),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "machine": platform.machine(),
        "device": "cpu",
        "threads": 1,
    }
    assert row["settings"] == settings(kind.experiment) and "0.05" in row["settings"]
    assert row["study"] == kind.study and row["measures"]["nll"] == 0.12573  # six digits


def test_a_run_has_one_thread_and_leaves_the_threads_as_they_were(folder):
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        result = execute(*runs_of(variant("threads", Threads())), "cpu", "none")
        assert result["row"]["measures"]["threads"] == 1 and torch.get_num_threads() == 3
        result = execute(*runs_of(variant("raises", Raises(folder))), "cpu", "none")
        assert result["error"].startswith("ZeroDivisionError") and torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(threads)


def test_the_commit_is_that_of_the_book_or_unknown(monkeypatch, tmp_path):
    assert re.fullmatch(r"[0-9a-f]{40}( with changes)?|unknown", describe_commit())

    def git(*arguments):
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )

    monkeypatch.setattr(runner._repository, "root", lambda: tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert describe_commit() == "unknown"
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("a = 1\n")
    git("init")
    git("add", ".")
    git("commit", "--message", "one")
    assert re.fullmatch("[0-9a-f]{40}", describe_commit())
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "runs.jsonl").touch()  # what runs write is no change of the code
    assert re.fullmatch("[0-9a-f]{40}", describe_commit())
    (tmp_path / "src" / "a.py").write_text("a = 2\n")
    assert re.fullmatch("[0-9a-f]{40} with changes", describe_commit())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert describe_commit() == "unknown"
