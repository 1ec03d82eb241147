"""Runs handed to a Dask cluster on this machine: real processes, some of which are killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import replication_fakes
from replication_fakes import TINY, Dies, Quick, comparable, executions, runs_of, variant

from kldiv.replication import runner
from kldiv.replication.__main__ import main
from kldiv.replication.runner import FailedRunsError, replicate
from kldiv.replication.store import Store

HERE = str(Path(replication_fakes.__file__).parent)


class Cluster:
    """A scheduler, and workers of one thread that stay dead once they are killed."""

    def __init__(self, folder, workers):
        self.folder, file = folder, folder / "scheduler.json"
        common = ["--scheduler-file", str(file), "--host", "127.0.0.1", "--no-dashboard"]
        self.scheduler = self._start("dask_scheduler", "--port", "0", *common)
        deadline = time.monotonic() + 60
        while not (file.exists() and file.read_text().endswith("}")):
            assert self.scheduler.poll() is None and time.monotonic() < deadline, self.log()
            time.sleep(0.05)
        self.address = json.loads(file.read_text())["address"]
        self.workers = [
            self._start("dask_worker", "--no-nanny", "--nthreads", "1", *common)
            for _ in range(workers)
        ]

    def _start(self, module, *arguments):
        # A run that kills two workers is given up; one whose worker is killed is not.
        settings = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1", "PYTHONPATH": HERE}
        with open(self.folder / "log", "a") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *arguments],
                env=os.environ | settings | {"OMP_NUM_THREADS": "1"},
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )

    def alive(self):
        return [worker for worker in self.workers if worker.poll() is None]

    def log(self):
        return (self.folder / "log").read_text()

    def close(self):
        for process in (self.scheduler, *self.workers):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"), workers=4)
    yield cluster
    cluster.close()


def once(condition, action):
    """Does something as soon as a condition holds, while the test goes on."""

    def watch():
        while not condition():
            time.sleep(0.005)
        action()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def test_a_worker_killed_midway_costs_nothing_but_time(cluster, folder, store, tmp_path):
    kinds = [
        variant("quick", Quick(folder, seconds=0.2), seeds=16),
        variant("tiny", TINY, seeds=2),
    ]
    victim, said = cluster.alive()[0], []
    killer = once(lambda: len(store) >= 5, lambda: victim.send_signal(signal.SIGKILL))
    replicate(runs_of(*kinds), store, scheduler=cluster.address, say=said.append)
    killer.join(5)
    assert victim.poll() == -signal.SIGKILL and len(cluster.alive()) >= 2, cluster.log()

    keys = [("quick", seed) for seed in range(16)] + [("tiny", 0), ("tiny", 1)]
    assert [(row["variant"], row["seed"]) for row in Store(store.folder)] == keys
    assert len([line for line in said if line.startswith("[")]) == 18  # none is said twice
    # Done again is what the killed worker had not handed over, and nothing else.
    assert 16 <= executions(folder) <= 16 + 2

    local = Store(tmp_path / "local")
    replicate(runs_of(*kinds), local, jobs=1, say=said.append)
    for here, there in zip(local, Store(store.folder), strict=True):
        assert json.dumps(comparable(here)) == json.dumps(comparable(there))
    assert (store.pictures("quick") == local.pictures("quick")).all()

    replicate(runs_of(*kinds), store, scheduler=cluster.address, say=said.append)
    assert said[-1] == "0 runs to do, 18 done already"


def test_a_run_that_kills_its_workers_is_named_and_the_others_are_kept(cluster, folder, store):
    """joblib's own backend for Dask never comes back from this."""
    before = len(cluster.alive())
    kinds = [variant("quick", Quick(folder), seeds=3), variant("dies", Dies(folder, 99))]
    with pytest.raises(FailedRunsError, match="dies:0: KilledWorker: .* on 2 different workers"):
        replicate(runs_of(*kinds), store, scheduler=cluster.address, say=lambda line: None)
    assert [row["variant"] for row in Store(store.folder)] == ["quick"] * 3
    assert executions(folder, "dies:0") == 2 == before - len(cluster.alive())


def test_a_scheduler_that_is_lost_is_named_and_what_was_finished_is_kept(cluster, folder, store):
    runs = runs_of(variant("quick", Quick(folder, seconds=0.2), seeds=20))
    killer = once(lambda: len(store) >= 2, cluster.scheduler.kill)
    with pytest.raises(ConnectionError, match=f"lost the scheduler at {cluster.address}"):
        replicate(runs, store, scheduler=cluster.address, say=lambda line: None)
    killer.join(5)
    assert 2 <= len(Store(store.folder)) < 20


def test_where_no_scheduler_answers_the_error_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(runner, "CONNECT", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # and does not listen
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        started = time.monotonic()
        assert main(["report-kl:0", "--scheduler", address, "--results", str(tmp_path)]) == 1
    assert time.monotonic() - started < 10
    out, err = capsys.readouterr()
    assert out == "1 runs to do, none done yet\n"
    assert f"Timed out trying to connect to {address}" in err
    assert not (tmp_path / "runs.jsonl").exists()


def test_without_the_package_distributed_the_error_says_what_to_install(
    monkeypatch, tmp_path, capsys
):
    monkeypatch.setitem(sys.modules, "distributed", None)
    arguments = ["report-kl:0", "--scheduler", "tcp://127.0.0.1:1", "--results", str(tmp_path)]
    assert main(arguments) == 1
    message = "a Dask scheduler needs the package distributed: pip install '.[cluster]'\n"
    assert capsys.readouterr().err == message
