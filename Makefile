# Every target works on a fresh clone: uv installs what it needs into .venv, and
# is itself installed into .uv where the machine has none.

# To be set on the command line: make test SANDBOX=kind KUBERNETES=1.36
SANDBOX ?=
KUBERNETES ?=
STORY ?=
PLACE = $(if $(filter %.ipynb,$(STORY)),docs/notebooks,examples)/$(STORY)
# The tests of a story and of each of its programs, and not those of stories with longer names.
OF_STORY = [$(STORY)/ or [$(STORY)-
PYTEST_ARGS ?=
PORT ?= 8000
PAGES ?=
VERSION ?=

# Of the group "uv" of pyproject.toml.
UV_VERSION = $(shell sed -n '/^name = "uv"$$/{n;s/version = "\(.*\)"/\1/p;}' uv.lock)
ifeq ($(shell command -v uv 2>/dev/null),)
UV := .uv/bin/uv
# The suite starts programs by uv too, so it must find it.
export PATH := $(CURDIR)/.uv/bin:$(PATH)
else
UV := uv
endif
NEEDS_UV := $(filter .uv/bin/uv,$(UV))

# Each target installs its own groups of packages only; checks need all of them.
RUN := $(UV) run --locked
RUN_SANDBOX := $(RUN) --no-default-groups
RUN_SITE := $(RUN_SANDBOX) --group site
RUN_TEST := $(RUN_SITE) --group test --group node
ON := $(foreach driver,$(SANDBOX),--sandbox $(driver)) $(if $(KUBERNETES),--kubernetes $(KUBERNETES))

# Images of containers often set it. Then each of some hundred Python processes would
# compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

# mkdocs is pinned below 2 on purpose; its notice about that says nothing new.
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help serve fetch test check types fast-tests run down site offline links lint format update-examples digests new-kubernetes bench lighthouse clean story-named

help: ## List these targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

# Without Node.js, or the packages of npm, pages get no button "Run", and nothing else is missing.
serve: $(NEEDS_UV) ## Serve the site on 127.0.0.1:8000 (PORT=8001 for another port); needs no cluster.
	@python3 -c "import socket; socket.create_server(('127.0.0.1', $(PORT)))" 2>/dev/null || { \
	echo "make: port $(PORT) of 127.0.0.1 is taken: try make serve PORT=8001" >&2; exit 2; }
	$(RUN_SITE) --group node python -m book.run_in_page.bundle
	$(RUN_SITE) mkdocs serve --dirty --no-strict --dev-addr 127.0.0.1:$(PORT)

fetch: $(NEEDS_UV) ## Download or build what a sandbox is made of, as the others do when they need it.
	$(RUN_TEST) sandbox fetch

# Fetched before pytest, which would hide its progress and count it as a test's time. The
# tests of the site and of its parts need no control plane.
test: $(NEEDS_UV) $(if $(filter tests/site% tests/book%,$(firstword $(PYTEST_ARGS))),,fetch) ## Run the whole suite (SANDBOX=kind or "kwok kind", KUBERNETES=1.36, PYTEST_ARGS="-k rollouts").
	$(RUN_TEST) pytest $(ON) $(PYTEST_ARGS)

check: $(NEEDS_UV) ## Check what you have changed, in a minute: format, types, fast tests, stories (make test runs all).
	$(RUN) ruff check
	$(RUN) ruff format --check
	@$(MAKE) --no-print-directory --jobs --output-sync types fast-tests

types: $(NEEDS_UV)
	$(RUN) pyright

fast-tests: $(NEEDS_UV)
	$(RUN_TEST) pytest --changed $(ON) $(PYTEST_ARGS)

run: story-named $(NEEDS_UV) ## Run one story in a sandbox and show what it prints (STORY=deployments), or open a notebook (STORY=rollout.ipynb).
	$(RUN_SANDBOX) sandbox up $(if $(SANDBOX),--driver $(SANDBOX)) >/dev/null
	$(RUN_SANDBOX) sandbox run $(PLACE)

down: $(NEEDS_UV) ## Take down the sandbox that make run left up.
	$(RUN_SANDBOX) sandbox down

site: $(NEEDS_UV) ## Build the site into build/site; a broken link or a missing file is an error.
	$(RUN_SITE) --group node python -m book.run_in_page.bundle
	$(RUN_SITE) mkdocs build --strict

offline: $(NEEDS_UV) ## Make build/kubernetes-overview.zip, the site to be read from files: no server, no network.
	rm -rf build/kubernetes-overview build/kubernetes-overview.zip
	OFFLINE=true SITE_URL= $(RUN_SITE) mkdocs build --strict --site-dir build/kubernetes-overview
	cd build && python3 -m zipfile -c kubernetes-overview.zip kubernetes-overview

links: $(NEEDS_UV) ## Follow every link of build/site, those to others too; build/links.txt has the dead ones.
	$(RUN_TEST) .github/links/check.sh build/site build/links.txt

lint: $(NEEDS_UV) ## Run every check that needs no cluster (.pre-commit-config.yaml lists them).
	$(RUN) pre-commit run --all-files

format: $(NEEDS_UV) ## Format the Python files and fix what ruff can fix.
	$(RUN) ruff check --fix
	$(RUN) ruff format

update-examples: story-named $(NEEDS_UV) ## Run a story, write what its programs printed into them, and record what they asked (STORY=deployments).
	$(RUN_TEST) pytest tests/examples -k "$(OF_STORY)" --update-examples $(ON)
	$(RUN_TEST) pytest tests/examples -k "$(OF_STORY)" --record $(ON)

digests: $(NEEDS_UV) ## After a version has moved: write down the sums of what is downloaded, and kind's node images (downloads 1.2 GB).
	$(RUN_SANDBOX) python -m sandbox.digests

new-kubernetes: $(NEEDS_UV) ## Move to another version of Kubernetes, wherever it stands (VERSION=1.38.0).
	$(RUN_TEST) python -m tests.new_kubernetes "$(VERSION)"

bench: $(NEEDS_UV) ## Measure time, memory and page weight, and print each beside its target.
	$(RUN_SITE) python -m tests.bench
	@$(MAKE) --no-print-directory lighthouse

lighthouse: $(NEEDS_UV) ## The part of bench that Lighthouse measures, for some pages alone (PAGES="rollouts/ storage/").
	$(RUN_SITE) --group node python -m tests.bench.lighthouse $(PAGES)

clean: ## Delete what make made in this folder: environment, uv, builds and caches.
	rm -rf tests/bench/node_modules .venv .uv build .cache .pytest_cache .ruff_cache

story-named:
	@test -f "$(PLACE)/setup.yaml" || test -f "$(PLACE:.ipynb=.yaml)" || { \
	echo "make: STORY=$(STORY) is no story: name a folder of examples/, as in STORY=deployments" >&2; exit 2; }

.uv/bin/uv:
	@echo "uv is not on PATH: installing uv $(UV_VERSION) into .uv" >&2
	@if python3 -m venv .uv/venv >/dev/null 2>&1; then python=.uv/venv/bin/python; else python=python3; fi; \
	$$python -m pip install --quiet --disable-pip-version-check --upgrade --target .uv uv==$(UV_VERSION) || { \
	echo "make: python3 could not install uv (above: why); it needs the module venv or pip" >&2; exit 2; }
