# make demo   the rehearsal: two weeks of the campaign on the built-in X and LinkedIn
# make test   formatting, lint, types and all tests (REQUIRE_ALL=1: a skipped test fails)
# Without make: python3 -m venv .venv && .venv/bin/pip install -e '.[dev]', then .venv/bin/pavois demo

.PHONY: demo postgres test lint bench lock catalogues screenshots clean
.DELETE_ON_ERROR:

# Compiled once at installation: otherwise every start would compile the libraries again.
export UV_COMPILE_BYTECODE := 1
UV := .boot/bin/uv
PY := .venv/bin/python

$(UV):
	@echo "Setting up (once)…"
	@python3 -m venv .boot && .boot/bin/pip install --quiet --disable-pip-version-check "uv>=0.9,<1"

.venv/run.stamp: $(UV) requirements.lock pyproject.toml
	@test -x $(PY) || $(UV) venv --quiet --python python3 .venv
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python $(PY) --no-deps -e .
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.lock
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements-dev.lock
	@touch $@

# The peers that the benchmarks run beside Pavois.
.venv/bench.stamp: .venv/dev.stamp requirements-bench.lock
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements-bench.lock
	@touch $@

demo: .venv/run.stamp
	@.venv/bin/pavois demo $(ARGS)

# The driver of PostgreSQL, for who keeps the database on a server: the one that the tests use.
postgres: .venv/run.stamp
	@awk '/^[a-z]/ { driver = /^psycopg/ } driver' requirements-dev.lock | $(UV) pip install --quiet --python $(PY) --require-hashes --no-deps -r -

lint: .venv/dev.stamp
	@.venv/bin/ruff format --check --quiet . || { echo "mend with: .venv/bin/ruff format ."; exit 1; }
	@.venv/bin/ruff check --quiet .
	@.venv/bin/mypy --no-error-summary

# Four at a time: most of them wait for daemons, leases and servers.
test: lint
	@REQUIRE_ALL=$(REQUIRE_ALL) .venv/bin/pytest -q -n 4 $(ARGS)

bench: .venv/bench.stamp
	@$(PY) -m benchmarks $(ARGS)

# requirements*.lock: what is installed, by hash. They name no host.
lock: $(UV)
	@$(UV) pip compile pyproject.toml --quiet --universal --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements.lock
	@$(UV) pip compile pyproject.toml --quiet --universal --upgrade --extra dev --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements-dev.lock
	@$(UV) pip compile pyproject.toml --quiet --universal --upgrade --extra bench --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements-bench.lock

# After a change of words: collects them into bot/locale, to be translated there, and compiles what is translated.
catalogues: .venv/dev.stamp
	@$(PY) -m tests.catalogues

# The README's pictures, from a rehearsal (needs Chromium and its fonts: see tests/screenshots.py).
screenshots: .venv/dev.stamp
	@$(PY) -m tests.screenshots

clean:
	rm -rf .boot .venv rehearsal dist .mypy_cache .ruff_cache .pytest_cache
