# Everything that this project can do. CI runs `make test` and then `make slow`, the same as people do.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
UV ?= $(shell command -v uv)
BIN := .venv/bin
# Two steps: the rehearsal needn't wait for what only the checks need.
REHEARSABLE := .venv/.ready-to-rehearse
READY := .venv/.ready
COMPILED := .venv/.compiled
# Where these are set, every process would compile all it imports anew, and a pipe would get each line in a call.
unexport PYTHONDONTWRITEBYTECODE PYTHONUNBUFFERED

# Wheels as they are: the files name all that is needed, nothing is built, and Python compiles what it imports.
PIP_OPTIONS := --quiet --no-input --disable-pip-version-check --no-deps --only-binary :all:
PIP_INSTALL := $(BIN)/python -m pip install $(PIP_OPTIONS) --no-compile
UV_INSTALL = $(UV) pip install --python $(BIN)/python --quiet --no-deps --only-binary :all:
INSTALL = $(if $(UV),$(UV_INSTALL),$(PIP_INSTALL))

.PHONY: help setup rehearse rehearse-engine drills chains test lint types imports unit slow nightly bench mutations judges simulator record-engine duel record-duel golden data-page reach-page access-page policies-page coverage format clean

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

rehearse: $(REHEARSABLE) ## Brings all stacks up in the rehearsal, with policies, with images as they can be pushed, then again: that changes nothing
	@$(BIN)/python -m rehearsal rehearse

rehearse-engine: $(REHEARSABLE) ## The same on the Pulumi CLI's own engine, then down to nothing; needs `pulumi` on PATH
	@$(BIN)/python -m rehearsal rehearse-engine

drills: $(REHEARSABLE) ## Brings all stacks up once, and acts out every failover, loss and drift on copies of them
	@$(BIN)/python -m rehearsal drill --all --fresh

chains: $(REHEARSABLE) ## Shows the longest chains of resources that wait for each other in each stack, and who asks for each link
	@$(BIN)/python -m rehearsal chains

# The type checker keeps one core busy for a minute, and nothing else always needs both: it runs beside the others.
test: $(READY) ## Runs ruff, import-linter, basedpyright, and pytest without the slow tests
	@found=$$(mktemp); $(MAKE) --no-print-directory types > $$found 2>&1 & types=$$!; \
	$(MAKE) --no-print-directory lint imports unit; others=$$?; \
	wait $$types; types=$$?; echo "types:"; cat $$found; rm $$found; exit $$(( others || types ))

lint: $(READY) ## Checks style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY) ## Checks types
	@$(BIN)/basedpyright

imports: $(READY) ## Checks which module may import which
	@PYTHONPATH=.:policy $(BIN)/lint-imports

# Three processes keep two cores busy: a test of the engine waits for its program, and the program for the engine.
PYTEST := $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder
ifndef SEED
SEED := $(shell date +%s)# once: what is printed is what is used
endif

# Processes of tests write no bytecode (`tests/conftest.py` says why): each would compile anew what it imports.
# A mistake that keeps tests from being collected is for the run itself to tell.
$(COMPILED): $(READY)
	@echo "compiling what the tests import ..."
	@$(BIN)/python -m rehearsal.engine.processes.sdk_preload & sdk=$$!; \
	$(BIN)/python -m pytest --collect-only > /dev/null 2>&1; wait $$sdk && touch $@

unit: $(COMPILED) ## Runs pytest without the slow tests
	@$(PYTEST) -m "not slow"

slow: $(COMPILED) ## Runs the slow tests: whole platforms, drills and many examples, with fixed seeds; minutes
	@$(PYTEST) -m slow

nightly: $(COMPILED) ## Runs the slow tests and all properties for long, with random seeds; SEED=N repeats a run
	@echo "seeds of this run: make nightly SEED=$(SEED)"
	@EFFORT=nightly SEED=$(SEED) $(PYTEST) -m "slow or hypothesis" --hypothesis-seed=$(SEED)

bench: $(READY) ## Measures a preview, the embedded engine for 3, 6 and 12 cells, its memory, policies and matcher; takes minutes
	@$(BIN)/python -m tests.bench

mutations: $(READY) ## Prints which rules find a mutation of the program, and searches anew where they don't any more; takes minutes
	@PYTHONPATH=.:policy $(BIN)/python -m tests.mutations

judges: $(READY) ## Makes the digest of what others say of AWS anew, after one of their packages was raised
	@$(BIN)/python -m tests.judges

simulator: $(READY) ## Compares our evaluation of IAM with another's on the roles of the platform; needs npx and the network
	@PYTHONPATH=.:policy $(BIN)/python -m tests.simulator

record-engine: $(READY) ## Records anew what the Pulumi CLI's own engine does; needs `pulumi` on PATH
	@RECORD=engine $(BIN)/python -m pytest tests/engine/test_journey.py tests/engine/test_state_edits.py tests/engine/test_imports.py

DUEL ?= 100
duel: $(READY) ## Plays DUEL random stories on both engines and compares them; SEED=N repeats a run; needs `pulumi` on PATH
	@echo "seeds of this run: make duel DUEL=$(DUEL) SEED=$(SEED)"
	@DUEL=$(DUEL) SEED=$(SEED) $(BIN)/python -m pytest -n 2 tests/engine/duel/test_duel.py

record-duel: $(READY) ## Records anew what the CLI does in the cases of the duel; needs `pulumi` on PATH
	@RECORD=duel $(BIN)/python -m pytest -n 2 tests/engine/duel/test_cases.py -m engine

golden: $(READY) ## Records the stacks' URNs anew, after a change that is meant to change them
	@RECORD=golden $(BIN)/python -m pytest tests/stacks/test_golden.py

data-page: $(READY) ## Writes docs/data.md anew, after a change of what holds data
	@RECORD=data-page $(BIN)/python -m pytest tests/stacks/test_data_page.py

reach-page: $(READY) ## Writes docs/reach.md anew, after a change of who reaches whom
	@RECORD=reach-page $(BIN)/python -m pytest tests/stacks/test_reach_page.py

access-page: $(READY) ## Writes docs/access.md anew, after a change of whom people can act as
	@RECORD=access-page $(BIN)/python -m pytest tests/stacks/access/test_access_page.py

policies-page: $(READY) ## Writes docs/policies.md anew, after a change of the rules
	@cd policy && ../$(BIN)/python -m controls.pack.rules_page ../docs/policies.md

coverage: $(READY) ## Counts the benchmarks' controls by what became of them in the policy pack
	@cd policy && ../$(BIN)/python -m controls.pack.coverage

format: $(READY) ## Rewrites the sources in the project's style
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

clean: ## Removes all that the tasks made
	@rm -rf .venv .rehearsal .cache .pytest_cache .hypothesis .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
