# `make run` and `make test` each set the project up first; nothing else needs to be installed by hand.
.DEFAULT_GOAL := help
.PHONY: help setup run test lint checks style types imports spelling docs bench fuzz families clean

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
QUIET := --quiet --disable-pip-version-check
PACKAGES := flows indicators offline practices regions series
# Tests start hundreds of processes: each would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

help: ## Show what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: $(READY) ## Create .venv with the pinned dependencies and the drylands command

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	# The lock is complete. Without --no-deps pip asks for the newest sqlalchemy[asyncio] beside the pinned one, and refuses it.
	$(BIN)/python -m pip install $(QUIET) --no-compile --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip check --quiet --disable-pip-version-check
	$(BIN)/python -m pip install $(QUIET) --no-deps --no-build-isolation --editable .
	# pip would compile one module after the other, and the tests of packages, too.
	# Some packages hold files for other versions of Python: what cannot be compiled is left.
	$(BIN)/python -m compileall -qq -j 0 -x '/tests?/' $(VENV)/lib $(PACKAGES) || true
	# Compiled code is kept by the file it stands in, and does not see that a function of another file has changed.
	find indicators offline -name '*.nb[ic]' -delete
	@touch $@

run: $(READY) ## Assess three regions on the simulated landscape, from pixels to the database
	$(BIN)/drylands assess

test: $(READY) ## Run the whole test suite
	# Neighbouring tests stay in one process, which builds their fixtures once.
	# A process that is done takes tests from the others.
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: checks ## Check style, types, spelling, imports, the project rules, and build the documentation
	$(BIN)/python -m pytest -q -n 0 tests/house

# What of `lint` is no test; each can run beside the others (make -j).
checks: style types imports spelling docs

style: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

spelling: $(READY)
	$(BIN)/codespell

docs: $(READY) ## Build the documentation into site/; warnings are errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "Open site/index.html, or serve it with search: $(BIN)/python -m http.server --directory site --bind 127.0.0.1 8000"

bench: $(READY) ## Time the kernels beside their peers
	$(BIN)/python -m pytest benchmarks --benchmark-only --benchmark-columns=median,iqr,rounds

fuzz: $(READY) ## Send 200,000 random expression graphs to the offline engine
	cd tests/offline && ../../$(BIN)/python random_graphs.py 200000

families: $(READY) ## Count the tests of each family of algorithms anew, for offline/README.md
	RECORD_FAMILIES=1 $(BIN)/python -m pytest -q tests/offline

clean: ## Remove what was built, the virtual environment included
	rm -rf $(VENV) build dist site *.egg-info .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
