"""Execute the chapters, and the pages that compute something, side by side.

MyST-NB executes a chapter when Sphinx reads it, one after the other. Those that the cache lacks
are executed here before, as many at a time as there are processors, each with one thread, and put
into the same cache. What fails here is left to MyST-NB, which tries again and reports.
"""

import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors import utils
from myst_nb.core.read import create_nb_reader
from sphinx.util import logging

logger = logging.getLogger(__name__)


def processors():
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def not_in_cache(env, docnames, cache):
    """Chapters and pages to execute, those that train networks first: they take longest."""
    waiting = []
    for name in docnames:
        path = Path(env.doc2path(name))
        text = path.read_text(encoding="utf-8")
        reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text)
        if reader is None:
            continue  # a page without code
        notebook = reader.read(text)
        try:
            cache.match_cache_notebook(notebook)
        except KeyError:
            waiting.append((path, notebook))
    return sorted(waiting, key=lambda chapter: not trains(chapter[1]))


def trains(notebook):
    """Whether a chapter trains a network."""
    return any("training.train" in cell.source for cell in notebook.cells)


def keep(cache, path, notebook, seconds):
    """Put an executed notebook where MyST-NB looks for it."""
    bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def execute_side_by_side(app, env, docnames):
    """Fill the cache."""
    if app.config.nb_execution_mode != "cache":
        return
    cache = get_cache(app.config.nb_execution_cache_path)
    waiting = not_in_cache(env, docnames, cache)
    workers = min(len(waiting), processors())
    if workers < 2:
        return
    threads = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"  # for the kernels: two of one thread beat one of two
    timeout = app.config.nb_execution_timeout
    try:
        with ThreadPoolExecutor(workers) as pool:
            runs = {
                pool.submit(
                    utils.single_nb_execution, notebook, str(path.parent), timeout, False
                ): path
                for path, notebook in waiting
            }
            for done, run in enumerate(as_completed(runs), 1):
                path = runs[run]
                try:
                    result = run.result()
                except Exception as error:  # a kernel that died
                    logger.info(
                        "executed %d of %d: %s, failed: %s", done, len(runs), path.stem, error
                    )
                    continue
                if result.err is None:
                    keep(cache, path, result.nb, result.time)
                outcome = "failed" if result.err else f"{result.time:.0f} s"
                logger.info("executed %d of %d: %s, %s", done, len(runs), path.stem, outcome)
    finally:
        if threads is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = threads


def setup(app):
    """Register the handler with Sphinx."""
    app.connect("env-before-read-docs", execute_side_by_side, priority=900)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
