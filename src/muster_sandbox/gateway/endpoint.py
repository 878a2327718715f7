"""The web side of the gateway: file by key, ask by key, ask about many."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from muster_sandbox.connections import break_off
from muster_sandbox.gateway.contract import BASE, LARGEST_BODY, MOST_KEYS, Filing, json_read, key_read
from muster_sandbox.gateway.ledger import Arrival, Kept
from muster_sandbox.holding import hold

if TYPE_CHECKING:
    from muster_sandbox.registry import Registry

DOWN = "down"
RETRY_AFTER_SECONDS = 1
_NO_KEY = "the key must be a UUID, such as 123e4567-e89b-42d3-a456-426614174000"


async def one_filing(request: Request) -> Response:
    """File (PUT), or tell how far a filing is (GET)."""
    if request.method == "PUT":
        return await _file(request)
    registry: Registry = request.app.state.registry
    await asyncio.sleep(registry.settings.latency)
    if registry.settings.gateway_down:
        return _unavailable()
    key = key_read(request.path_params["key"])
    if key is None:
        return _error(400, _NO_KEY)
    found = (await registry.gateway.filed([key])).get(key)
    return _error(404, f"there is no filing {key}") if found is None else JSONResponse(found.status_object())


async def statuses(request: Request) -> Response:
    """Tell how far many filings are, and which of them never came."""
    registry: Registry = request.app.state.registry
    try:
        body = await _body(request)
        keys = _keys(body)
    except ClientDisconnect:
        return Response()
    except ValueError as problem:
        keys, answer = [], _error(400, str(problem))
    else:
        found = await registry.gateway.filed(keys)
        answer = JSONResponse(
            {
                "filings": [one.status_object() for one in found.values()],
                "unknown": [key for key in keys if key not in found],
            }
        )
    await asyncio.sleep(registry.settings.latency)
    return _unavailable() if registry.settings.gateway_down else answer


routes = [
    Route(f"{BASE}/filings/statuses", statuses, methods=["POST"]),
    Route(f"{BASE}/filings/{{key}}", one_filing, methods=["GET", "PUT"]),
]


async def _file(request: Request) -> Response:
    registry: Registry = request.app.state.registry
    settings = registry.settings
    came_at = asyncio.get_running_loop().time()
    key, problem = key_read(request.path_params["key"]), ""
    filing: Filing | None = None
    try:
        body = await _body(request)
        if key is None:
            raise ValueError(_NO_KEY)
        filing = Filing.read(body)
    except ClientDisconnect:
        # It went before it had said what to file.
        return Response()
    except ValueError as said:
        problem = str(said)
    if settings.gateway_down:
        kept = await registry.gateway.receive(Arrival(key or "", None, DOWN))
    else:
        kept = await registry.gateway.receive(Arrival(key or "", filing))
    if kept.fault == "held":
        await hold(request, stopping=registry.stopping, seconds=settings.timeout_hold)
        return PlainTextResponse("The registry took too long.", status_code=504)
    # What it takes to file is part of what an answer takes.
    await asyncio.sleep(came_at + settings.latency - asyncio.get_running_loop().time())
    match kept.fault:
        case "dropped" | "lost":
            return await break_off(request)
        case "throttle":
            return _error(
                429, "too many requests; nothing was filed", {"Retry-After": str(RETRY_AFTER_SECONDS)}
            )
        case "unavailable" | "down":
            return _unavailable()
        case "http_500" | "http_500_before":
            return PlainTextResponse("Internal Server Error", status_code=500)
    answer = _error(400, problem) if problem else _answer(registry, key or "", kept)
    if kept.fault == "broken":
        return Response(
            bytes(answer.body)[: len(answer.body) * 3 // 5], answer.status_code, media_type="application/json"
        )
    return answer


def _answer(registry: Registry, key: str, kept: Kept) -> Response:
    if kept.outcome == "conflict":
        return _error(409, f"the key {key} was used for a filing with other content")
    found = registry.gateway.ledger.filed([key])
    return JSONResponse(found[key].status_object(), status_code=201 if kept.outcome == "filed" else 200)


def _keys(body: bytes) -> list[str]:
    """Return the keys that are asked about, each once; ValueError says what is wrong with them."""
    given = json_read(body)
    if not isinstance(given, dict) or set(given) != {"keys"} or not isinstance(given["keys"], list):
        raise ValueError('send {"keys": [...]}')
    if len(given["keys"]) > MOST_KEYS:
        raise ValueError(f"send at most {MOST_KEYS} keys at once; these are {len(given['keys'])}")
    keys: dict[str, None] = {}
    for one in given["keys"]:
        key = key_read(one) if isinstance(one, str) else None
        if key is None:
            raise ValueError(f"{one!r} is not a key: {_NO_KEY}")
        keys[key] = None
    return list(keys)


def _unavailable() -> Response:
    return _error(503, "the gateway is not available; nothing was filed")


def _error(status: int, words: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": words}, status_code=status, headers=headers)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise ValueError(f"the body is longer than {LARGEST_BODY:,} bytes")
    return bytes(body)
