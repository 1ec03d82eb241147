"""Where NumPy, SciPy and PyTorch document the names that the chapters use.

Sphinx links to other projects by their inventories, which it would fetch from their sites at each
build. The book is made without a network, so the inventories are written here, from the names and
from how each site forms an address.
"""

import zlib
from pathlib import Path

from docutils import nodes
from sphinx_codeautolink.extension.block import CodeBlockAnalyser

SITES = {
    "numpy": "https://numpy.org/doc/stable/",
    "scipy": "https://docs.scipy.org/doc/scipy/",
    "torch": "https://docs.pytorch.org/docs/stable/",
}

#: Name → address within the site; `$` stands for the name.
PAGE = "reference/generated/$.html#$"
NAMES = {
    "numpy": {
        **dict.fromkeys(
            [
                "all",
                "allclose",
                "any",
                "append",
                "arange",
                "argmax",
                "argmin",
                "argsort",
                "array",
                "array_equal",
                "asarray",
                "bincount",
                "broadcast_to",
                "clip",
                "concatenate",
                "convolve",
                "cos",
                "cumsum",
                "diag",
                "diff",
                "empty_like",
                "errstate",
                "exp",
                "expm1",
                "eye",
                "flatnonzero",
                "full",
                "geomspace",
                "gradient",
                "histogram",
                "hstack",
                "hypot",
                "indices",
                "isclose",
                "isfinite",
                "isinf",
                "kron",
                "linalg.cholesky",
                "linalg.lstsq",
                "linalg.norm",
                "linspace",
                "log",
                "log1p",
                "logaddexp",
                "max",
                "mean",
                "median",
                "meshgrid",
                "min",
                "minimum",
                "maximum",
                "ones",
                "outer",
                "percentile",
                "ptp",
                "quantile",
                "roll",
                "searchsorted",
                "sign",
                "sin",
                "sort",
                "sqrt",
                "stack",
                "std",
                "sum",
                "trapezoid",
                "unique",
                "vstack",
                "where",
                "zeros",
                "zeros_like",
            ],
            PAGE,
        ),
        "abs": "reference/generated/numpy.absolute.html#numpy.absolute",
        "random.default_rng": "reference/random/generator.html#$",
    },
    "scipy": dict.fromkeys(
        [
            "integrate.quad",
            "optimize.brentq",
            "optimize.minimize",
            "spatial.distance.jensenshannon",
            "special.entr",
            "special.kl_div",
            "special.rel_entr",
            "special.softmax",
            "stats.beta",
            "stats.binom",
            "stats.cauchy",
            "stats.entropy",
            "stats.expon",
            "stats.gamma",
            "stats.laplace",
            "stats.norm",
            "stats.poisson",
            "stats.uniform",
            "stats.wasserstein_distance",
        ],
        PAGE,
    ),
    "torch": {
        **dict.fromkeys(
            [
                "allclose",
                "cat",
                "equal",
                "exp",
                "log",
                "logit",
                "nn.functional.binary_cross_entropy",
                "nn.functional.cross_entropy",
                "nn.functional.kl_div",
                "nn.functional.log_softmax",
                "nn.functional.one_hot",
                "no_grad",
                "ones",
                "randperm",
                "softmax",
                "stack",
                "tensor",
                "zeros",
                "Generator",
            ],
            "generated/$.html#$",
        ),
        "distributions.kl.kl_divergence": "distributions.html#$",
        "distributions.normal.Normal": "distributions.html#$",
    },
}


def inventory(project):
    """The inventory file of `project`, in the format of Sphinx, version 2."""
    lines = [
        f"{project}.{name} py:function 1 {address.replace('$', f'{project}.{name}')} -\n"
        for name, address in NAMES[project].items()
    ]
    head = f"# Sphinx inventory version 2\n# Project: {project}\n# Version:\n"
    head += "# The remainder of this file is compressed using zlib.\n"
    return head.encode() + zlib.compress("".join(lines).encode())


def write_inventories(app, config):
    """Write the files and name them to intersphinx."""
    folder = Path(app.outdir).parent / "inventories"
    folder.mkdir(parents=True, exist_ok=True)
    for project, site in SITES.items():
        file = folder / f"{project}.inv"
        file.write_bytes(inventory(project))
        config.intersphinx_mapping[project] = (site, (str(file),))


def leave_section(self, node):
    """Forget a section's title, if it had one: those of sphinx-exercise do not."""
    if any(isinstance(child, nodes.title) for child in node.children):
        self.title_stack.pop()


CodeBlockAnalyser.depart_section = leave_section


def setup(app):
    """Register the handler with Sphinx, before intersphinx reads its settings."""
    app.connect("config-inited", write_inventories, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
