# `make` alone prints this help.
PYTHON ?= python3
PORT ?= 8000
AWS_PORT ?= 4566
STAGE ?= prod
# The one of Python 3.11 takes three times as long: it compares each file of each version with hundreds of platforms.
PIP_VERSION := 26.3
VENV := .venv
BIN := $(VENV)/bin

# .venv has everything. With these, Python would look elsewhere, or not in this directory.
unexport PYTHONHOME PYTHONINSPECT PYTHONPATH PYTHONSAFEPATH PYTHONSTARTUP
# With this, each of an emulator's processes, and a thousand of the tests', would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup web run test test-fast coverage check pictures examples reference api-changes format audit pins bench accuracy chaos fuzz compose-test lambda-python package doctor docs deploy destroy

help: ## print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.installed ## create .venv and install the pinned dependencies of running, testing and deploying

$(VENV)/.installed: requirements.txt requirements-run.txt requirements-dev.txt constraints.txt client/pyproject.toml | $(VENV)/.created
	$(call pip-install,requirements-dev.txt)
	@touch $(VENV)/.installed-run $@

$(VENV)/.installed-run: requirements.txt requirements-run.txt constraints.txt | $(VENV)/.created
	@echo "Installing the packages that running needs, once. This takes about half a minute."
	$(call pip-install,requirements-run.txt)
	@touch $@

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed. Run: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check pip==$(PIP_VERSION) || \
		echo "warning: the pip that Python $$($(PYTHON) -V | cut -d' ' -f2) brings is used, which may take longer"
	@touch $@

# pip shows its progress on a terminal. It compiles with one processor; compileall takes all, and its exit code says
# that some package has a file of another Python.
pip-install = @if test -t 1; then quiet=; else quiet=--quiet; fi; \
	$(BIN)/python -m pip install $$quiet --disable-pip-version-check --no-compile -r $(1) && \
	{ $(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true; }

web: $(VENV)/.created ## build the web pages that are out of date; installs Node.js into .venv if there is none
	@$(BIN)/python -m web

run: $(VENV)/.installed-run ## start everything locally (PORT=8000, AWS_PORT=4566, DATA_DIR=…, LOG_FORMAT=json, CHAOS=…)
	@$(BIN)/python -m web || \
		echo "warning: so the web pages are missing or out of date. The API works. Try again: make web"
	@exec $(BIN)/python -m emulator --port $(PORT) --aws-port $(AWS_PORT) $(if $(DATA_DIR),--data-dir "$(DATA_DIR)") \
		$(if $(LOG_FORMAT),--log-format $(LOG_FORMAT)) $(if $(CHAOS),--chaos "$(CHAOS)")

test: setup web ## run all tests against real servers, in four processes: half of the time is waiting
	$(BIN)/python -m pytest -n 4 --dist worksteal

test-fast: setup ## run the tests that need no server or little time, for use while you work
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow" tests/unit tests/client tests/processors tests/contracts

coverage: setup web ## run all tests, and measure which lines and branches they run, also in child processes
	rm -rf build/coverage && mkdir -p build/coverage
	$(BIN)/python -m coverage run -m pytest -n 4 --dist worksteal
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

check: setup ## format, lint, types, architecture and templates, without changing anything
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cfn-lint infra/templates/*.yaml
	$(BIN)/python -m web.check

pictures: setup web ## make the pictures of the web page in docs/images, with a browser
	RECORD_PICTURES=yes $(BIN)/python -m pytest tests/browser/test_whole_page.py -k fits

examples: setup web ## record the examples in the description of the API anew
	RECORD_EXAMPLES=yes $(BIN)/python -m pytest tests/acceptance/test_openapi_examples.py

reference: setup ## write docs/reference/openapi.json and api.md from the routes' declarations
	$(BIN)/python -m docs.tools.reference

api-changes: setup ## report changes of the API that break clients of an earlier version (BASE=main)
	$(BIN)/python -m docs.tools.breaking_changes $(if $(BASE),--base $(BASE))

format: setup ## format, and fix what ruff can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup web ## compare this service with others in one run, as a table in Markdown (SECTIONS="functions lists")
	$(BIN)/python -m benchmarks $(SECTIONS) $(if $(BEFORE),--before "$(BEFORE)")

accuracy: setup ## count detected encodings and types that are wrong, and wrong and certain (CORPUS=folder)
	$(BIN)/python -m benchmarks.accuracy $(CORPUS)

chaos: setup ## upload 2,000 files while faults are injected, then check every promise (ARGS="--seed 2")
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest tests/properties
	$(BIN)/python -m tests.chaos $(ARGS)

fuzz: setup web ## try what the API describes with thousands of requests (SEED=… EXAMPLES=50 SECONDS=180)
	$(BIN)/python -m tests.fuzz $(if $(SEED),--seed $(SEED)) $(if $(EXAMPLES),--examples $(EXAMPLES)) \
		$(if $(SECONDS),--seconds $(SECONDS))

compose-test: setup ## docker compose up, and the acceptance tests against it; skipped where there is no Docker
	$(BIN)/python -m pytest -rs tests/compose

lambda-python: # checked before anything is installed: the functions run on the Python that packages them
	@$(or $(wildcard $(BIN)/python),$(PYTHON)) -c 'import sys; sys.exit(sys.version_info < (3, 12))' || \
		{ echo "Python 3.12 or newer is needed. Run: make $(MAKECMDGOALS) PYTHON=python3.12 VENV=build/venv"; exit 1; }

package: lambda-python setup web ## build the deployment packages into build/package, for both of Lambda's architectures
	$(BIN)/python -m infra package

doctor: setup ## check a stage for what would fail in a deployment or after it (STAGE=prod)
	$(BIN)/python -m infra doctor --stage $(STAGE)

deploy: lambda-python setup web ## create or update everything on AWS (STAGE=prod); can be repeated
	$(BIN)/python -m infra deploy --stage $(STAGE)

destroy: setup ## delete everything on AWS (STAGE=prod CONFIRM=prod DELETE_FILES=yes)
	$(BIN)/python -m infra destroy --stage $(STAGE) --confirm "$(CONFIRM)" $(if $(filter yes,$(DELETE_FILES)),--delete-files)

docs: ## build the documentation as a web site in build/docs; a link that leads nowhere is an error
	$(PYTHON) -m venv build/docs-tools
	build/docs-tools/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-docs.txt
	build/docs-tools/bin/python -m docs.tools.site

audit: ## look for known vulnerabilities of the pinned packages (pip-audit) and for risky code (bandit)
	$(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1 bandit==1.9.4
	build/audit/bin/bandit --quiet --configfile pyproject.toml --recursive \
		app.py benchmarks chalicelib chaos client/src docs/tools emulator infra web
	build/audit/bin/pip-audit --strict --no-deps --disable-pip --requirement constraints.txt

pins: ## resolve the newest versions into constraints.txt
	rm -rf build/pins && $(PYTHON) -m venv build/pins
	sed '/^-c /d' requirements.txt > build/requirements.txt
	sed '/^-[cr] /d' requirements-run.txt requirements-dev.txt requirements-node.txt requirements-docs.txt >> build/requirements.txt
	build/pins/bin/python -m pip install --quiet -r build/requirements.txt
	{ grep '^#' constraints.txt; build/pins/bin/python -m pip freeze --exclude-editable; } > build/constraints.txt
	mv build/constraints.txt constraints.txt
