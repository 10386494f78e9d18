# make setup   everything that development and tests need, into .venv (done once, then instant)
# make test    linters, types, import rules, tests: what CI runs
# make demo    watch Sorte work on its sample project
# make bench   every benchmark that needs no arguments

VENV := .venv
STAMP := $(VENV)/.ready
PYTHON := $(VENV)/bin/python

.PHONY: setup test demo bench clean

setup: $(STAMP)

$(STAMP): pyproject.toml hatch_build.py scripts/setup
	./scripts/setup $(VENV)
	@touch $@

test: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports
	$(PYTHON) -m pytest

demo: setup
	$(VENV)/bin/sorte demo

bench: setup
	@set -e; for file in benchmarks/*.py; do \
		case "$$(basename "$$file")" in _*) continue;; esac; \
		echo "== $$file"; $(PYTHON) "$$file"; \
	done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
