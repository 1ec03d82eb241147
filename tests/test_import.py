"""What `import kldiv` brings: NumPy, and nothing that takes long."""

import subprocess
import sys

import pytest

import kldiv

HEAVY = ["matplotlib", "scipy", "sympy", "torch", "tqdm"]


def test_importing_kldiv_imports_nothing_heavy():
    program = f"import sys, kldiv; print([name for name in {HEAVY} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert found.stdout.strip() == "[]", found.stderr


def test_all_names_are_there():
    assert all(hasattr(kldiv, name) for name in kldiv.__all__)
    with pytest.raises(AttributeError, match="no attribute 'kl_div'"):
        _ = kldiv.kl_div
