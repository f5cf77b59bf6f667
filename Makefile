# `make demo` and `make test` set up .venv by themselves; nothing else is needed but Python 3.11+.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
AXE_VERSION := 4.14.1

# Tests and commands keep their compiled modules, wherever Python is told not to: compiling all takes seconds each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo test axe screenshots mails soak bench learn lint lock clean help

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP) ## make .venv with policywatch and its locked dependencies

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "policywatch needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## the whole job on this machine, offline; SERVE=1 leaves its web pages up
	$(BIN)/policywatch demo $(if $(SERVE),--serve)

test: setup ## the test suite, in parallel
	$(BIN)/python -m pytest -n auto --dist worksteal

axe: node_modules/axe-core/axe.min.js ## fetch axe-core for the tests of accessibility (needs npm)

node_modules/axe-core/axe.min.js:
	npm install --no-save --no-package-lock --ignore-scripts --silent axe-core@$(AXE_VERSION)

screenshots: setup ## docs/screenshots/ anew, from the demo's data (needs Chromium)
	$(BIN)/python docs/screenshots.py

mails: setup ## docs/mails/ anew: alerts as mail programs show them (needs Chromium)
	$(BIN)/python docs/mails.py

soak: setup ## long and random runs
	$(BIN)/python -m pytest -n auto --dist worksteal -m soak

bench: setup ## the speed of comparisons beside git's, of whole checks and of pages beside bare ones, the weight of a daemon
	$(BIN)/python benchmarks/speed.py $(if $(PAIRS),--pairs $(PAIRS))
	$(BIN)/python benchmarks/crawl.py --passes 50
	$(BIN)/python benchmarks/web.py
	$(BIN)/python benchmarks/daemon.py

learn: setup ## learn the weights of the evidence anew: make learn OBSERVED=FILE.jsonl
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "scikit-learn>=1.7"
	$(BIN)/python benchmarks/train.py $(if $(OBSERVED),--observed $(OBSERVED))

lint: setup ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: ## resolve requirements.lock anew (needs uv)
	uv pip compile --universal --generate-hashes --no-header --no-emit-index-url --no-annotate \
		--python-version 3.11 --extra dev --output-file requirements.lock pyproject.toml

clean: ## remove .venv and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
