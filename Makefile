# Every target is a command of packaging/develop.py, which Windows users call directly: py packaging\develop.py run
PYTHON ?= python3
DEVELOP = $(PYTHON) packaging/develop.py

.PHONY: help run test promises soak setup lint types format bench bench-compare screenshots wheel lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: ## Start Tokendeck with its built-in sandbox, installing what it needs
	@$(DEVELOP) run $(ARGS)

test: ## Run every check: lint, format, types, tests, coverage
	@$(DEVELOP) test $(ARGS)

promises: ## List every promise with its tests and their results; fail where one has none
	@$(DEVELOP) promises $(ARGS)

soak: ## Let the engine's state machine loose: ARGS='--minutes 10'
	@$(DEVELOP) soak $(ARGS)

setup: ## Set up .venv for running, checking and building
	@$(DEVELOP) setup

lint: ## Check style and format
	@$(DEVELOP) lint

types: ## Check types
	@$(DEVELOP) types

format: ## Format the code, and mend what the linter can mend
	@$(DEVELOP) format

bench: ## Measure how fast it is; ARGS="--only start --rounds 15" chooses rows
	@$(DEVELOP) bench $(ARGS)

bench-compare: ## Say what changed: make bench-compare OLD.json NEW.json
	@$(DEVELOP) bench-compare $(COMPARED)

# What follows bench-compare are files and no targets.
ifeq (bench-compare,$(firstword $(MAKECMDGOALS)))
COMPARED := $(wordlist 2,3,$(MAKECMDGOALS))
.PHONY: $(COMPARED)
$(COMPARED):
	@:
endif

screenshots: ## Take the documentation's pictures anew
	@$(DEVELOP) screenshots

wheel: ## Build the wheel into dist/
	@$(DEVELOP) wheel

lock: ## Write the pinned requirements anew; ARGS=--upgrade takes the newest versions
	@$(DEVELOP) lock $(ARGS)

clean: ## Remove what builds and checks left behind; .venv stays
	@$(DEVELOP) clean
