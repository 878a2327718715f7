# `make` checks everything, `make run` starts everything. Each target does its own set-up: all it takes is
# Python 3.11 or newer, make and a network. What is set up once is not set up again.

SHELL := /bin/sh
.SHELLFLAGS := -ec
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$name -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$name && break; done || true)
PORT ?= 8000
NAME ?= import
TESTS ?= tests
PROCESSES ?= 2

ENV := .venv
BIN := $(ENV)/bin
PIP := $(BIN)/python -m pip -qq --no-input --disable-pip-version-check
DJANGO := DJANGO_SETTINGS_MODULE=muster.config.settings MUSTER_HOME=$(ENV)/lint-home $(BIN)/python -W ignore -m django

.PHONY: all run test lint format bench docs requirements clean

all: lint test

run: $(ENV)/.base node_modules/.stamp
	@exec $(BIN)/muster up --port $(PORT)

test: $(ENV)/.dev node_modules/.stamp
	@tests/ensure-chromium
	@$(BIN)/python -m pytest -n $(PROCESSES) --dist worksteal $(TESTS)

lint: $(ENV)/.dev
	@$(BIN)/ruff check --quiet . && echo "ruff: no findings"
	@$(BIN)/ruff format --quiet --check . || { echo "Some files are not formatted; run: make format"; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python .ci/tree.py
	@$(DJANGO) check --fail-level WARNING
	@$(DJANGO) makemigrations --check --dry-run

format: $(ENV)/.dev
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format .

bench: $(ENV)/.bench node_modules/.stamp
	@$(BIN)/muster bench $(NAME)

docs: $(ENV)/.dev
	@$(BIN)/python -m pytest -q tests/docs

requirements: $(ENV)/.dev
	@$(BIN)/python requirements/lock.py

clean:
	@rm -rf $(ENV) node_modules staticfiles test-results .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		.import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Clean. Your data in var/ was left alone."

# --- set-up ----------------------------------------------------------------------------------------

$(BIN)/python:
	@if [ -z "$(PYTHON)" ] || ! $(PYTHON) -c '$(NEW_ENOUGH)' 2>/dev/null; then \
		echo "Muster needs Python 3.11 or newer. If it has another name, say so: make PYTHON=/path/to/python" >&2; \
		exit 1; fi
	@echo "Setting up $(ENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(ENV) || { rm -rf $(ENV); \
		echo "Python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }

$(ENV)/.base: requirements/base.txt pyproject.toml | $(BIN)/python
	@echo "Installing what Muster stands on ..."
	@$(PIP) install --require-hashes -r requirements/base.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(ENV)/.dev: requirements/dev.txt $(ENV)/.base
	@echo "Installing what tests and checks need ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

$(ENV)/.bench: requirements/bench.txt $(ENV)/.base
	@$(PIP) install --require-hashes -r requirements/bench.txt
	@touch $@

node_modules/.stamp: package-lock.json .npmrc $(ENV)/.base
	@echo "Fetching the packages of the pages ..."
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --ignore-scripts --loglevel=error >/dev/null
	@touch $@
