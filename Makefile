# Every target is a command of packaging/develop.py, which Windows users call directly: py packaging\develop.py run
PYTHON ?= python3
DEVELOP = $(PYTHON) packaging/develop.py

.PHONY: help run test promises setup lint types format screenshots wheel lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

run: ## Start Tokendeck with its built-in sandbox, installing what it needs
	@$(DEVELOP) run $(ARGS)

test: ## Run every check: lint, format, types, tests, coverage
	@$(DEVELOP) test $(ARGS)

promises: ## List every promise with its tests and their results; fail where one has none
	@$(DEVELOP) promises $(ARGS)

setup: ## Set up .venv for running, checking and building
	@$(DEVELOP) setup

lint: ## Check style and format
	@$(DEVELOP) lint

types: ## Check types
	@$(DEVELOP) types

format: ## Format the code, and mend what the linter can mend
	@$(DEVELOP) format

screenshots: ## Take the documentation's pictures anew
	@$(DEVELOP) screenshots

wheel: ## Build the wheel into dist/
	@$(DEVELOP) wheel

lock: ## Write the pinned requirements anew; ARGS=--upgrade takes the newest versions
	@$(DEVELOP) lock $(ARGS)

clean: ## Remove what builds and checks left behind; .venv stays
	@$(DEVELOP) clean
