SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help truth setup demo test lint format types contracts web docs containers bench clean

BIN := .venv/bin
ARGS ?=
TIMED = trap 'echo "make $@ took $$SECONDS s"' EXIT

help: ## Print this list.
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

.venv/.ready: pyproject.toml constraints.txt scripts/setup.sh
	@trap 'echo "make setup took $$SECONDS s"' EXIT
	scripts/setup.sh
	touch $@

setup: .venv/.ready ## Make the environment in .venv (Python 3.11 or newer), or bring it up to date.
	@echo "The environment in .venv is up to date."

demo: .venv/.ready ## Run the CT showcase from phantom images to figures, on this machine, and build the editor.
	@$(TIMED)
	scripts/web.sh build
	$(BIN)/assay run examples/01_covid_ct/covid_ct.pipeline.yaml $(ARGS)
	rm -f covid_ct_report.html covid_ct_report.pdf
	$(BIN)/assay artifacts get last report.report covid_ct_report.html
	$(BIN)/assay artifacts get last report.pdf covid_ct_report.pdf
	$(BIN)/assay logs last evaluate
	$(BIN)/assay logs last fair | tail -n 12
	echo 'The same audit of predictions in which half of the sick women are missed on purpose:'
	$(BIN)/assay logs last control | tail -n 12
	echo 'And of predictions in which half of the sick from 60 on are:'
	$(BIN)/assay logs last control-age | tail -n 12
	$(BIN)/assay logs last judge
	echo "Open $$PWD/covid_ct_report.html in a browser."
	echo "Open the pipeline in the Studio: $(BIN)/assay studio examples/01_covid_ct/covid_ct.pipeline.yaml"

test: .venv/.ready ## Run every test; ARGS='-k plan' narrows it down.
	@$(TIMED)
	OMP_NUM_THREADS=1 $(BIN)/pytest $(ARGS)

lint: .venv/.ready ## Check style and format with ruff.
	@$(TIMED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: .venv/.ready ## Write every file as the linter wants it.
	@$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

types: .venv/.ready ## Check types with mypy, strictly.
	@$(TIMED)
	$(BIN)/mypy --strict src

contracts: .venv/.ready ## Check that imports go down the floors only.
	@$(TIMED)
	$(BIN)/lint-imports --no-cache

docs: .venv/.ready ## Write the generated pages and check links, commands and examples of all of them.
	@$(TIMED)
	$(BIN)/python -m assay.cli.reference >docs/cli.md
	$(BIN)/assay component docs --out docs/library
	$(BIN)/python scripts/schemas.py docs/schemas
	$(BIN)/python scripts/policies.py >docs/trust/policies.md
	$(BIN)/pytest -q tests/unit/test_house.py tests/unit/test_docs.py

web: .venv/.ready ## Build and test the editor, and open every page that Assay writes, in headless Chromium.
	@$(TIMED)
	scripts/web.sh check
	$(BIN)/pytest -m browser tests/e2e

containers: .venv/.ready ## Build and run images, push bundles to a registry; as root, it makes the engine, base image and registry that are missing.
	@$(TIMED)
	scripts/container_base.sh
	OMP_NUM_THREADS=1 $(BIN)/pytest -m "container or registry" tests

bench: .venv/.ready ## Measure the engine beside its peers and rewrite the tables in docs/benchmarks.md.
	@$(TIMED)
	$(BIN)/python benchmarks/engine/bench.py $(ARGS)

truth: .venv/.ready ## Hold the trust tools against planted truth: coverage, power, false alarms, shortcuts, lesions, and faults that the gate has to name.
	@$(TIMED)
	export OMP_NUM_THREADS=1
	$(BIN)/python benchmarks/trust/coverage.py
	$(BIN)/python benchmarks/trust/power.py $(ARGS)
	$(BIN)/python benchmarks/trust/planted.py
	$(BIN)/python benchmarks/trust/shortcuts.py
	$(BIN)/python benchmarks/trust/explain.py --seeds 0 1 2 3 4 5 --alone --people 200 --pictures 80

clean: ## Remove the environment and the caches; runs and their artifacts stay.
	@rm -rf .venv build dist web/node_modules src/assay/server/web .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests benchmarks examples scripts -name __pycache__ -prune -exec rm -rf {} +
