"""Make the environment that Keras runs in: `python -m benchmarks.keras`."""

import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.keras.client import ENVIRONMENT, interpreter


def main() -> None:
    venv.create(ENVIRONMENT, with_pip=True)
    requirements = Path(__file__).with_name("requirements.txt")
    python = str(interpreter())
    subprocess.run([python, "-m", "pip", "install", "--requirement", requirements], check=True)
    print(f"Keras is at {ENVIRONMENT}")


if __name__ == "__main__":
    sys.exit(main())
