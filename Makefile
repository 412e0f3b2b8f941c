# `make test` is everything that must hold; the other targets are its parts.

CARGO ?= cargo
PYTHON ?= python3
FUZZ_SECONDS ?= 20
# For how long `make stress` makes up histories of a store.
STRESS_SECONDS ?= 600
# How many preemptions the models allow more than they do in `make test`.
LOOM_MORE ?= 0
EXAMPLES = first_points busiest own_samples recording live

# Keeping what the next build after a change could use makes each first build a quarter dearer.
export CARGO_INCREMENTAL ?= 0

# What runs a program of tests, so that none runs without an end.
LIMITED = --config "target.'cfg(all())'.runner='ci/limited'"

.PHONY: test format lint features docs rust models python licences fresh dist fuzz instructions msrv semver stress sanitize \
	bench bench-compare bench-processes bench-frames bench-recorder bench-store bench-live

test: format lint features docs rust models python licences
	@echo "all checks passed"

format:
	$(CARGO) fmt --all --check

lint:
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

# The core with each set of its features.
features:
	ci/features

# Both references: target/doc, and target/docs/python of the package.
docs:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked
	cmetrics-py/docs

# Unit, integration, documentation and README tests; benches and examples run once. The whole
# workspace is named, and no package alone, so that all parts, the wheel among them, ask for the same
# features of what they depend on: else the engine would be built anew for each.
rust:
	$(CARGO) test --locked --workspace $(LIMITED)
	$(CARGO) test --locked --workspace $(LIMITED) --bench '*' -- --test
	$(CARGO) build --locked --workspace $(EXAMPLES:%=--bin %)
	for example in $(EXAMPLES); do \
		ci/limited $${CARGO_TARGET_DIR:-target}/debug/$$example > /dev/null || exit 1; \
	done

# What threads share without locks, under every schedule that loom tries.
models:
	LOOM_MORE=$(LOOM_MORE) RUSTC_WORKSPACE_WRAPPER=$(CURDIR)/ci/with-loom \
		$(CARGO) test --locked $(LIMITED) -p cmetrics-core --lib -- recorder::models store::append_list

# The built wheel on every Python that it is for, in virtual environments (.venv); PYTHONS names
# interpreters that are neither on the path nor pyenv's.
python:
	cmetrics-py/check

licences:
	$(PYTHON) ci/licences.py

# The README's commands, in a new clone of what is committed and with an empty home folder.
fresh:
	ci/fresh

# All that a release uploads, built and checked; TAG is the tag that it is to have.
dist:
	$(PYTHON) ci/dist

# With the oldest Rust that is promised, which is installed if need be.
msrv:
	ci/msrv

# What the core's callers must change since the last release; needs cargo-semver-checks.
semver:
	ci/semver

# Needs a nightly toolchain; its corpus is a test of `make rust` wherever there is none.
fuzz:
	ci/fuzz $(FUZZ_SECONDS)

# The tests that take too long to be part of `make rust`.
stress:
	$(CARGO) test --locked --release -p cmetrics-core --test recorder --test allocations -- --ignored
	CMETRICS_STRESS_SECONDS=$(STRESS_SECONDS) \
		$(CARGO) test --locked --release -p cmetrics-core --lib --test store -- --ignored for_long
	$(CARGO) test --locked --release -p cmetrics-live --test proof -- --ignored for_long

# Needs valgrind: instructions a byte, as benches/README.md has them.
instructions:
	ci/instructions

# What threads share without locks, under sanitizers and Miri; needs a nightly toolchain.
sanitize:
	ci/sanitize

bench:
	$(CARGO) bench --locked -p cmetrics-benches

# cmetrics and other parsers over the same documents, in one run.
bench-compare:
	benches/compare

# cmetrics and what one would pick instead, as whole processes.
bench-processes:
	benches/processes

# The Python package, and what one would pick instead.
bench-frames:
	benches/frames

# The recorder, and what one would write instead, on many threads.
bench-recorder:
	benches/recorder

# The store, and what one would keep points in instead.
bench-store:
	benches/store

# Machines that are polled, which a process of their own serves.
bench-live:
	benches/live
