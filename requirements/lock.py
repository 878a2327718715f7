"""Pin and hash what the *.in files ask for, and package.json, without writing down where it came from.

Run by `make requirements`. Pins that still fit are kept; delete a .txt file first to take everything newer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
REPOSITORY = HERE.parent
BIN = Path(sys.executable).parent


def lock_python() -> None:
    """Compile the .in files in the order in which they constrain each other; hashes of every platform."""
    for name in ("base", "dev", "bench"):
        subprocess.run(
            [
                *(BIN / "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
                *("--generate-hashes", "--no-header", "--no-annotate"),
                *(f"{name}.in", "--output-file", f"{name}.txt"),
            ],
            cwd=HERE,
            check=True,
        )


def lock_pages() -> None:
    """Write package-lock.json with versions and hashes only."""
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    subprocess.run(
        [BIN / "npm", "install", "--package-lock-only", "--ignore-scripts", "--loglevel=error"],
        cwd=REPOSITORY,
        env=os.environ | {"PATH": path},
        check=True,
    )
    lock = REPOSITORY / "package-lock.json"
    content = json.loads(lock.read_text("utf-8"))
    for package in content["packages"].values():
        package.pop("resolved", None)
        package.pop("funding", None)
    lock.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    lock_python()
    lock_pages()
