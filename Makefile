# The commands of the project. Each makes the environment it needs in .venv, once: `make demo` on a fresh machine is enough.
#
#   make demo [ONCE=1]      play one request of each kind through the real doors, then serve until Ctrl-C
#   make test               check, then the whole suite on SQLite and, where a server answers, on PostgreSQL
#   make check              format, lint, imports, types, migrations, deployment
#   make soak               break each declaration in turn, flip a thousand bits of the log: what takes long, in minutes
#   make bench [ONLY=name]  measure, print one "figure value" a line, write benchmarks/results.json

BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
DSR_DATA_DIR ?= var

FIND_PYTHON = for python in $(PYTHON) python3 python3.11 python3.12 python3.13 python; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$python; exit; fi; done
PIP_INSTALL = $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r
# As in production: no .env, no DEBUG, secrets of full length that live as long as the command.
SECRET = $$($(BIN)/python -c 'import secrets; print(secrets.token_hex(32))')
DEPLOYED = @DSR_ENV_FILE=/dev/null DEBUG=false SECRET_KEY="$(SECRET)" \
	DSR_SERVICE_KEY="$(SECRET)" DSR_SUPPRESSION_KEY="$(SECRET)" DSR_LOG_KEY="$(SECRET)" DSR_HOSTING_GROUNDS=keep

.PHONY: demo test check soak bench

demo: export DSR_DATA_DIR := $(DSR_DATA_DIR)
demo: .venv/runtime.stamp
	@$(BIN)/python -m dsr.management.demo.environment $(DSR_DATA_DIR)/demo.env
	@DSR_ENV_FILE=$(abspath $(DSR_DATA_DIR))/demo.env $(MANAGE) demo $(if $(ONCE),--once) $(if $(PORT),--port $(PORT))

test: check
	@$(BIN)/python -m tests

check: .venv/development.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	env -u DATABASE_URL $(MANAGE) makemigrations --check --dry-run --settings site_config.settings_test
	$(DEPLOYED) $(MANAGE) check --deploy --fail-level WARNING

soak: .venv/development.stamp
	$(BIN)/python -m pytest -n auto -m soak

bench: .venv/development.stamp
	@$(BIN)/python -m benchmarks $(ONLY)

.venv/bin/python:
	@python="$$($(FIND_PYTHON))"; \
	if [ -z "$$python" ]; then echo 'No Python 3.11 or newer was found: install one, or say PYTHON=/its/path.' >&2; exit 1; fi; \
	"$$python" -m venv .venv || { rm -rf .venv; \
	echo 'This Python cannot make a virtual environment: on Debian, install the package python3-venv.' >&2; exit 1; }

# The development lock holds the runtime one, so that two targets at once never install side by side.
.venv/runtime.stamp: requirements.txt | .venv/bin/python
	@echo 'Installing what the service needs …'
	@$(BIN)/python -m ensurepip >/dev/null 2>&1; $(PIP_INSTALL) requirements.txt && touch $@

.venv/development.stamp: requirements-dev.txt | .venv/runtime.stamp
	@echo 'Installing what its tests need …'
	@$(PIP_INSTALL) requirements-dev.txt && $(BIN)/python -m pip check --disable-pip-version-check && touch $@
