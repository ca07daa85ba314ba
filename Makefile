# One command each: run, test, check, bench. Everything lives in .venv and static/; nothing is installed outside them.
SHELL := /bin/bash
PORT ?= 8501
VENV := .venv
EDITOR := static/editor.js
PY := $(VENV)/bin/python
FIND_PYTHON = for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$name; break; fi; done

.PHONY: install run test check bench clean help verify.pyz

help: ## what there is
	@grep -E '^[a-z.]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/'

install: $(VENV)/installed-run $(EDITOR) ## what the app and the commands need, into .venv

run: $(VENV)/installed-run $(EDITOR) ## the app on 127.0.0.1:8501, with the demonstration where there is no store yet
	@test -e "$${QUHENG_DB:-data/store.duckdb}" || $(PY) -m data demo
	@echo "http://127.0.0.1:$(PORT)"
	@$(PY) -m pages.parts.serve --server.port $(PORT)

test: $(VENV)/installed-dev $(EDITOR) $(if $(CI),$(VENV)/installed-spark) ## every test; without Spark its own are skipped, but not in CI
	$(PY) -m pytest -n 2 -q

check: $(VENV)/installed-dev $(EDITOR) ## style, types, tests
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m pytest -n 2 -q

bench: $(VENV)/installed-dev ## what is fast, as ratios to hand-written references
	$(PY) -m benchmarks

verify.pyz: $(VENV)/installed-run ## one file that verifies bundles, for those who have the libraries only
	$(PY) -m metrics.verify.pack $@

clean: ## the virtual environment, the editor's bundle and caches away
	rm -rf $(VENV) static .pytest_cache .mypy_cache .ruff_cache .hypothesis

# A stamp is written only after a whole installation, so that one that was broken off is done again.
$(VENV)/installed-run: requirements.txt | $(VENV)/made
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements.txt requirements-dev.txt | $(VENV)/made
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/installed-run

$(VENV)/installed-spark: requirements-spark.txt $(VENV)/installed-dev
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-spark.txt
	@touch $@

# Built once by npm, again when its sources change; without it (it says why) the definitions page has a plain text area.
$(EDITOR): $(wildcard pages/parts/editor/*.js pages/parts/editor/*.json pages/parts/editor/.npmrc pages/parts/editor/build.py) | $(VENV)/made
	@$(PY) pages/parts/editor/build.py

$(VENV)/made:
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then echo "需要 Python 3.11 或更高版本 · Python 3.11 or newer is needed" >&2; exit 1; fi; \
	$$python -m venv --clear $(VENV)
	@touch $@
