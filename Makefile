# `make` shows what there is. Everything that is built or loaded goes into .venv, .meltano and
# output; the versions are those of constraints.txt.

PYTHON ?= python3
BIN := .venv/bin
LOADERS := target-duckdb target-jsonl target-postgres
SETUP_LOG := output/setup.log

# What builds our package, and target-jsonl's old dependencies, is pinned too.
export PIP_BUILD_CONSTRAINT := constraints.txt
export UV_BUILD_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# As pip does: trust what the machine trusts, a company's proxy for one.
export UV_SYSTEM_CERTS := true

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup demo check test lint bench soak airbyte orchestration package clean pins

help: ## Show this
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

setup: .venv/dev.stamp .venv/plugins.stamp ## Install the tap, its tools and Meltano's plugins

demo: .venv/demo.stamp .venv/demo-plugins.stamp ## Load a workspace into DuckDB, build the models, and report
	@$(BIN)/python -m demo

check: lint ## Check style, types, arrows and unit tests: before each commit
	@$(BIN)/python -m pytest -q --numprocesses=logical --dist=worksteal \
		--hypothesis-profile=few-examples -m "not thorough" tests/unit

test: setup lint ## Run everything that must pass
	@$(BIN)/python -m pytest

lint: .venv/dev.stamp ## Check style, types, which room imports which, and the workflows
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/zizmor --offline --quiet --persona=pedantic .github

bench: .venv/dev.stamp ## Measure the tap, and write the table and chart of docs/speed.md
	@$(BIN)/python -m benchmarks --update-page

soak: setup ## Kill the tap some hundred times, and check the copy each time
	@$(BIN)/python -m tests.resilience.soak

airbyte: .venv/dev.stamp .venv/airbyte.stamp ## Read a workspace with PyAirbyte, whole, changed and killed
	@$(BIN)/python -m pytest tests/e2e/pyairbyte.py

orchestration: setup orchestration/.venv/setup.stamp ## Load months side by side with Dagster, while rows change
	@cd orchestration && ../$(BIN)/mypy --strict --python-executable .venv/bin/python \
		intercom_orchestration
	@cd orchestration && PATH="$$PWD/.venv/bin:$$PATH" dagster-dbt project prepare-and-package \
		--file intercom_orchestration/dbt.py
	@cd orchestration && .venv/bin/python -m pytest -c pytest.ini

orchestration/.venv/setup.stamp: orchestration/requirements.txt orchestration/dagster_tests/requirements.txt
	@$(PYTHON) -m venv orchestration/.venv
	@orchestration/.venv/bin/pip install -qq --requirement orchestration/dagster_tests/requirements.txt
	@touch $@

package: .venv/pip.stamp ## Build what is published, install it in an empty environment, and run it
	@rm -rf dist output/package
	@$(BIN)/pip install -qq --constraint constraints.txt hatchling
	@$(BIN)/python -m hatchling build -t sdist
	@$(BIN)/pip wheel -qq --no-deps --wheel-dir dist dist/*.tar.gz
	@$(PYTHON) -m venv output/package
	@output/package/bin/pip install -qq dist/*.whl
	@output/package/bin/tap-intercom-conversations --version
	@output/package/bin/tap-intercom-conversations --about > output/package/about.txt
	@output/package/bin/tap-intercom-conversations --discover > output/package/catalog.json
	@output/package/bin/source-intercom-conversations spec > output/package/spec.json

clean: ## Remove all that is not in a fresh clone: loaded databases and state too
	@rm -rf .venv .meltano orchestration/.venv output build dist
	@rm -rf .grimp_cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name .git -prune -o -name __pycache__ -type d -exec rm -rf {} +

# Newer versions of everything that is pinned: look at the difference, then run the tests.
PLUGINS := target-duckdb==0.8.0 "duckdb<1.3; python_version < '3.14'" \
	"duckdb>=1.5; python_version >= '3.14'" meltanolabs-target-postgres==0.8.1
DBT := "dbt-core>=1.11,<1.12" dbt-duckdb dbt-postgres "duckdb<1.3; python_version < '3.14'" \
	"duckdb>=1.5; python_version >= '3.14'"
BUILD := hatchling pip setuptools
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --fork-strategy fewest \
	--python-version 3.10 --no-annotate --no-header
pins: .venv/demo.stamp ## Renew constraints.txt, and dbt's
	@mkdir -p output
	@sed '/^#/!d' constraints.txt > output/pins.txt
	@printf '%s\n' $(PLUGINS) $(BUILD) | $(COMPILE) pyproject.toml --group dev - >> output/pins.txt
	@mv output/pins.txt constraints.txt
	@sed '/^#/!d' transform/constraints.txt > output/pins.txt
	@printf '%s\n' $(DBT) | $(COMPILE) - >> output/pins.txt
	@mv output/pins.txt transform/constraints.txt

.venv/pip.stamp: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo "Python 3.10 or later is needed: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv; this takes about a minute, once."
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install -qq --constraint constraints.txt pip
	@touch $@

.venv/demo.stamp: .venv/pip.stamp pyproject.toml
	@$(BIN)/pip install -qq --constraint constraints.txt --editable . --group demo
	@touch $@

.venv/dev.stamp: .venv/demo.stamp
	@$(BIN)/pip install -qq --constraint constraints.txt --group dev
	@touch $@

# In an environment of its own: some hundred packages, and other versions of some of ours.
.venv/airbyte.stamp: .venv/pip.stamp
	@$(PYTHON) -m venv .venv/airbyte
	@.venv/airbyte/bin/pip install -qq airbyte==0.71.3
	@touch $@

.venv/demo-plugins.stamp: .venv/demo.stamp meltano.yml transform/constraints.txt
	@$(call install_plugins,target-duckdb dbt-duckdb)
	@touch $@

.venv/plugins.stamp: .venv/demo.stamp meltano.yml transform/constraints.txt
	@$(call install_plugins,$(LOADERS) dbt-duckdb)
	@touch $@ .venv/demo-plugins.stamp

# Meltano says a lot: it goes into a log, which is shown if something fails.
define install_plugins
mkdir -p output; \
$(BIN)/meltano --environment=sandbox install tap-intercom-conversations $(1) \
	> $(SETUP_LOG) 2>&1 || { cat $(SETUP_LOG); exit 1; }; \
$(BIN)/python -m demo.repair
endef
