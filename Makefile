# What a developer or a newcomer does with Convenor. `make` alone explains every target.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One more than there are cores: a test that waits for a browser or a clock leaves a core to another one.
WORKERS = $$($(PYTHON) -c 'import os; print(1 + (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1))')
PYTEST = $(BIN)/pytest -q -n $(WORKERS) --dist worksteal --ignore tests/timing
# What measures how long something takes has nothing beside it.
PYTEST_TIMING := $(BIN)/pytest -q tests/timing
.DEFAULT_GOAL := help
# The tests start Convenor and its parsing processes: without compiled modules each start takes half as long again.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help install install-dev demo run test test-tools check faults bench playground docs screenshots requirements clean

help: ## Explain every target
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(VENV)/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Convenor needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "A virtual environment could not be made. On Debian: apt install python3-venv"; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt tests/package-lock.json
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@sh tests/tools.sh
	@touch $@

install: $(VENV)/installed ## Install what Convenor needs to run, into .venv

install-dev: $(VENV)/installed-dev ## Install what the tests need as well

demo: install ## Try Convenor in the browser, with no account (OFFLINE=1: from the bundled sample feeds)
	$(BIN)/convenor demo $(if $(filter-out 0,$(OFFLINE)),--offline)

run: install ## Run Convenor with the settings of the environment and .env
	$(BIN)/convenor run

test-tools: $(VENV)/installed-dev ## Fetch the Slack emulator that the journey tests drive
	@sh tests/tools.sh

test: install-dev ## Run every test
	$(PYTEST)
	$(PYTEST_TIMING)

check: install-dev ## All that CI checks: format, lint, types, import walls, migrations and tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST)
	$(PYTEST_TIMING)

faults: install-dev ## Kill the sender 200 times at each sort of moment, with Slack and Teams, and 200 weeks anywhere in them, on both databases (CONVENOR_SEED: which 200)
	CONVENOR_KILLS=200 $(PYTEST) tests/faults

bench: install-dev ## Measure tagging beside keywords and a learned tagger, drafts beside real editions, matching beside plain search, intake beside the reader library, a start, chat under load, and several processes
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	$(BIN)/python tests/bench/tagging.py --peer .venv-bench/bin/python
	$(BIN)/python tests/bench/curator.py
	$(BIN)/python tests/bench/matching.py
	$(BIN)/python tests/bench/intake.py --peer .venv-bench/bin/python
	$(BIN)/python -m tests.bench.startup
	$(BIN)/python -m tests.bench.chat
	$(BIN)/python -m tests.bench.scale

playground: install-dev ## Try Convenor in Microsoft's Agents Playground, which is fetched by npm under its own licence: a Teams without an account
	@command -v npm >/dev/null || { echo "The Playground comes by npm, which is not here. On Debian: apt install npm"; exit 1; }
	@cd tests/playground && npm ci --silent
	$(BIN)/python -m tests.playground.start

docs: install ## Build the site of the documents into build/docs; a link that leads nowhere fails
	@test -x .venv-docs/bin/python || $(PYTHON) -m venv .venv-docs
	.venv-docs/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.txt
	$(BIN)/python -m bot.reference docs/reference
	.venv-docs/bin/sphinx-build --quiet --fail-on-warning --keep-going --nitpicky --fresh-env -c docs . build/docs

screenshots: install-dev ## Take the pictures in docs/ anew
	CONVENOR_SCREENSHOTS=docs/images $(BIN)/pytest -q tests/journeys/test_browser_approval.py tests/journeys/test_desk_browser.py tests/journeys/test_introductions_browser.py tests/channels/test_profile_browser.py

requirements: install-dev ## Pin every dependency anew, with hashes
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file requirements.txt pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --allow-unsafe --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml
	CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/pip-compile --quiet --upgrade --generate-hashes --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file requirements-bench.txt tests/bench/requirements.in
	CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/pip-compile --quiet --upgrade --generate-hashes --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file requirements-docs.txt docs/requirements.in

clean: ## Remove what was installed and built; var/ with its databases stays
	rm -rf $(VENV) .venv-bench .venv-docs docs/reference build *.egg-info tests/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
