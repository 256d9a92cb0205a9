# Every target sets itself up: a bare python3 (3.11 or newer, with pip and venv) is enough.
# Another Python: make test PYTHON=python3.12. Less of it: make test TESTS=tests/unit, make bench ARGS=serving

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CODE := safety tests docs

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check format bench models screenshots docs clean

help: ## Say what can be made
	@echo "make run     start the service with a demo stream and open a review desk"
	@echo "make test    run every test but the benchmarks"
	@echo "make check   lint, format, types, the staircase of imports, spelling, own lints"
	@echo "make format  put the code into shape"
	@echo "make bench   measure; one line per figure, also in bench.json"
	@echo "make models  train every model again as a candidate: make models DATA=folder"
	@echo "make screenshots  take the pictures of the desk that the documentation shows"
	@echo "make docs    write the generated pages again and test that the docs are complete"
	@echo "make clean   remove what these targets made"

run: $(VENV)/.ready
	@$(BIN)/python -m safety run $(ARGS)

test: $(VENV)/.ready-dev
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not bench" $(TESTS)

check: $(VENV)/.ready-dev
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports
	@$(BIN)/typos
	@$(BIN)/python -m pytest tests/unit/house

format: $(VENV)/.ready-dev
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix $(CODE)

bench: $(VENV)/.ready-dev
	@$(BIN)/python -m tests.bench $(ARGS)

# Candidates: each is written beside the version that is shipped, with a page of charts in build/.
MODELS := spam abuse fake_follower bot
DATA ?=

models: $(VENV)/.ready-dev
	@test -d "$(DATA)" || { echo "Where is the labelled data? make models DATA=folder" >&2; exit 1; }
	@mkdir -p build
	@for name in $(MODELS); do \
	  $(BIN)/python -m safety train $$name --data "$(DATA)" --report build/$$name.html || exit 1; \
	done

screenshots: $(VENV)/.ready-dev
	@$(BIN)/python -m tests.e2e.screenshot $(ARGS)

docs: $(VENV)/.ready-dev
	@$(BIN)/python docs/generate.py
	@$(BIN)/python -m pytest tests/unit/house -k docs

clean:
	rm -rf $(VENV) build dist bench.json *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find safety tests docs -type d -name __pycache__ -prune -exec rm -rf {} +

# What the service needs, and nothing else.
$(VENV)/.ready: pyproject.toml constraints.txt | $(VENV)/.made
	@echo "Installing Safety Gate into $(VENV) ..."
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[fast]'
	@touch $@

# What its tests and checks need too. It holds everything that the stamp above promises.
$(VENV)/.ready-dev: pyproject.toml constraints.txt | $(VENV)/.made
	@echo "Installing Safety Gate and its development tools into $(VENV) ..."
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	@touch $(VENV)/.ready $@

# The build backend is pinned as well, so it is installed here and not in an isolated build.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Safety Gate needs Python 3.11 or newer, and '$(PYTHON)' is not that." >&2; \
	  echo "Name another one: make $(or $(MAKECMDGOALS),run) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
	  echo "'$(PYTHON)' cannot make virtual environments (on Debian: apt install python3-venv)." >&2; \
	  exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --constraint constraints.txt hatchling editables
	@touch $@
