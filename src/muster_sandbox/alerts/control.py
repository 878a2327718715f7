"""The control pages of the alerts service and of the account's password, as JSON."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from muster_sandbox.alerts.faults import NAMES, AlertFaults
from muster_sandbox.control import given_fields, refused, yes_or_no
from muster_sandbox.registry import Registry

_LONGEST_LINE = 1_000


async def alerts(request: Request) -> JSONResponse:
    """Show faults, targets and reports; a POST sets faults, those next in line, and how reports come."""
    registry: Registry = request.app.state.registry
    if request.method == "POST":
        try:
            _set(registry, given_fields(await request.body(), {"faults", "next", "inline_attachments"}))
        except ValueError as problem:
            return refused(problem)
    await registry.catch_up()
    shown = await asyncio.to_thread(registry.alerts.shown)
    return JSONResponse(
        {
            "faults": registry.alerts_mishaps.faults.as_dict(),
            "next": registry.alerts_mishaps.line,
            "inline_attachments": registry.settings.inline_attachments,
            **shown,
        }
    )


async def password(request: Request) -> JSONResponse:
    """Show whether the password has expired; a POST says so."""
    registry: Registry = request.app.state.registry
    if request.method == "POST":
        try:
            given = given_fields(await request.body(), {"expired"})
            registry.settings.password_expired = yes_or_no(given, "expired")
        except ValueError as problem:
            return refused(problem)
    return JSONResponse({"expired": registry.settings.password_expired})


routes = [
    Route("/_control/alerts", alerts, methods=["GET", "POST"]),
    Route("/_control/password", password, methods=["GET", "POST"]),
]


def _set(registry: Registry, given: dict[str, Any]) -> None:
    mishaps = registry.alerts_mishaps
    faults = AlertFaults.from_dict(given["faults"]) if "faults" in given else mishaps.faults
    line = given.get("next", mishaps.line)
    if not isinstance(line, list) or len(line) > _LONGEST_LINE or any(one not in NAMES for one in line):
        raise ValueError(f"next must be a list of faults; the faults are {', '.join(NAMES)}")
    if "inline_attachments" in given:
        registry.settings.inline_attachments = yes_or_no(given, "inline_attachments")
    mishaps.faults, mishaps.line = faults, list(line)
