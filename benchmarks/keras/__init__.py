"""Keras in an environment of its own: TensorFlow pins versions that the book's packages have not.

`python -m benchmarks.keras` makes it, in `.venv-keras` beside `.venv`.
"""
