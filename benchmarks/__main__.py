"""Run every benchmark: `python -m benchmarks`. Options are passed on (see --help of each)."""

import sys

from benchmarks import training_throughput

if __name__ == "__main__":
    sys.exit(training_throughput.main())
