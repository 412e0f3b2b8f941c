# What `check` and `docs` share: virtual environments (.venv). It is sourced where it lies.

root=$(cd .. && pwd)
target=${CARGO_TARGET_DIR:-$root/target}

oldest=3.9
newest=3.13
between=(3.10 3.11 3.12)
free_threaded=3.14t

# An activated environment or a configured interpreter must not decide what is built.
unset CONDA_PREFIX PYO3_PYTHON PYTHONHOME PYTHONPATH VIRTUAL_ENV
export PIP_DISABLE_PIP_VERSION_CHECK=1

# Says what it is about only where it fails.
quietly() {
    local said
    if ! said=$("$@" 2>&1); then
        printf '%s\n' "$said" >&2
        return 1
    fi
}

# Makes the virtual environment $venv for a version of Python, or fails where there is none.
environment() {
    local version=$1 python
    venv=$root/.venv/$version
    if ! "$venv/bin/python" -c '' 2> /dev/null; then
        python=$("$root/ci/python" "$version") || return 1
        quietly "$python" -m venv --clear "$venv" || exit 1
    fi
}

install() {
    quietly "$venv/bin/python" -m pip install --quiet "$@"
}
