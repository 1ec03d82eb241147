"""The package's speed against others: `python -m benchmarks --help`."""
