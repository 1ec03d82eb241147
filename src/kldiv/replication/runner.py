"""Carry out runs, on this machine or on a cluster, and keep a row for each as it finishes."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from joblib import Parallel

from kldiv import _repository
from kldiv.replication.experiments import settings
from kldiv.replication.progress import Progress
from kldiv.replication.store import Store
from kldiv.replication.variants import Run

#: How often a run is handed out again, alone, after its worker died.
RETRIES = 3

#: Seconds that a Dask scheduler has to answer, and then its first worker to be there.
CONNECT, WAIT_FOR_WORKERS = 30, 60


class FailedRunsError(RuntimeError):
    """Some runs raised an error; the others are done and kept."""


def replicate(
    runs: Sequence[Run],
    store: Store,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    device: str = "cpu",
    say: Callable[[str], None] = print,
) -> None:
    """Do the runs that the store does not have yet.

    Parameters
    ----------
    runs : sequence of Run
        What to do; a run whose row was made with the same settings is skipped.
    store : Store
        Takes each row as soon as it is there.
    jobs : int, optional
        Processes, each of one thread. Default: one a core; on a cluster, what it has.
    scheduler : str, optional
        Address of a Dask scheduler, as tcp://host:port; its workers do the runs. Without it they
        are done by processes on this machine.
    device : str
        "cpu" or "cuda".
    say : callable
        Is given a line a finished run, with the time that is left.

    Raises
    ------
    FailedRunsError
        Runs raised errors or killed their workers, and are named; all others are done and kept.
    """
    todo = [run for run in runs if not done(run, store)]
    progress = Progress(todo, skipped=len(runs) - len(todo), say=say)
    commit = describe_commit()
    failures: dict[Run, str] = {}

    def keep(result: dict[str, Any]) -> None:
        run = by_key[result["key"]]
        if "row" in result and result["row"]["settings"] != settings(run.variant.experiment):
            result = {"error": f"the worker's code differs, as its {result['row']['settings']} do"}
        if "error" in result:
            failures[run] = result["error"]
            progress.failed(run, result["error"])
            return
        store.add_pictures(run, result["pictures"])  # first: with its row a run is done
        store.add(result["row"])
        progress.finished(run, result["row"]["made_with"]["seconds"])

    by_key = {run.key: run for run in todo}
    deaths: Counter[Run] = Counter()
    alone = False  # a pool breaks as a whole: whose worker died is known of a run on its own
    while todo:
        batch = todo[:1] if alone else todo
        try:
            if scheduler is None:
                results = _on_this_machine(batch, device, commit, jobs)
            else:
                results = _on_cluster(batch, device, commit, scheduler)
            with closing(results):
                for result in results:
                    keep(result)
        except BrokenProcessPool as error:
            say(f"a worker died ({type(error).__name__}); its runs are handed out again")
            if len(batch) == 1:
                deaths[batch[0]] += 1
                if (times := deaths[batch[0]]) > RETRIES:
                    words = f"its worker died {times} times in a row: too little memory?"
                    keep({"key": batch[0].key, "error": words})
        left = [run for run in todo if not done(run, store) and run not in failures]
        alone = len(left) == len(todo)
        todo = left
    progress.close()
    if failures:
        raise FailedRunsError("\n".join(f"{run}: {error}" for run, error in failures.items()))


def done(run: Run, store: Store) -> bool:
    """Whether the store has the run's row, made with the settings that it has now."""
    row = store.get(run)
    return row is not None and row["settings"] == settings(run.variant.experiment)


def execute(run: Run, device: str, commit: str) -> dict[str, Any]:
    """Do one run, on one thread, in whatever process this is.

    Returns
    -------
    dict
        "key", and "row" with "pictures", or "error": an exception would stop the other runs.
    """
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    started = time.perf_counter()
    try:
        outcome = run.variant.experiment.run(run.seed, device=device)
    except Exception as error:
        return {"key": run.key, "error": f"{type(error).__name__}: {error}"}
    finally:
        torch.set_num_threads(threads)
    row = {
        "variant": run.variant.name,
        "seed": run.seed,
        "study": run.variant.study,
        "measures": {name: _rounded(value) for name, value in outcome.measures.items()},
        "history": {name: list(map(_rounded, col)) for name, col in outcome.history.items()},
        "settings": settings(run.variant.experiment),
        "made_with": {
            "commit": commit,
            "kldiv": _version("kldiv"),
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "machine": platform.machine(),
            "device": device,
            "threads": 1,
            "seconds": _rounded(time.perf_counter() - started),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    }
    return {"key": run.key, "row": row, "pictures": outcome.pictures}


def describe_commit() -> str:
    """The commit that the code is at, "with changes" if the package differs from it."""
    try:
        folder = _repository.root()
        commit = _git(folder, "rev-parse", "HEAD")
        changed = _git(folder, "status", "--porcelain", "--", "src")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit} with changes" if changed else commit


def _on_this_machine(
    runs: Sequence[Run], device: str, commit: str, jobs: int | None
) -> Generator[dict[str, Any], None, None]:
    """Results as they come, of joblib's processes of one thread each."""
    jobs = jobs or (1 if device.startswith("cuda") else joblib.cpu_count())
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        yield from Parallel(
            jobs, return_as="generator_unordered", batch_size=1, pre_dispatch="n_jobs"
        )(joblib.delayed(execute)(run, device, commit) for run in runs)


def _on_cluster(
    runs: Sequence[Run], device: str, commit: str, scheduler: str
) -> Generator[dict[str, Any], None, None]:
    """Results as they come, of the workers of a Dask cluster.

    A run whose worker dies is handed to another one by Dask; one that has killed several is an
    error. (joblib's own way to Dask would wait for it for ever.)
    """
    try:
        from distributed import CancelledError, Client, KilledWorker, as_completed
    except ImportError as error:
        raise ImportError(
            "a Dask scheduler needs the package distributed: pip install '.[cluster]'"
        ) from error
    with Client(scheduler, timeout=CONNECT, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=WAIT_FOR_WORKERS)
        futures = [client.submit(execute, run, device, commit, pure=False) for run in runs]
        keys = {future.key: run.key for future, run in zip(futures, runs, strict=True)}
        finished = as_completed(futures, loop=client.loop)
        del futures  # what has been fetched must not be done again when its worker dies
        for future in finished:
            try:
                result = future.result()
            except KilledWorker as error:
                result = {"key": keys[future.key], "error": f"KilledWorker: {error}"}
            except (CancelledError, OSError) as error:
                raise ConnectionError(f"lost the scheduler at {scheduler}: {error}") from error
            future.release()
            yield result


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def _version(package: str) -> str:
    return importlib.metadata.version(package)


def _rounded(value: float) -> float:
    """Six significant digits, and whole numbers whole: a file's size in bytes is exact."""
    return float(value) if float(value).is_integer() else float(f"{value:.6g}")
