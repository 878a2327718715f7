"""`python -m muster.cli`."""

from __future__ import annotations

from muster.cli.main import main

main()
