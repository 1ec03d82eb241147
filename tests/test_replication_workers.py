"""Processes that work, are killed, or die: what was finished is kept, and done once."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
import replication_fakes
from replication_fakes import (
    Dies,
    Quick,
    Threads,
    comparable,
    executions,
    runs_of,
    variant,
)

from kldiv.replication import runner
from kldiv.replication.__main__ import main
from kldiv.replication.runner import RETRIES, FailedRunsError, replicate
from kldiv.replication.store import Store


@pytest.fixture
def start(folder, results):
    """Starts the command line in a process group of its own, which is gone after the test."""
    started = []

    def start(*arguments):
        command = [sys.executable, replication_fakes.__file__, folder, "--results", str(results)]
        process = subprocess.Popen(
            [*command, *arguments],
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # A shell's background jobs ignore Ctrl-C, and so would whatever they start.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        started.append(process)
        return process

    yield start
    for process in started:
        kill(process)
        process.stdout.close()


def kill(process, number=signal.SIGKILL):
    """A signal to all processes of the group, as Ctrl-C gives one."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
    if number == signal.SIGKILL:
        process.wait()


def wait_for(condition, process):
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()[0]
        time.sleep(0.002)


def table(store, folder):
    return [json.dumps(comparable(row, folder)) for row in store]


# --- Killed -------------------------------------------------------------------------------------


def test_killed_three_times_it_ends_as_if_it_had_never_been(start, folder, results, tmp_path):
    which = ["first", "second", "--jobs"]
    for jobs, condition in [
        ("1", lambda: executions(folder) >= 1),  # at work, nothing finished
        ("2", lambda: len(Store(results)) >= 2),
        ("1", lambda: len(Store(results)) >= 6),  # this one starts with some
    ]:
        finished = {str_of(row): executions(folder, str_of(row)) for row in Store(results)}
        process = start(*which, jobs)
        wait_for(condition, process)
        kill(process)
        assert process.returncode == -signal.SIGKILL
        assert {name: executions(folder, name) for name in finished} == finished
        assert len(Store(results)) < 12

    finished = {str_of(row): executions(folder, str_of(row)) for row in Store(results)}
    said = []
    kinds = replication_fakes.command_line(folder)[:2]
    replicate(runs_of(*kinds), Store(results), jobs=1, say=said.append)
    assert said[0] == f"{12 - len(finished)} runs to do, {len(finished)} done already"
    assert {name: executions(folder, name) for name in finished} == finished
    assert 12 <= executions(folder) <= 12 + 1 + 2 + 1  # what was under way is done again

    other = tmp_path / "other"
    other.mkdir()
    whole = Store(tmp_path / "uninterrupted")
    kinds = replication_fakes.command_line(str(other))[:2]
    replicate(runs_of(*kinds), whole, jobs=1, say=lambda line: None)
    assert table(Store(results), folder) == table(whole, other)
    for kind in kinds:
        assert (Store(results).pictures(kind.name) == whole.pictures(kind.name)).all()


def str_of(row):
    return f"{row['variant']}:{row['seed']}"


def test_ctrl_c_keeps_what_is_finished_and_a_second_replication_is_refused(start, results, capsys):
    process = start("first", "second", "--jobs", "2")
    wait_for(lambda: len(Store(results)) >= 3, process)
    assert main(["report-kl:0", "--results", str(results)]) == 2
    assert capsys.readouterr().err == f"another replication is writing to {results}\n"
    kill(process, signal.SIGINT)
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 130, output
    assert "stopped; what was finished is kept, and the next call goes on" in output
    assert 3 <= len(Store(results)) < 12
    assert all(row["measures"]["kl"] == float("inf") for row in Store(results))


# --- Workers that die ---------------------------------------------------------------------------


def test_a_worker_that_dies_once_is_made_up_for(folder, results):
    store, said = Store(results), []
    kinds = [variant("dies", Dies(folder, 1, "SIGKILL"), seeds=3), variant("quick", Quick(folder))]
    replicate(runs_of(*kinds), store, jobs=2, say=said.append)
    assert [str_of(row) for row in Store(results)] == ["dies:0", "dies:1", "dies:2", "quick:0"]
    message = "a worker died (TerminatedWorkerError); its runs are handed out again"
    assert [line for line in said if "worker died" in line] == [message]
    assert sum(executions(folder, f"dies:{seed}") for seed in range(3)) >= 3 + 1
    places = [line.split("]")[0] for line in said if line.startswith("[")]
    assert places == ["[1/4", "[2/4", "[3/4", "[4/4"]


def test_a_run_that_always_kills_its_worker_is_named_and_the_others_are_kept(folder, results):
    store, said = Store(results), []
    kinds = [variant("quick", Quick(folder), seeds=2), variant("dies", Dies(folder, 99))]
    with pytest.raises(FailedRunsError) as error:
        replicate(runs_of(*kinds), store, jobs=2, say=said.append)
    message = "dies:0: its worker died 4 times in a row: too little memory?"
    assert str(error.value) == message
    assert [str_of(row) for row in Store(results)] == ["quick:0", "quick:1"]
    assert executions(folder, "quick:0") <= 2
    assert RETRIES + 1 <= executions(folder, "dies:0") <= RETRIES + 3


@pytest.mark.parametrize("dies_first", [True, False])
def test_slow_runs_beside_one_that_always_kills_its_worker_are_done(
    folder, results, dies_first, monkeypatch
):
    monkeypatch.setattr(runner, "RETRIES", 1)
    store = Store(results)
    slow = variant("slow", Quick(folder, "slow", seconds=0.5), seeds=3)
    kinds = [variant("dies", Dies(folder, 99)), slow]
    runs = runs_of(*(kinds if dies_first else kinds[::-1]))
    with pytest.raises(FailedRunsError, match="^dies:0: its worker died 2 times"):
        replicate(runs, store, jobs=2, say=lambda line: None)
    assert [str_of(row) for row in Store(results)] == ["slow:0", "slow:1", "slow:2"]


def test_workers_are_processes_of_one_thread(results):
    store = Store(results)
    replicate(runs_of(variant("threads", Threads(), seeds=2)), store, jobs=2, say=lambda line: None)
    rows = list(store)
    assert [row["measures"]["threads"] for row in rows] == [1, 1]
    assert os.getpid() % 1e5 not in [row["measures"]["pid"] for row in rows]
