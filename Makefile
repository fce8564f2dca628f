# Everything that this project can do. CI runs `make test`, the same as people do.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
UV ?= $(shell command -v uv)
BIN := .venv/bin
# Two steps: the rehearsal needn't wait for what only the checks need.
REHEARSABLE := .venv/.ready-to-rehearse
READY := .venv/.ready

# Wheels as they are: the files name all that is needed, nothing is built, and Python compiles what it imports.
PIP_OPTIONS := --quiet --no-input --disable-pip-version-check --no-deps --only-binary :all:
PIP_INSTALL := $(BIN)/python -m pip install $(PIP_OPTIONS) --no-compile
UV_INSTALL = $(UV) pip install --python $(BIN)/python --quiet --no-deps --only-binary :all:
INSTALL = $(if $(UV),$(UV_INSTALL),$(PIP_INSTALL))
# Where this is set, nothing compiled would be kept, and every run would compile it all again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup rehearse rehearse-engine drills test lint types imports unit bench mutations record-engine golden data-page reach-page policies-page coverage format clean

help: ## Lists every task
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Makes .venv with everything that is needed; nothing to do while requirements are the same

$(REHEARSABLE): requirements.txt requirements-rehearsal.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: Python 3.11 or newer is needed, and $(PYTHON) is older; name another: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "setting up .venv ..."
	@$(PYTHON) -m venv --without-pip .venv
	@$(if $(UV),,$(PINNED_PIP))
	@$(INSTALL) --requirement requirements-rehearsal.txt
	@touch $@

# The base Python's pip brings the pinned one, in half the time in which venv brings its own. venv does it for a Python
# without pip, or with one that can't install elsewhere (before 22.3).
PINNED_PIP = \
	if $(PYTHON) -c 'import pip; assert tuple(map(int, pip.__version__.split(".")[:2])) >= (22, 3)' 2>/dev/null; \
	then pip="$(PYTHON) -m pip --python $(BIN)/python"; \
	else $(PYTHON) -m venv .venv && pip="$(BIN)/python -m pip"; fi && \
	$$pip install $(PIP_OPTIONS) $$(grep '^pip==' requirements.txt)

$(READY): $(REHEARSABLE) requirements-dev.txt
	@echo "adding to .venv what the checks need ..."
	@$(INSTALL) --requirement requirements-dev.txt
	@touch $@

rehearse: $(REHEARSABLE) ## Brings all stacks up in the rehearsal, with policies, twice; the second time changes nothing
	@$(BIN)/python -m rehearsal rehearse

rehearse-engine: $(REHEARSABLE) ## The same on the Pulumi CLI's own engine, then down to nothing; needs `pulumi` on PATH
	@$(BIN)/python -m rehearsal rehearse-engine

drills: $(REHEARSABLE) ## Brings all stacks up once, and acts out every failover, loss and drift on copies of them
	@$(BIN)/python -m rehearsal drill --all --fresh

test: lint types imports unit ## Runs all that CI runs: ruff, basedpyright, import-linter, pytest

lint: $(READY) ## Checks style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY) ## Checks types
	@$(BIN)/basedpyright

imports: $(READY) ## Checks which module may import which
	@PYTHONPATH=.:policy $(BIN)/lint-imports

# Three processes keep two cores busy: a test of the engine waits for its program, and the program for the engine.
unit: $(READY) ## Runs pytest
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

bench: $(READY) ## Measures the embedded engine for 3, 6 and 12 cells, its memory, the policies, and the matcher; takes minutes
	@$(BIN)/python -m tests.bench

mutations: $(READY) ## Prints which rules find a mutation of the program, and searches anew where they don't any more; takes minutes
	@PYTHONPATH=.:policy $(BIN)/python -m tests.mutations

record-engine: $(READY) ## Records anew what the Pulumi CLI's own engine does; needs `pulumi` on PATH
	@RECORD=engine $(BIN)/python -m pytest tests/engine/test_journey.py

golden: $(READY) ## Records the stacks' URNs anew, after a change that is meant to change them
	@RECORD=golden $(BIN)/python -m pytest tests/stacks/test_golden.py

data-page: $(READY) ## Writes docs/data.md anew, after a change of what holds data
	@RECORD=data-page $(BIN)/python -m pytest tests/stacks/test_data_page.py

reach-page: $(READY) ## Writes docs/reach.md anew, after a change of who reaches whom
	@RECORD=reach-page $(BIN)/python -m pytest tests/stacks/test_reach_page.py

policies-page: $(READY) ## Writes docs/policies.md anew, after a change of the rules
	@cd policy && ../$(BIN)/python -m controls.pack.rules_page ../docs/policies.md

coverage: $(READY) ## Counts the benchmarks' controls by what became of them in the policy pack
	@cd policy && ../$(BIN)/python -m controls.pack.coverage

format: $(READY) ## Rewrites the sources in the project's style
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

clean: ## Removes all that the tasks made
	@rm -rf .venv .rehearsal .cache .pytest_cache .hypothesis .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
