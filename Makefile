# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
STAMP = $(VENV)/.ready-to-test

.PHONY: demo test test-slow soak hostile check format bench reference quality clean

$(READY): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(STAMP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $(READY) $@

demo: $(READY) ## the whole chain on the sample world, no network
	@$(BIN)/masthead demo

test: $(STAMP) ## everything that is quick, under two minutes
	@$(BIN)/python -m pytest -n auto

test-slow: $(STAMP) ## servers, kill rounds, browsers
	@$(BIN)/python -m pytest -n auto -m slow

soak: $(STAMP) ## long figures, by hand
	@$(BIN)/python -m pytest -m soak

hostile: $(STAMP) ## every fault at once beside good sources; one alone: python -m tests.hostile NAME
	@$(BIN)/python -m tests.hostile

check: $(STAMP) ## format, lint, types, layers, generated docs, lexicon
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m scheduler.reference --check
	@$(BIN)/python -m pipelines.lint

format: $(STAMP)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

reference: $(STAMP) ## write the generated docs anew
	@$(BIN)/python -m scheduler.reference

quality: $(STAMP) ## measure the tags and write the quality card anew; uses ../shared/gold, and the extra `train`, where they are there
	@$(BIN)/masthead eval --write docs/quality.md $$($(BIN)/python -c 'import sklearn' 2>/dev/null && echo --crossed)

bench: $(STAMP) ## speed and memory as ratios in one run; uses ../shared/pages where it is there
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.bench.desk

clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
