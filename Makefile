# Everything a developer or a machine runs, one word each. `make help` lists it.
# Nothing here needs more than make, git and a Python; the environments are made on demand and stamped,
# so that a second run starts at once.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip -qq
PEERS := $(patsubst tests/bench/peers-%.txt,%,$(wildcard tests/bench/peers-*.txt))
WORKERS ?= 2
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet

.PHONY: help
help: ## what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "make %-8s %s\n", $$1, $$2}'

.PHONY: demo
demo: $(VENV)/stamp-runtime ## a live desk on a sandbox venue; no keys, no network
	@$(BIN)/hedge demo

.PHONY: test
test: $(VENV)/stamp-dev ## the tests (ARGS="-k word" passes options to pytest, WORKERS=0 runs them one by one)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

.PHONY: check
check: $(VENV)/stamp-dev ## formatting, lint, types, import rules
	@$(BIN)/ruff format --check --quiet || { echo "make check: not formatted; run: make format" >&2; exit 1; }
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy --strict
	@$(BIN)/lint-imports --no-logo

.PHONY: format
format: $(VENV)/stamp-dev ## format the code and mend what ruff can mend
	@$(BIN)/ruff format --quiet
	@$(BIN)/ruff check --fix --quiet

.PHONY: bench
bench: $(VENV)/stamp-dev $(foreach peer,$(PEERS),.venv-$(peer)/stamp) ## ratios against named peers (ARGS="startup" picks some)
	@$(BIN)/python tests/bench/run.py $(ARGS)

.PHONY: soak
soak: $(VENV)/stamp-dev ## the long tests
	@$(BIN)/python -m pytest -m soak --timeout=7200 $(ARGS)

# HEDGE_SEEDS and HEDGE_RUNS, when given, replace each suite's own number of seeds and of runs.
.PHONY: faults
faults: $(VENV)/stamp-dev ## all fault suites in their long form; renews the README's table (HEDGE_SEEDS=20000 HEDGE_RUNS=3)
	@mkdir -p build && rm -f build/faults.jsonl
	@status=0; HEDGE_FAULTS=long HEDGE_SEEDS="$${HEDGE_SEEDS:-}" HEDGE_RUNS="$${HEDGE_RUNS:-}" \
	  HEDGE_TALLY="$(CURDIR)/build/faults.jsonl" $(BIN)/python -m pytest tests/faults -m 'soak or not soak' \
	  -n $(WORKERS) --dist load --timeout=7200 $(ARGS) || status=$$?; \
	$(BIN)/python tests/faults/report.py build/faults.jsonl README.md && exit $$status

.PHONY: lock
lock: ## pin all requirements anew (needs uv)
	@command -v uv >/dev/null || { echo "make lock: uv is missing; see its own site for how to install it" >&2; exit 1; }
	@$(LOCK) requirements.in -o requirements.txt
	@$(LOCK) requirements-dev.in -o requirements-dev.txt
	@for peer in $(PEERS); do $(LOCK) "tests/bench/peers-$$peer.in" -o "tests/bench/peers-$$peer.txt"; done
	@git --no-pager diff --stat -- '*.txt'

.PHONY: clean
clean: ## remove what was made here (environments, caches, builds)
	@rm -rf $(VENV) .venv-* build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. A shim such as pyenv's answers to `python3.12` and then fails, so a candidate counts
# only when it runs. Set PYTHON to choose one.
define find_python
	for candidate in $${PYTHON:-python3.11 python3.12 python3.13 python3 python}; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    found="$$candidate"; break; \
	  fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
	  echo "hedge_tui needs Python 3.11 or later; found: $$({ $${PYTHON:-python3} --version; } 2>&1 | head -n 1)." >&2; \
	  echo "Install one (Debian, Ubuntu: apt install python3 python3-venv) or name it: make PYTHON=/path/to/python3.11" >&2; \
	  exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	  echo "$$found has no venv or pip. Debian, Ubuntu: apt install $$("$$found" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" >&2; \
	  exit 1; \
	fi
endef

$(VENV)/stamp-venv:
	@$(find_python); \
	echo "Making $(VENV) with $$("$$found" --version) ..."; \
	"$$found" -m venv $(VENV); \
	touch $@

$(VENV)/stamp-runtime: requirements.txt pyproject.toml | $(VENV)/stamp-venv
	@echo "Installing what the console runs on, pinned and hashed (about half a minute, once) ..."
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/stamp-dev: requirements-dev.txt $(VENV)/stamp-runtime
	@echo "Installing what the tests need, pinned and hashed ..."
	@$(PIP) install --require-hashes -r requirements.txt -r requirements-dev.txt
	@touch $@

.venv-%/stamp: tests/bench/peers-%.txt
	@$(find_python); \
	echo "Making .venv-$* for the benchmark's peers ..."; \
	"$$found" -m venv .venv-$*; \
	PIP_DISABLE_PIP_VERSION_CHECK=1 .venv-$*/bin/python -m pip -qq install --require-hashes -r $<; \
	touch $@
