"""Holding a request that "times out"."""

from __future__ import annotations

import asyncio

from starlette.requests import Request


async def hold(request: Request, *, stopping: asyncio.Event, seconds: float) -> None:
    """Keep the client waiting until it gives up, the time is over, or the sandbox stops."""

    async def gone() -> None:
        while not await request.is_disconnected():
            await asyncio.sleep(0.1)

    waits = {asyncio.create_task(gone()), asyncio.create_task(stopping.wait())}
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()
