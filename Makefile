# make setup   everything that development and tests need, into .venv (done once, then instant)
# make test    linters, types, import rules, tests: what CI runs
# make demo    watch Sorte work on its sample project
# make bench   every benchmark that needs no arguments

VENV := .venv
STAMP := $(VENV)/.ready
PYTHON := $(VENV)/bin/python
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard src/sorte_cli/locale/*/LC_MESSAGES/sorte.po))

# How many tests run at a time; 1 is quieter to debug with.
WORKERS ?= 2

.PHONY: setup test demo bench clean

setup: $(STAMP) $(CATALOGUES)

$(STAMP): pyproject.toml hatch_build.py scripts/setup
	./scripts/setup $(VENV)
	@touch $@

%.mo: %.po | $(STAMP)
	$(PYTHON) -m sorte_cli.locale.catalogue compile

test: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports
	$(PYTHON) -m pytest -n $(WORKERS) --dist worksteal

demo: setup
	$(VENV)/bin/sorte demo

bench: setup
	@set -e; for file in benchmarks/*.py; do \
		if grep -q 'required=True' "$$file"; then \
			echo "== $$file: needs arguments, see --help"; continue; \
		fi; \
		echo "== $$file"; $(PYTHON) "$$file"; \
	done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
