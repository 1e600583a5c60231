# Needs git, make and python3 only. uv, Python packages and everything else end up in .uv/ and .venv/.

# A uv on PATH is used; otherwise one is put into .uv/.
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
UV_VERSION := 0.13.9
PYTHON := .venv/bin/python
SYNCED := .venv/.synced

# TensorFlow, gRPC and absl tell their life's story at start-up otherwise. TFRS and TFT need Keras 2.
export TF_CPP_MIN_LOG_LEVEL ?= 2
export GRPC_VERBOSITY ?= ERROR
export TF_USE_LEGACY_KERAS ?= 1

# Two processes: most tests wait for TensorFlow's single-threaded import and for servers, not for each other.
# A file stays in one process, so that its fixtures are made once.
PYTEST_ARGS ?= -n 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help setup run demo lint format test test-gate test-kubeflow test-serving test-flink benchmark-quality benchmark-speed

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*  ## /\1|/p' Makefile | awk -F'|' '{printf "make %-18s %s\n", $$1, $$2}'

setup: $(SYNCED)  ## bring uv and install the locked environment into .venv/

run: $(SYNCED)  ## the whole pipeline on the demo shop; ARGS="--data … --schema …" for your own
	@$(PYTHON) local_runner.py $(ARGS)

demo: $(SYNCED)  ## a page to try the last pushed servable in; ARGS="--root DIR --server URL"
	@$(PYTHON) -m playground $(ARGS)

lint: $(SYNCED)  ## ruff, mypy --strict, import layers
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo

format: $(SYNCED)  ## let ruff mend and format what it can
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

test: lint  ## lint, then every test but the benchmarks and those of the targets below
	@$(PYTHON) -m pytest $(PYTEST_ARGS) $(ARGS)

test-gate: $(SYNCED)  ## planted failures, each refused by its rule; 20 good retrains, none refused
	@$(PYTHON) -m pytest $(PYTEST_ARGS) -m gate -rP --durations=0 tests/e2e $(ARGS)

test-kubeflow: $(SYNCED)  ## the compiled pipeline executed again: a baseline, a kill, a gate that refuses
	@$(PYTHON) -m pytest -m kubeflow --durations=0 tests/e2e/test_kubeflow.py $(ARGS)

test-serving: $(SYNCED)  ## a minute of requests while versions are swapped; SERVING_ROOT=runs for your own
	@$(PYTHON) -m pytest -m benchmark tests/e2e/test_serving_load.py $(ARGS)

test-flink: $(SYNCED)  ## the same results from workers elsewhere and from a Flink cluster; skips say what is missing
	@$(PYTHON) -m pytest -n 0 -m flink --durations=0 tests/deploy $(ARGS)

benchmark-quality: $(SYNCED)  ## quality by published protocols on real MovieLens; ARGS="--protocol … --seeds …"
	@$(UV) sync --frozen --quiet --inexact --group benchmarks
	@$(PYTHON) -m benchmarks.quality $(ARGS)

benchmark-speed: $(SYNCED)  ## speed and memory, side by side with others; ARGS="--only …"
	@$(UV) sync --frozen --quiet --inexact --group benchmarks
	@$(PYTHON) -m benchmarks.speed $(ARGS)

# Re-done only when the lock changes. `--frozen`: the lock is taken as it is, never re-resolved.
$(SYNCED): uv.lock | $(UV)
	@$(UV) sync --frozen --quiet
	@touch $@

# python3 -m venv needs ensurepip, which Debian ships apart; a pip of its own does as well.
.uv/bin/uv:
	@python3 -m venv .uv 2>/dev/null && .uv/bin/python -m pip install --quiet uv==$(UV_VERSION) \
	  || { rm -rf .uv; python3 -m pip install --quiet --target .uv uv==$(UV_VERSION); } \
	  || { rm -rf .uv; echo "make: python3 has neither venv nor pip; install uv first: https://docs.astral.sh/uv" >&2; exit 1; }
