# Each target that is described by `##` shows in `make help`.
SHELL := /bin/bash
UV := $(shell command -v uv || echo .uv/bin/uv)

.DEFAULT_GOAL := help
.PHONY: help setup demo lint test faults reference docs

help: ## Show these targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: ## Install what is missing: PostgreSQL with PostGIS, uv, the Python environment, the web client.
	@scripts/setup.sh

demo: setup ## Set up, start the platform and fill it with a first collection.
	@$(UV) run --no-sync swath demo

lint: ## Check style, types and the rooms' borders.
	@scripts/setup.sh uv python
	@$(UV) run --no-sync ruff format --check --quiet
	@$(UV) run --no-sync ruff check --quiet
	@$(UV) run --no-sync mypy
	@$(UV) run --no-sync lint-imports

test: ## Run every test: quick ones first, then those with real services.
	@scripts/setup.sh postgresql uv python web browser
	@$(UV) run --no-sync pytest -q

faults: ## Run the fault tests with real processes (ten minutes)
	@scripts/setup.sh postgresql uv python web browser
	@$(UV) run --no-sync pytest tests/platform/trials -q

reference: ## Write the reference pages anew from the code.
	@scripts/setup.sh uv python
	@$(UV) run --no-sync python scripts/reference.py

docs: ## Build the documentation into site/.
	@scripts/setup.sh uv python
	@NO_MKDOCS_2_WARNING=1 $(UV) run --no-sync mkdocs build --strict --quiet
