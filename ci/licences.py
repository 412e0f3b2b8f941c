"""Checks that every dependency may be used under a licence on the list below."""

from __future__ import annotations

import json
import re
import subprocess
import sys

ALLOWED = {
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "0BSD",
    "CC0-1.0",
}


def may_be_used(expression: str) -> bool:
    """Whether one choice of an SPDX expression is allowed in all of its parts."""
    flat = expression.replace("(", " ").replace(")", " ").replace("/", " OR ")
    if "(" in expression and " AND " in expression:
        # (A OR B) AND C: each bracket and each other part must have an allowed choice.
        parts = [part.strip("() ") for part in re.split(r"\bAND\b", expression)]
        return all(may_be_used(part) for part in parts)
    return any(
        all(part.strip() in ALLOWED for part in choice.split(" AND "))
        for choice in flat.split(" OR ")
    )


def main() -> int:
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    metadata = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    packages = metadata["packages"]
    refused = [
        f"{package['name']} {package['version']}: {package['license']}"
        for package in packages
        if not may_be_used(package["license"] or "none stated")
    ]
    for line in refused:
        print(f"licence not on the list: {line}", file=sys.stderr)
    print(f"{len(packages)} packages, {len(refused)} with a licence that is not on the list")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
