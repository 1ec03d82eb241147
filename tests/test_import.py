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


def test_modules_are_imported_when_asked_for():
    program = (
        "import sys, kldiv; print(kldiv.estimators.bootstrap.__module__, kldiv.mixtures.__name__, "
        "'kldiv.vae' in sys.modules, kldiv.distributions.KLResult.__name__)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    expected = "kldiv.estimators.bootstrap kldiv.mixtures False KLResult"
    assert found.stdout.strip() == expected, found.stderr


def test_dir_lists_names_and_modules():
    listed = dir(kldiv)
    assert listed == sorted(set(listed))
    assert {*kldiv.__all__, "estimators", "distributions", "vae", "__version__"} <= set(listed)
    assert not {"_validation", "_modules", "Any", "pkgutil"} & set(listed)
    program = f"import sys, kldiv; dir(kldiv); print([n for n in {HEAVY} if n in sys.modules])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert found.stdout.strip() == "[]", found.stderr


def test_a_module_whose_library_is_missing_is_an_attribute_that_is_not_there():
    program = (
        "import sys; sys.modules['torch'] = None; import inspect, kldiv\n"
        "print(len(inspect.getmembers(kldiv)) > 20, hasattr(kldiv, 'vae'))\n"
        "try: kldiv.vae\n"
        "except AttributeError as error: print(error)\n"
        "try: from kldiv import vae\n"
        "except ImportError as error: print(error)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    shown = found.stdout.splitlines()
    assert shown[:2] == ["True False", "kldiv.vae needs torch, which is not installed"]
    assert "import of torch" in shown[2], found.stderr


def test_all_names_are_there():
    assert all(hasattr(kldiv, name) for name in kldiv.__all__)
    with pytest.raises(AttributeError, match="no attribute 'kl_div'"):
        _ = kldiv.kl_div
