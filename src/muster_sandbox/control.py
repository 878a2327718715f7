"""The control pages: latency and faults, the behavior of one NPN, and the ledger, as JSON."""

from __future__ import annotations

import asyncio
import json
from datetime import date, timedelta
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from muster_sandbox.behavior import Faults
from muster_sandbox.changes import checked
from muster_sandbox.identifiers import npn_number
from muster_sandbox.registry import Registry

_LARGEST_PAGE = 10_000


async def faults(request: Request) -> JSONResponse:
    """Show latency, hold and faults; a POST sets those that it names."""
    registry: Registry = request.app.state.registry
    if request.method == "POST":
        try:
            given = given_fields(await request.body(), {"latency_ms", "timeout_hold", "faults"})
            registry.change(
                latency=None if "latency_ms" not in given else seconds(given, "latency_ms") / 1000,
                timeout_hold=None if "timeout_hold" not in given else seconds(given, "timeout_hold"),
                faults=Faults.from_dict(given["faults"]) if "faults" in given else None,
            )
        except ValueError as problem:
            return refused(problem)
    settings = registry.settings
    return JSONResponse(
        {
            "latency_ms": settings.latency * 1000,
            "timeout_hold": settings.timeout_hold,
            "faults": settings.faults.as_dict(),
        }
    )


async def today(request: Request) -> JSONResponse:
    """Show the day as of which answers are given; a POST lets time pass, to a day or by some days."""
    registry: Registry = request.app.state.registry
    if request.method == "POST":
        try:
            given = given_fields(await request.body(), {"today", "days"})
            registry.move_to(_day(given, registry.settings.day()))
        except ValueError as problem:
            return refused(problem)
        await registry.catch_up()
    settings = registry.settings
    return JSONResponse({"today": str(settings.day()), "days_ahead": settings.days_ahead})


async def one_npn(request: Request) -> JSONResponse:
    """Show, set (POST) or clear (DELETE) what differs for one NPN; setting forgets its requests."""
    registry: Registry = request.app.state.registry
    number = npn_number(request.path_params["npn"])
    if number is None:
        return refused(ValueError("an NPN is 1 to 10 digits"))
    npn = str(number)
    if request.method == "POST":
        try:
            override = checked(_json(await request.body()))
        except ValueError as problem:
            return refused(problem)
        await registry.set_override(npn, override)
    elif request.method == "DELETE":
        await registry.set_override(npn, None)
    return JSONResponse({"npn": npn, "override": registry.ledger.override(npn)})


async def ledger(request: Request) -> JSONResponse:
    """Show the requests of one NPN or all, oldest first, and count outcomes; DELETE forgets them."""
    registry: Registry = request.app.state.registry
    query = request.query_params
    npn = npn_number(query.get("npn", ""))
    try:
        after, limit = page_asked(query)
        if npn is None and "npn" in query:
            raise ValueError("an NPN is 1 to 10 digits")
    except ValueError as problem:
        return refused(problem)
    chosen = None if npn is None else str(npn)
    if request.method == "DELETE":
        registry.ledger.forget(npn=chosen)
    entries = registry.ledger.entries(npn=chosen, after=after, limit=limit)
    return JSONResponse({"outcomes": registry.ledger.outcomes(npn=chosen), "requests": entries})


async def reset(request: Request) -> JSONResponse:
    """Forget all requests and all that was set at run time."""
    registry: Registry = request.app.state.registry
    await asyncio.to_thread(registry.alerts.forget)
    await registry.gateway.forget()
    registry.reset()
    return JSONResponse({"reset": True})


routes = [
    Route("/_control/faults", faults, methods=["GET", "POST"]),
    Route("/_control/today", today, methods=["GET", "POST"]),
    Route("/_control/npn/{npn}", one_npn, methods=["GET", "POST", "DELETE"]),
    Route("/_control/ledger", ledger, methods=["GET", "DELETE"]),
    Route("/_control/reset", reset, methods=["POST"]),
]


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise ValueError("the body is not JSON") from None


def given_fields(body: bytes, known: set[str]) -> dict[str, Any]:
    """Return the fields of a JSON object; ValueError if it is none or has fields that are not known."""
    given = _json(body)
    if not isinstance(given, dict):
        raise ValueError("send a JSON object")
    unknown = sorted(set(given) - known)
    if unknown:
        raise ValueError(f"{unknown[0]!r} cannot be set; what can be set is {', '.join(sorted(known))}")
    if "faults" in given and not isinstance(given["faults"], dict):
        raise ValueError("faults must be an object of probabilities by name")
    return given


def _day(given: dict[str, Any], today: date) -> date:
    if set(given) == {"today"} and isinstance(given["today"], str):
        try:
            return date.fromisoformat(given["today"])
        except ValueError:
            raise ValueError(f"today must be a day, YYYY-MM-DD; it is {given['today']!r}") from None
    days = given.get("days")
    if (
        set(given) == {"days"}
        and isinstance(days, int)
        and not isinstance(days, bool)
        and 0 <= days <= 1_000_000
    ):
        return today + timedelta(days=days)
    raise ValueError(
        'send {"today": "YYYY-MM-DD"} or {"days": N}, with a number of days that is not negative'
    )


def seconds(given: dict[str, Any], name: str) -> float:
    """Return a time, in seconds or as its name says; ValueError if it is none."""
    value = given[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 3_600_000:
        raise ValueError(f"{name} must be a number that is not negative")
    return float(value)


def yes_or_no(given: dict[str, Any], name: str) -> bool:
    """Return what is true or false; ValueError if it is neither."""
    if not isinstance(given.get(name), bool):
        raise ValueError(f"{name} must be true or false")
    return bool(given[name])


def page_asked(query: QueryParams) -> tuple[int, int]:
    """Return after which entry a page begins and how many it has at most; ValueError if that is no number."""
    after, limit = (npn_number(query.get(name, default)) for name, default in _PAGE)
    if after is None or limit is None:
        raise ValueError("after and limit must be digits")
    return after, min(limit, _LARGEST_PAGE)


_PAGE = (("after", "0"), ("limit", "1000"))


def refused(problem: ValueError) -> JSONResponse:
    """Return the answer to what makes no sense."""
    return JSONResponse({"error": str(problem)}, status_code=400)
