"""The logins that were made for the demo, shown when it starts and on its log-in page."""

from __future__ import annotations

import json
from pathlib import Path

from django.conf import settings


def demo_logins_file() -> Path:
    """Where they stand, readable by the operator alone."""
    return Path(settings.MUSTER_HOME) / "demo-logins.json"


def demo_logins() -> list[dict[str, str]]:
    """Email, password and role of each; none where there is no demo, or its file cannot be read."""
    try:
        logins: list[dict[str, str]] = json.loads(demo_logins_file().read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return logins
