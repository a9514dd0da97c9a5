# make run: the whole product on this machine. make test: everything. The rest: one layer each.
PYTHON ?= $(or $(firstword $(foreach v,3.13 3.12 3.11,$(shell command -v python$(v) 2>/dev/null))),python3)
# pyenv's shims exist for versions that are not installed: take the first that answers.
PYTHON := $(shell for p in $(PYTHON) python3; do $$p -c '' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help run test lint unit accuracy integration contract e2e clients template faults ui page build deploy-local deploy bench seed api cli \
	prices reconcile lock environment test-environment browser clean

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):[^#]*## ?/\1\t/' | expand -t 18

run: environment ## start Tollgate on 127.0.0.1 and print how to call it
	@$(BIN)/python -m local

test: lint unit template integration contract e2e clients faults ui page ## everything

lint: environment ## style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m local.node run check

unit: environment ## no sockets
	$(PYTEST) -n auto tests/unit tests/accuracy

accuracy: environment ## every usage class and cost as the providers publish them; writes docs/accuracy.md
	$(BIN)/python -m tests.accuracy.report
	$(PYTEST) tests/accuracy

template: test-environment ## what sam deploy would deploy
	$(PYTEST) tests/template

integration: environment ## real handlers on the emulator
	$(PYTEST) tests/integration

contract: environment ## every function against its own OpenAPI: no 5xx, no undocumented status
	$(PYTEST) tests/contract

e2e: test-environment ## the real template, deployed to the emulator
	$(PYTEST) tests/e2e

clients: environment ## the SDKs, Open WebUI's headers and Claude Code itself
	$(PYTEST) tests/clients

faults: environment ## killed, repeated, shuffled, throttled: the books balance
	$(PYTEST) tests/faults

ui: test-environment ## the page's own style, types and unit tests
	$(BIN)/python -m local.node run check
	$(BIN)/python -m local.node test

page: test-environment browser ## the usage page in Chromium, on a local stack
	$(PYTEST) tests/page

build: test-environment ## what sam deploy uploads, in .aws-sam/build
	.venvs/sam/bin/sam build

deploy-local: test-environment ## the real template onto the emulator
	$(BIN)/python -m local.deploy

deploy: test-environment ## to AWS
	.venvs/sam/bin/sam build
	.venvs/sam/bin/sam deploy --guided
	$(BIN)/python -m local.page_upload

bench: test-environment ## measure, and write docs/benchmarks.md
	$(BIN)/python -m bench

seed: environment ## months of spend into the running local stack: CUSTOMERS, DAYS, EVENTS, LEDGER=1, FORCE=1
	@$(BIN)/python -m local.seed

api: environment ## write docs/api.md and docs/openapi.json from the routes
	@$(BIN)/python -m local.api_page

cli: environment ## write docs/cli.md from the commands
	@$(BIN)/python -m local.cli_page

prices: environment ## compile the price book from genai-prices, and print what changed
	$(BIN)/python layers/core/compile_prices.py

reconcile: environment ## housekeeping on the running local stack, with the proof that the books balance
	@$(BIN)/python -m local.reconcile

lock: environment ## renew the lock files (addresses stay out of them)
	$(BIN)/uv lock --upgrade
	$(BIN)/uv export -q --all-groups --no-emit-workspace --no-header --no-annotate -o requirements.lock
	$(BIN)/uv export -q --package tollgate --no-dev --no-emit-workspace --no-header --no-annotate \
		-o layers/core/requirements.lock

environment:
	@$(PYTHON) local/bootstrap.py run

test-environment:
	@$(PYTHON) local/bootstrap.py test

browser:
	@$(BIN)/python -m local.browser

clean: ## remove everything made here; state in .tollgate stays
	rm -rf ui/node_modules ui/dist .venv .venvs .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
