# The commands of this project; `make` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
RUNS := $(VENV)/runs

# Which Python it is; nothing where there is none, or one that is too old.
IDENTITY := -c 'import sys; sys.version_info < (3, 11) or print(sys.base_prefix, sys.version.split()[0])' 2>/dev/null
# An environment that another Python made than the one that is asked for is made anew.
ifneq ($(origin PYTHON),file)
ASKED := $(shell $(PYTHON) $(IDENTITY))
ifneq ($(ASKED),)
ifneq ($(ASKED),$(shell $(BIN)/python $(IDENTITY)))
$(shell rm -rf $(VENV))
endif
endif
endif

.PHONY: help run demo-remove test test-long test-histories test-knative lint format functions new-source new-metric chart deploy bench screenshots dashboard clean package complete sbom

help: ## Show the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-14s %s\n", $$1, $$2}'

run: $(RUNS) ## Start everything on this machine, with a demo to look at (DORA_DEMO=0: without)
	@exec $(BIN)/python -m local

demo-remove: $(RUNS) ## Forget the demo of `make run`, and nothing else
	@$(BIN)/python -m local.demo.removal

test: $(INSTALLED) ## Run the tests of every rule, function, page and command, in minutes
	$(BIN)/python -m pytest --ignore=tests/knative -m "not long"

test-long: $(INSTALLED) ## Run the others: whole stacks, browsers, generated inputs, real waits, installations
	$(BIN)/python -m pytest --ignore=tests/knative -m long

test-histories: $(INSTALLED) ## Compare the metrics with a second computation (DORA_TEST_EXAMPLES=1000 compares more)
	$(BIN)/python -m pytest tests/metrics/test_agreement.py tests/metrics/test_reference.py --dist load

test-knative: $(INSTALLED) ## Run the tests on real Kubernetes and Knative (builds both once)
	@$(BIN)/python -m tests.knative.tools
	PATH="$$($(BIN)/python -m tests.knative.tools)/bin:$$PATH" \
		$(BIN)/python -m pytest tests/knative tests/chart tests/docs/test_install.py -n 0 --durations=25
	PATH="$$($(BIN)/python -m tests.knative.tools)/bin:$$PATH" DORA_TEST_EVENTING=eventing-1.12 \
		$(BIN)/python -m pytest tests/knative/test_tutorial.py tests/knative/test_without_filters.py -n 0

lint: $(VENV)/lint-installed ## Check form, types, SQL and YAML
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy lib local scripts
	@for function in functions/*/*/func.py templates/*/*/func.py; do $(BIN)/mypy $$function || exit 1; done
	$(BIN)/mypy tests
	$(BIN)/sqlfluff lint --disable-progress-bar sql scripts
	$(BIN)/yamllint --strict .

format: $(VENV)/lint-installed ## Put Python and SQL into form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfluff fix --disable-progress-bar sql scripts

functions: ## Write each function, complete, to build/functions (NAMESPACE: where it is deployed)
	@$(PYTHON) -m scripts.copy_functions

new-source: $(INSTALLED) ## Make a transformer of your own: NAME=octopus; WEBHOOK=1 where the tool sends plain webhooks
	@$(BIN)/python -m scripts.new source "$(NAME)" $(if $(WEBHOOK),--webhook)

complete: $(INSTALLED) ## Complete what `func create -t dora/transformer` made: FOLDER=../octopus
	@FOLDER="$(FOLDER)" $(BIN)/python -m scripts.complete

new-metric: $(INSTALLED) ## Make a metric of your own: NAME=removals
	@$(BIN)/python -m scripts.new metric "$(NAME)"

chart: ## Make the Helm chart complete: broker, triggers, sources and SQL, copied into it
	@$(PYTHON) -m scripts.copy_chart

package: ## Make build/release: the chart packed and rendered (REGISTRY: with the functions of its images)
	@$(PYTHON) -m scripts.package

deploy: functions ## Deploy them with func to NAMESPACE (FUNC_REGISTRY: for images; ONLY=transformers/github: one)
	@$(PYTHON) -m scripts.deploy

sbom: $(VENV)/release-installed ## Write build/release/functions.cdx.json: what the functions are made of
	@mkdir -p build/release
	@$(BIN)/cyclonedx-py requirements templates/python/transformer/constraints.txt --output-reproducible --of JSON -o build/release/functions.cdx.json

bench: $(INSTALLED) ## Measure throughput, latency, start-up and memory; print a table
	@$(BIN)/python -m tests.bench

screenshots: $(VENV)/browser-installed ## Take pictures of the pages with the demo, for docs/images (with Chromium)
	@$(BIN)/python -m tests.browser.screenshots

dashboard: $(INSTALLED) ## Write Grafana's dashboard, dashboards/dora.json, from scripts/dashboard
	@$(BIN)/python -m scripts.dashboard

clean: ## Remove what was made here, the data of `make run` too
	rm -rf $(VENV) .dora build charts/dora/files

$(VENV): # a date of its own says nothing: what is installed into it does
	@test -n "$$($(PYTHON) $(IDENTITY))" || { \
		echo "Python 3.11 or later is needed, $(PYTHON) is $$($(PYTHON) --version 2>&1); PYTHON=python3.13 names another"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) needs its module venv, such as Debian's package python3-venv"; exit 1; }

# What somebody waits for who only wants to look: no tests' needs, and pip says how far it is.
$(RUNS): pyproject.toml | $(VENV)
	@echo "installing what the project needs into $(VENV), once"
	@$(BIN)/pip install --disable-pip-version-check --editable '.[local]'
	@touch $@

$(INSTALLED): pyproject.toml | $(VENV)
	@echo "installing what the project needs into $(VENV)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

$(VENV)/release-installed: pyproject.toml | $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check cyclonedx-bom==7.5.0
	@touch $@

# What drives Chromium: `make test-long` leaves tests/browser out without it.
$(VENV)/browser-installed: $(INSTALLED)
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[browser]'
	@touch $@

$(VENV)/lint-installed: $(INSTALLED)
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[lint]'
	@touch $@
