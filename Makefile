# Everything a newcomer types. `make demo` and `make test` need Python 3.11+ with venv, make, and the package registry.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/stamps
UV     := $(BIN)/uv
WORKERS ?= 2
ARGS   ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# uv must use this folder's environment, whichever one the caller has active.
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export UV_NO_PROGRESS := 1
export UV_LINK_MODE := copy

INSTALL := $(UV) pip install --quiet --require-hashes --compile-bytecode -r
LOCK    := $(UV) pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url --no-annotate pyproject.toml

.PHONY: help demo test test-long bench pictures lint messages lock wheel clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

demo: $(STAMPS)/project ## install, then carry every real suggestion through its whole way
	$(BIN)/jianyi demo $(ARGS)

test: $(STAMPS)/test ## install, then run the tests
	$(BIN)/python -m pytest -q -n $(WORKERS) $(ARGS)

test-long: $(STAMPS)/test ## the tests that take minutes
	$(BIN)/python -m pytest -q -n $(WORKERS) -m long $(ARGS)

bench: $(STAMPS)/test ## measure a completion beside SpiffWorkflow, the store, growth, a check of many diagrams, and the command line
	$(BIN)/python benchmarks/completion.py $(ARGS)
	$(BIN)/python -m benchmarks.storage
	$(BIN)/python -m benchmarks.growth
	$(BIN)/python -m benchmarks.check
	$(BIN)/python benchmarks/commands.py

pictures: ## read, write back, lint and draw every diagram (Node 20 and a Chromium)
	cd tools/pictures && npm ci --no-audit --no-fund && node check.mjs && node render.mjs

lint: $(STAMPS)/dev ## style, types, imports
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

messages: $(STAMPS)/dev ## gather the messages and compile the catalogues
	$(BIN)/python tools/messages.py

lock: $(UV) ## pin every requirement with its hashes
	$(LOCK) --group build -o requirements/run.txt
	$(LOCK) --group build --group test --extra postgresql -c requirements/run.txt -o requirements/test.txt
	$(LOCK) --group build --group test --group dev --extra postgresql -c requirements/test.txt -o requirements/dev.txt
	$(UV) pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url --no-annotate --group installer -o requirements/uv.txt

wheel: $(STAMPS)/project ## build dist/*.whl
	$(UV) build --quiet --wheel --no-build-isolation --out-dir dist

clean: ## remove what was made, the environment too
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(UV): requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-input --require-hashes -r requirements/uv.txt
	@touch $@

$(STAMPS)/run: $(UV) requirements/run.txt
	$(INSTALL) requirements/run.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/project: $(STAMPS)/run pyproject.toml
	$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/test: requirements/test.txt $(STAMPS)/project
	$(INSTALL) requirements/test.txt
	@touch $@

$(STAMPS)/dev: requirements/dev.txt $(STAMPS)/test
	$(INSTALL) requirements/dev.txt
	@touch $@
