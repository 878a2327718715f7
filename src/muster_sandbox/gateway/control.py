"""The control pages of the filing gateway: settings, the behavior of one NPN, decisions, and the ledger."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from muster_sandbox.control import given_fields, page_asked, refused, seconds, yes_or_no
from muster_sandbox.gateway.contract import Filed, Status, key_read, text_read
from muster_sandbox.gateway.faults import BEHAVIORS, GatewayFaults
from muster_sandbox.identifiers import npn_number
from muster_sandbox.registry import Registry


async def gateway(request: Request) -> JSONResponse:
    """Show settings and how many filings there are of each status; a POST sets what it names."""
    registry: Registry = request.app.state.registry
    settings = registry.settings
    if request.method == "POST":
        try:
            _set(registry, given_fields(await request.body(), _SETTINGS))
        except ValueError as problem:
            return refused(problem)
    await registry.gateway.decide_due()
    return JSONResponse(
        {
            "faults": settings.gateway_faults.as_dict(),
            "decide_after": settings.decide_after,
            "down": settings.gateway_down,
            "latency_ms": settings.latency * 1000,
            "behaviors": registry.gateway.behaviors,
            "filings": registry.gateway.ledger.counts(),
        }
    )


async def one_npn(request: Request) -> JSONResponse:
    """Show, set (POST) or take back (DELETE) how the gateway treats the filings about one NPN."""
    registry: Registry = request.app.state.registry
    number = npn_number(request.path_params["npn"])
    if number is None:
        return refused(ValueError("an NPN is 1 to 10 digits"))
    npn = str(number)
    if request.method == "POST":
        try:
            behavior = given_fields(await request.body(), {"behavior"}).get("behavior")
            if behavior not in BEHAVIORS:
                raise ValueError(f"{behavior!r} is not a behavior; the behaviors are {', '.join(BEHAVIORS)}")
        except ValueError as problem:
            return refused(problem)
        await registry.gateway.set_behavior(npn, behavior)
    elif request.method == "DELETE":
        await registry.gateway.set_behavior(npn, None)
    return JSONResponse({"npn": npn, "behavior": registry.gateway.behaviors.get(npn)})


async def filings(request: Request) -> JSONResponse:
    """List the filings in the order they came, those after a number; all or one NPN's."""
    registry: Registry = request.app.state.registry
    try:
        after, limit = page_asked(request.query_params)
        npn = request.query_params.get("npn")
        number = None if npn is None else npn_number(npn)
        if npn is not None and number is None:
            raise ValueError("an NPN is 1 to 10 digits")
    except ValueError as problem:
        return refused(problem)
    await registry.gateway.decide_due()
    chosen = None if number is None else str(number)
    found = registry.gateway.ledger.entries(npn=chosen, after=after, limit=limit)
    return JSONResponse({"filings": [_entry(one) for one in found]})


async def one_filing(request: Request) -> JSONResponse:
    """Show a filing; a POST decides one that is still open."""
    registry: Registry = request.app.state.registry
    key = key_read(request.path_params["key"])
    if key is None:
        return refused(ValueError("the key must be a UUID"))
    if request.method == "POST":
        try:
            status, words = _decision(given_fields(await request.body(), {"status", "words"}))
            found = await registry.gateway.set_status(key, status, words)
        except ValueError as problem:
            return refused(problem)
    else:
        found = (await registry.gateway.filed([key])).get(key)
    if found is None:
        return JSONResponse({"error": f"there is no filing {key}"}, status_code=404)
    return JSONResponse(_entry(found))


async def requests(request: Request) -> JSONResponse:
    """List the requests to file in the order they came, those after an id; all or one key's."""
    registry: Registry = request.app.state.registry
    try:
        after, limit = page_asked(request.query_params)
    except ValueError as problem:
        return refused(problem)
    key = request.query_params.get("key")
    found = registry.gateway.ledger.requests(key=key and key.lower(), after=after, limit=limit)
    return JSONResponse({"requests": found})


routes = [
    Route("/_control/gateway", gateway, methods=["GET", "POST"]),
    Route("/_control/gateway/npn/{npn}", one_npn, methods=["GET", "POST", "DELETE"]),
    Route("/_control/gateway/filings", filings, methods=["GET"]),
    Route("/_control/gateway/filings/{key}", one_filing, methods=["GET", "POST"]),
    Route("/_control/gateway/requests", requests, methods=["GET"]),
]

_SETTINGS = {"faults", "decide_after", "down", "latency_ms"}


def _set(registry: Registry, given: dict[str, Any]) -> None:
    settings = registry.settings
    faults = GatewayFaults.from_dict(given["faults"]) if "faults" in given else settings.gateway_faults
    decide_after = seconds(given, "decide_after") if "decide_after" in given else settings.decide_after
    latency = seconds(given, "latency_ms") / 1000 if "latency_ms" in given else settings.latency
    down = yes_or_no(given, "down") if "down" in given else settings.gateway_down
    settings.gateway_faults, settings.decide_after = faults, decide_after
    settings.latency, settings.gateway_down = latency, down


def _decision(given: dict[str, Any]) -> tuple[Status, str]:
    status = given.get("status")
    if status not in list(Status):
        raise ValueError(f"status must be one of {', '.join(Status)}")
    return Status(status), text_read("words", given.get("words", ""))


def _entry(one: Filed) -> dict[str, Any]:
    return {
        "number": one.number,
        **one.status_object(),
        "npn": one.filing.npn,
        "content": one.filing.as_dict(),
        "times": one.times,
    }
