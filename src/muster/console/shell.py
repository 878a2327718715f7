"""What every page's frame needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def context(request: HttpRequest) -> dict[str, Any]:
    """The template context of the frame."""
    return {"member": getattr(request, "member", None)}
