"""Checks of the tree itself: modules stay readable, and nothing tells of one machine or one download host."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

LONGEST_MODULE = 600
# Written so that this file does not find itself.
FORBIDDEN = {
    r"(?:pypi|pythonhosted|npmjs|jsdelivr|unpkg|cdnjs)\.(?:org|com|net)": "a download host",
    r"-{2}(?:extra-)?index[-]url|-{2}find[-]links": "a package index",
    r"(?<![\w.<])/(?:work|root|home|Users)/[a-z]": "a path of one machine",
    r'"resolv(?:ed)":': "a download address",
}


def main() -> int:
    """Print every finding; return 1 if there is one."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    findings = []
    for path in map(Path, filter(None, listed.stdout.split("\0"))):
        try:
            lines = path.read_text("utf-8").splitlines()
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        if path.suffix == ".py" and len(lines) > LONGEST_MODULE:
            findings.append(f"{path}: {len(lines)} lines, and {LONGEST_MODULE} are the most")
        for number, line in enumerate(lines, 1):
            findings += [
                f"{path}:{number}: {what}" for pattern, what in FORBIDDEN.items() if re.search(pattern, line)
            ]
    sys.stdout.write("\n".join([*findings, ""]) if findings else "tree: no findings\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
