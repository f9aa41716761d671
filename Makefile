# Livret. Needs Python >= 3.11 and make; everything else comes from the Python registry, into .venv.

PYTHON ?= python3
PORT   ?= 8080
DATA   ?= ./data
BUS    ?= postgres
CLOCK  ?=
WORKERS ?= 2

VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCK  := $(BIN)/uv pip compile --quiet --system-certs --universal --python-version 3.11 --generate-hashes --no-header

.DEFAULT_GOAL := help
.PHONY: help env lock run test lint fuzz booklet spec bench torture audit forget-environment forget-data

help: ## What can be made
	@echo "make TARGET [NAME=value]"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-20s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

env: $(STAMP) ## Prepare .venv (PYTHON=python3); the command is then .venv/bin/livret

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) > /dev/null || { echo "Livret needs Python >= 3.11, and there is no $(PYTHON): name one, make env PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Livret needs Python >= 3.11; $(PYTHON) is " + sys.version.split()[0] + ": name another, make env PYTHON=…")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) cannot make a virtual environment: its venv package is missing (on Debian: apt-get install python3-venv)"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Images hold what runs in them, and are built with setuptools alone: of the same pins as all the rest.
lock: $(STAMP) ## Write the lock, and those of the images out of it; pins stay as they are
	$(LOCK) --all-extras pyproject.toml -o requirements.lock
	$(LOCK) --constraints requirements.lock pyproject.toml -o deploy/images/requirements.lock
	echo setuptools | $(LOCK) --constraints requirements.lock - -o deploy/images/build.lock

# `exec` makes the command the shell's own process, so that signals reach it; and whatever ends make ends the command.
run: $(STAMP) ## Run the whole portal (PORT=8080 DATA=./data BUS=postgres|kafka CLOCK=instant)
	@exec env LIVRET_STOP_WITH_PARENT=1 $(BIN)/livret run --port $(PORT) --data "$(DATA)" --bus $(BUS) $(if $(CLOCK),--clock "$(CLOCK)")

# The S3 server of the tests is built before them, once: where that fails, they say what it means.
test: lint ## Lint, then every test, on real PostgreSQL, Kafka and S3 (WORKERS=2 at once)
	-@$(BIN)/python -m tests.support.versitygw
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

lint: $(STAMP) ## ruff, mypy strict, import-linter, bandit
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive contracts chassis services

booklet: $(STAMP) ## Every clause of the booklet: its rule, its worked cases and their result
	@$(BIN)/livret booklet

spec: $(STAMP) ## Write the API and event documents of contracts/ anew
	$(BIN)/livret spec

fuzz: $(STAMP) ## Other examples than `make test` has, and far more of each operation (minutes; EXAMPLES=100 SEED=)
	$(BIN)/python -m pytest -q -m hypothesis --hypothesis-profile explore \
		--hypothesis-seed $(or $(SEED),$$(date +%s)) tests/unit tests/integration
	LIVRET_FUZZ_EXAMPLES=$(or $(EXAMPLES),100) LIVRET_FUZZ_SEED=$(or $(SEED),$$(date +%s)) \
		$(BIN)/python -m pytest -q tests/safety/test_documents_hold.py

bench: $(STAMP) ## Measure: hours engine, delivery on both buses, REST, import (minutes)
	$(BIN)/python -m tests.bench

torture: $(STAMP) ## Kill everything while it delivers, and count what is lost or doubled (minutes)
	$(BIN)/python -m tests.torture

audit: $(STAMP) ## Ask whether any dependency has a known vulnerability; lists what could not be asked
	$(BIN)/uv tool run pip-audit --require-hashes --disable-pip -r requirements.lock

forget-environment: ## Delete .venv; the next `make env` prepares it anew
	rm -rf $(VENV)

forget-data: ## Delete the portal's data, DATA, for good: asks for SURE=yes
	@test "$(SURE)" = yes || { echo "This deletes $(DATA) and every customer in it. If so: make forget-data DATA=$(DATA) SURE=yes"; exit 1; }
	rm -rf "$(DATA)"
