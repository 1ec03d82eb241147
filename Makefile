# Two commands matter: `make book` builds the site, `make test` runs everything that CI runs.
# Each makes .venv first, if it is missing or if the pinned versions have changed.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off
# Where PyTorch comes from, if not from where all else does: https://download.pytorch.org/whl/cpu
# has it without CUDA.
TORCH_INDEX ?=
INSTALL = $(if $(TORCH_INDEX),$(PIP) --no-deps --index-url $(TORCH_INDEX) `grep ^torch requirements.txt` &&) \
  $(PIP) --requirement requirements.txt && \
  $(PIP) --no-deps --no-build-isolation --editable .

QUIETLY := $(PYTHON) -m book.quietly
BUILD := --show '^executed|WARNING:|ERROR:' book \
  "Executing the chapters and writing the pages: some six minutes on two cores, seconds if nothing has changed" \
  $(BIN)/jupyter-book build . -W --keep-going
NOTEBOOKS := $(sort $(wildcard notebooks/*.ipynb))
# A process a processor, each with one thread; a file's tests stay together and in order.
TESTS := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

help:           ## list the targets
	@grep -hE '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

book: $(VENV)/installed  ## execute the chapters and build the site
	@$(BIN)/python -m kldiv.fashion_mnist
	@$(QUIETLY) $(BUILD)
	@printf '\nThe book is at %s\n' "$(CURDIR)/_build/html/index.html"

pdf: $(VENV)/installed  ## the whole book as one PDF (needs Chromium)
	@$(BIN)/python -m kldiv.fashion_mnist
	@$(QUIETLY) $(BUILD) --builder custom --custom-builder singlehtml
	$(BIN)/python -m book.print _build/singlehtml/book.html _build/kldiv.pdf

test: $(VENV)/installed  ## all that CI runs: lint, the chapters' stored outputs, types, the book, the tests
	$(BIN)/python -m ruff check .
	@$(BIN)/python -m kldiv.fashion_mnist
	$(TESTS) -p book.keep --nbval notebooks
	$(MAKE) -j2 types book
	$(TESTS) --doctest-modules src tests

# Nice, because it runs beside the book, which leaves a processor idle while it writes pages.
types: $(VENV)/installed  ## check the types
	nice $(BIN)/python -m mypy

audit: $(VENV)/installed  ## check every claim and write results/audit.json
	$(BIN)/python -m kldiv.claims

lab: $(VENV)/installed  ## open the chapters in JupyterLab
	$(BIN)/python -m jupyterlab notebooks $(LAB)

# As in `make replicate RUNS="report-kl beta-*:0" OPTIONS="--check"`; --help says the rest.
replicate: $(VENV)/installed  ## train and measure every variant with every seed; goes on where it stopped
	$(BIN)/python -m kldiv.replication $(OPTIONS) $(RUNS)

models: $(VENV)/installed  ## train the autoencoders that chapters and live figures show
	$(BIN)/python -m kldiv.replication.models

words: $(VENV)/installed  ## count the words of the chapters, for chapter 12
	$(BIN)/python -m kldiv.words

# pythae needs pydantic; the backport of dataclasses that it asks for is left out.
bench: $(VENV)/installed  ## measure the package's speed against others', and what pages cost
	$(PIP) --quiet "dask[array]" divergence==1.1.0 "pydantic>=2"
	$(PIP) --quiet --no-deps pythae==0.1.2
	$(BIN)/python -m benchmarks.keras
	$(BIN)/python -m benchmarks $(OPTIONS)
	$(BIN)/python -m benchmarks.site

outputs: $(VENV)/installed  ## execute the chapters and store their outputs, for nbval to compare with
	$(BIN)/python -m nbconvert --to notebook --execute --inplace \
	  --ExecutePreprocessor.timeout=600 --ExecutePreprocessor.record_timing=False \
	  --ClearMetadataPreprocessor.enabled=True --ClearMetadataPreprocessor.clear_cell_metadata=False \
	  --ClearMetadataPreprocessor.preserve_nb_metadata_mask="{'kernelspec', ('language_info', 'name')}" \
	  $(NOTEBOOKS)

clean:          ## remove the site and the executed chapters ($(VENV) stays)
	rm -rf _build .pytest_cache .hypothesis .ruff_cache .mypy_cache

# The installation, made again when what it installs changes. An interrupted one is resumed.
$(VENV)/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "$(PYTHON) is Python %d.%d, and the book needs 3.11 or newer. Name another: make PYTHON=python3.12 $(MAKECMDGOALS)" % sys.version_info[:2])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) lacks the modules that make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(QUIETLY) --show 'Downloading .*(GB|[0-9]{3}(\.[0-9])? MB)' install \
	  "Installing what the book needs into $(VENV): one to two minutes, more where PyTorch brings CUDA" \
	  sh -c '$(PYTHON) -m venv $(VENV) && $(INSTALL)'
	@touch $@

install: $(VENV)/installed  ## install into $(VENV); the other targets do that by themselves

# For an environment that is there already: make packages BIN=FOLDER
packages:
	$(INSTALL)

.PHONY: help install packages book pdf test types audit lab replicate models words bench outputs clean
.DELETE_ON_ERROR:
