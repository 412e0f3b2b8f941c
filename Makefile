# `make test` is everything that must hold; the other targets are its parts.

CARGO ?= cargo
PYTHON ?= python3
FUZZ_SECONDS ?= 20

.PHONY: test format lint docs rust python licences fuzz instructions \
	bench bench-compare bench-processes

test: format lint docs rust python licences
	@echo "all checks passed"

format:
	$(CARGO) fmt --all --check

lint:
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

docs:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked

# Unit, integration, documentation and README tests; benches and examples run once.
rust:
	$(CARGO) test --locked
	$(CARGO) bench --locked -p cmetrics-benches -- --test
	for example in first_points busiest own_samples; do \
		$(CARGO) run --locked --quiet -p cmetrics-examples --bin $$example > /dev/null || exit 1; \
	done

# The built wheel in a virtual environment of its own (.venv).
python:
	PYTHON=$(PYTHON) cmetrics-py/check

licences:
	$(PYTHON) ci/licences.py

# Needs a nightly toolchain; its corpus is a test of `make rust` wherever there is none.
fuzz:
	ci/fuzz $(FUZZ_SECONDS)

# Needs valgrind: instructions a byte, as benches/README.md has them.
instructions:
	ci/instructions

bench:
	$(CARGO) bench --locked -p cmetrics-benches

# cmetrics and other parsers over the same documents, in one run.
bench-compare:
	benches/compare

# cmetrics and what one would pick instead, as whole processes.
bench-processes:
	benches/processes
