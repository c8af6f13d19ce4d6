# Each target that has a ## text is listed by `make help`; there are at most twelve.

PYTHON ?= python3
PORT ?= 8000
ARGS ?=
SECONDS ?= 300

VENV := .venv
BIN := $(VENV)/bin
# The pages are left as they were written; ruff would format their code as well.
PYTHON_FOLDERS := python tests tools benchmarks examples
RUST := Cargo.toml Cargo.lock $(shell find rust -name '*.rs' -o -name Cargo.toml)

# Also for maturin, which the build looks for on the PATH.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PORT

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

.PHONY: help
help: ## List the targets
	@echo "Targets (ARGS=\"...\" is passed on to what demo, test and bench run):"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/.with-demo $(VENV)/.built ## Serve the example on the embedded engine, or on MONGODB_URI (PORT=8000)
	$(BIN)/python -m examples.stays $(ARGS)

.PHONY: test
test: $(VENV)/.with-test $(VENV)/.with-lint $(VENV)/.built ## Run every test this machine can run (MONGOLANE_REQUIRE=browser,server: fail without them)
	@$(PYTHON) tools/fetch.py data >/dev/null || true
	@$(PYTHON) tools/fetch.py spec-tests >/dev/null || true
	cargo test --quiet -p mongolane-bson -p mongolane-engine
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 $(ARGS)

.PHONY: lint
lint: $(VENV)/.with-test $(VENV)/.with-lint $(VENV)/.built ## Check format, style, types and the rules of direction
	$(BIN)/ruff check $(PYTHON_FOLDERS)
	$(BIN)/ruff format --check $(PYTHON_FOLDERS)
	$(BIN)/mypy --strict python/mongolane
	cargo fmt --all --check
	cargo clippy --quiet --all-targets -- -D warnings
	$(BIN)/python -m pytest -q tests/test_layers.py

.PHONY: fmt
fmt: $(VENV)/.with-lint ## Format Python and Rust
	$(BIN)/ruff check --fix $(PYTHON_FOLDERS)
	$(BIN)/ruff format $(PYTHON_FOLDERS)
	cargo fmt --all

.PHONY: bench
bench: $(VENV)/.with-bench $(VENV)/.built ## Measure against PyMongo, Motor and Beanie, and write the table
	$(BIN)/python -m benchmarks $(ARGS)

.PHONY: build
build: $(VENV)/.built ## Build the native module in release mode, into .venv

.PHONY: data
data: ## Fetch the real data that tests import (npm)
	$(PYTHON) tools/fetch.py data

.PHONY: spec-tests
spec-tests: ## Fetch the official specification tests (SPEC_TESTS=DIR: your own)
	$(PYTHON) tools/fetch.py spec-tests

.PHONY: real-server
real-server: ## Build and start an independent server to test on (root, Linux, Go)
	$(PYTHON) tools/real_server.py start

.PHONY: docs
docs: $(VENV)/.with-docs $(VENV)/.built ## Build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# Not listed: see CONTRIBUTING.md.
.PHONY: fuzz
fuzz: $(VENV)/.with-test $(VENV)/.built
	$(BIN)/python fuzz/run.py $(SECONDS) $(ARGS)

.PHONY: clean
clean: ## Remove what was built in this folder
	rm -rf $(VENV) .demo site target python/mongolane/_native.*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps. A change in the Rust sources rebuilds; a change in pyproject.toml looks
# at the requirements again; nothing changed costs nothing.

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit("mongolane needs Python 3.11 or newer; PYTHON=... names one" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.with-%: pyproject.toml tools/requirements.py $(VENV)/.made
	$(PYTHON) tools/requirements.py $* > $@.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $@.txt
	@touch $@

$(VENV)/.with-: pyproject.toml tools/requirements.py $(VENV)/.made
	$(PYTHON) tools/requirements.py > $@.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $@.txt
	@touch $@

$(VENV)/.built: $(RUST) pyproject.toml $(VENV)/.with-
	@command -v cargo >/dev/null || { echo "mongolane needs a Rust toolchain: cargo is not on the PATH"; exit 1; }
	@echo "building the native module; from scratch this takes a minute or two ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
