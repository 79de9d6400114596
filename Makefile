# make demo and make test do all their own set-up. Nothing outside .venv/ and .demo/ is written (and uv's and pip's caches).
#   PYTHON=…           an interpreter, 3.11 or newer, for the environments
#   TORCH_INDEX_URL=…  where pip takes torch from; PyTorch's CPU index saves several GB on a machine without a GPU

SHELL := /bin/bash
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
UV_VERSION := 0.13.9
TORCH := $(shell sed -n 's/^torch==/torch==/p' include/hosts/requirements-cpu.txt)

VENV := .venv
UV := $(VENV)/tools/bin/uv
SCHEDULER := $(VENV)/scheduler/bin/python
HOST := $(VENV)/host/bin/python
PIP_INSTALL := $(UV) pip install --quiet --python
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport PYTHONDONTWRITEBYTECODE # a module is compiled once, and not by each of hundreds of processes

.PHONY: demo up down test check bench clean locks help

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 14

demo: $(VENV)/scheduler/.ready $(VENV)/host/.ready ## the whole DAG on the sample regulations; the UI stays up until Ctrl-C or make down
	@$(SCHEDULER) include/demo/demo.py run

up: $(VENV)/scheduler/.ready $(VENV)/host/.ready ## the demo's Airflow, hosts and endpoint, without triggering a run
	@$(SCHEDULER) include/demo/demo.py up

down: ## stop what make demo or make up started
	@if [ -x $(SCHEDULER) ]; then $(SCHEDULER) include/demo/demo.py down; else echo "nothing is running"; fi

test: $(VENV)/scheduler/.tests-ready $(VENV)/host/.tests-ready ## all tests, each in the environment that its code runs in
	@SCHEDULER=$(SCHEDULER) HOST=$(HOST) bash tests/run.sh

check: $(VENV)/scheduler/.tests-ready ## ruff, mypy and the tests of the architecture
	$(VENV)/scheduler/bin/ruff check
	$(VENV)/scheduler/bin/ruff format --check
	$(VENV)/scheduler/bin/mypy
	$(SCHEDULER) -m pytest -q tests/architecture

bench: $(VENV)/scheduler/.tests-ready $(VENV)/host/.tests-ready ## every figure that the documents name, measured here and now
	@$(SCHEDULER) tests/bench/bench.py

clean: down ## remove the environments and everything the demo made
	rm -rf $(VENV) .demo .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Environments, from the committed locks.

$(VENV)/tools/.ready:
	@if [ -z "$(PYTHON)" ]; then echo "make: Python 3.11 or newer is needed and not on PATH; install it, or give PYTHON=/path/to/python3." >&2; exit 4; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "make: $(PYTHON) has no venv module; on Debian: apt-get install python3-venv." >&2; exit 4; }
	@echo "setting up $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)/tools
	@$(VENV)/tools/bin/python -m pip install --quiet uv==$(UV_VERSION)
	@touch $@

$(VENV)/scheduler/.ready: requirements.lock include/demo/requirements.lock | $(VENV)/tools/.ready
	@echo "installing the scheduler's environment (requirements.lock)"
	@test -x $(SCHEDULER) || $(PYTHON) -m venv $(VENV)/scheduler
	@$(PIP_INSTALL) $(SCHEDULER) --no-deps --require-hashes -r requirements.lock -r include/demo/requirements.lock
	@touch $@

$(VENV)/host/.ready: include/hosts/requirements-cpu.lock | $(VENV)/tools/.ready
	@echo "installing the hosts' environment ($(TORCH), include/hosts/requirements-cpu.lock)"
	@test -x $(HOST) || $(PYTHON) -m venv $(VENV)/host
	@$(VENV)/host/bin/python -m pip install --quiet $(if $(TORCH_INDEX_URL),--index-url $(TORCH_INDEX_URL)) $(TORCH)
	@$(PIP_INSTALL) $(HOST) --no-deps --require-hashes -r include/hosts/requirements-cpu.lock # torch has no hash there
	@touch $@

$(VENV)/%/.tests-ready: tests/requirements.lock $(VENV)/%/.ready
	@$(PIP_INSTALL) $(VENV)/$*/bin/python --no-deps --require-hashes -r tests/requirements.lock
	@touch $@

# For developers.

COMPILE = $(UV) pip compile --quiet --universal --no-emit-index-url --no-header --no-annotate --generate-hashes

locks: $(VENV)/tools/.ready ## resolve every requirements file anew
	$(COMPILE) --python-version 3.11 requirements.txt -o requirements.lock
	$(COMPILE) --python-version 3.10 --no-deps include/demo/requirements.txt -o include/demo/requirements.lock # its programs alone
	$(COMPILE) --python-version 3.10 tests/requirements.txt -o tests/requirements.lock
	$(COMPILE) --python-version 3.10 --override include/hosts/without-torch.txt include/hosts/requirements-cpu.txt -o include/hosts/requirements-cpu.lock
	$(COMPILE) --python-version 3.10 include/hosts/requirements-02.txt -o include/hosts/requirements-02.lock
	$(COMPILE) --python-version 3.10 include/hosts/requirements-48.txt -o include/hosts/requirements-48.lock
