"""A stale page is never shown.

Jupyter Book keeps the outputs of executed chapters and looks them up by the text of a
chapter's cells alone: a change in the package, in a pinned version or in the data goes
unnoticed. This extension names the cache after everything else that the outputs depend on,
so that such a change misses the cache and executes every chapter again. It works for
``make book`` and for a plain ``jupyter-book build .`` alike.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from sphinx.errors import ExtensionError
from sphinx.util import logging

import kldiv
from kldiv import fashion_mnist

logger = logging.getLogger(__name__)

KEPT = 2  # caches of earlier code

# What the chapters read besides the data: the code, and the small tables that long runs wrote.
FOLDERS = ["src", "results"]


def says_nothing(path: Path) -> bool:
    """Whether Python, pip or a lock makes the file, so that no output depends on it."""
    return (
        "__pycache__" in path.parts
        or path.name.startswith(".")
        or any(part.endswith(".egg-info") for part in path.parts)
    )


def fingerprint(root: Path) -> str:
    """Sixteen hex digits that change when the code, the pins, Python or the data do."""
    files = [path for folder in FOLDERS for path in (root / folder).rglob("*") if path.is_file()]
    files = [root / "requirements.txt", *sorted(f for f in files if not says_nothing(f))]
    digest = hashlib.sha256(f"{sys.version}\0{fashion_mnist.fingerprint()}".encode())
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"\0{path.relative_to(root).as_posix()}\0{content}".encode())
    return digest.hexdigest()[:16]


def choose_cache(app, config):
    """Point MyST-NB at this fingerprint's cache; remove the caches of other states."""
    root = Path(app.srcdir)
    package = Path(kldiv.__file__).resolve().parent
    if package != (root / "src" / "kldiv").resolve():
        raise ExtensionError(
            f"The chapters would run on {package}, not on this checkout's src/kldiv: "
            "install it with `pip install --no-deps -e .`"
        )
    caches = Path(app.outdir).parent / ".jupyter_cache"
    current = caches / fingerprint(root)
    if not current.exists():
        logger.info("The code, the pins or the data are new: every chapter is executed.")
    # The last few are kept: a change that is taken back costs nothing.
    others = [other for other in caches.glob("*") if other != current]
    for other in sorted(others, key=lambda path: path.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(other) if other.is_dir() else other.unlink()
    # MyST-NB registers this value so that a change makes Sphinx read every page again.
    config.nb_execution_cache_path = str(current)


def read_prose_too(app, env, added, changed, removed):
    """When a chapter changes, read the prose pages again: they may quote its numbers."""
    if added or changed or removed:
        return [name for name in env.found_docs if not name.startswith("notebooks/")]
    return []


def remove_outdated_pages(app, env, docnames):
    """Remove the pages about to be made again, and those whose chapter is gone.

    Should the build fail, the old page is not left behind.
    """
    outdir = Path(app.outdir)
    current = {outdir / f"{name}.html" for name in set(env.found_docs) - set(docnames)}
    for page in {*outdir.glob("book/**/*.html"), *outdir.glob("notebooks/**/*.html")} - current:
        page.unlink()


def forget_failed_build(app, exception):
    """After an error or a warning, let the next build read every page again.

    Sphinx would otherwise take the pages for read, and repeat none of their warnings. The
    chapters that were executed to their end stay in the cache.
    """
    if exception is not None or app._warncount:
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)


def extensions_fingerprint():
    """Hex digits that change when these extensions do: every page is made again then."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def setup(app):
    """Register the handlers with Sphinx."""
    app.add_config_value("book_extensions", extensions_fingerprint(), "env", str)
    app.connect("config-inited", choose_cache)
    app.connect("env-get-outdated", read_prose_too)
    app.connect("env-before-read-docs", remove_outdated_pages)
    app.connect("build-finished", forget_failed_build)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
