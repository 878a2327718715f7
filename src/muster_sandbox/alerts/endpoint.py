"""The web side of the alerts service: SOAP by POST, the interface file by GET."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lxml import etree
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from muster_sandbox.alerts import soap
from muster_sandbox.alerts.faults import damaged, lacking
from muster_sandbox.alerts.operations import Answer, day_asked
from muster_sandbox.alerts.problems import Code, Refused
from muster_sandbox.holding import hold

if TYPE_CHECKING:
    from muster_sandbox.registry import Registry

SCRIPT = "alerts"
_OUTCOMES = {Code.NO_ALERTS: "no_alerts", Code.BAD_REQUEST: "bad_request"}


async def alerts(request: Request) -> Response:
    """Answer an operation, or what the faults put in its place; GET ?wsdl shows the interface file."""
    registry: Registry = request.app.state.registry
    if request.method == "GET":
        if "wsdl" not in {name.lower() for name in request.query_params}:
            return PlainTextResponse("Send a SOAP request by POST, or get ?wsdl.", status_code=405)
        return _soap(soap.interface(str(request.url.replace(query=""))))
    attempt = registry.ledger.next_attempt(SCRIPT, "")
    mishaps, today = registry.alerts_mishaps, registry.settings.day()
    fault = mishaps.coming(seed=registry.settings.seed, attempt=attempt)
    operation, outcome = "", "answered"

    def keep(outcome: str) -> None:
        registry.ledger.record(script=SCRIPT, npn="", outcome=outcome, attempt=attempt, operation=operation)

    try:
        asked = soap.call(await _body(request), request.headers.get("soapaction", ""))
        operation = etree.QName(asked).localname
        if fault in ("unavailable", "unauthorized"):
            keep(fault)
            return _turned_away(fault)
        if fault == "error":
            raise Refused(Code.INTERNAL, "The alerts service could not process the request (sandbox error).")
        day = day_asked(asked, today)
        of_day = mishaps.of_day(day, seed=registry.settings.seed, today=today) if day else ""
        if day and of_day == "day_unavailable":
            mishaps.befell(day, of_day, today=today)
            keep(of_day)
            return _turned_away("unavailable")
        answer = await asyncio.to_thread(registry.alerts.do, asked, today)
        if day and answer.report and of_day == "late":
            mishaps.befell(day, of_day, today=today)
            answer, outcome = Answer(report=await asyncio.to_thread(lacking, answer.report, day)), of_day
            if not answer.report:
                raise Refused(Code.NO_ALERTS, f"There are no alerts for {day}.")
        # A report can only be damaged as it is; what is on demand waits for one that can.
        worse = await asyncio.to_thread(damaged, answer.report, fault) if answer.report else None
        if worse is not None:
            mishaps.came(fault)
            answer, outcome = Answer(report=worse), fault
        reply = await asyncio.to_thread(_answer, operation, answer, registry.settings.inline_attachments)
    except Refused as refused:
        outcome = "error" if refused.code is Code.INTERNAL else _OUTCOMES.get(refused.code, "refused")
        reply = _soap(soap.fault(refused), status=500)
    if fault == "timeout":
        # The answer is lost on its way: what was asked for is done all the same.
        keep(fault)
        await hold(request, stopping=registry.stopping, seconds=registry.settings.timeout_hold)
        return PlainTextResponse("The registry took too long.", status_code=504)
    if fault == "broken":
        outcome = fault
        reply = _soap(bytes(reply.body).replace(b"</soap:Body>", b"</soap:Bod>", 1), reply.status_code)
    keep(outcome)
    if registry.settings.latency:
        await asyncio.sleep(registry.settings.latency)
    return reply


routes = [Route(soap.PATH, alerts, methods=["GET", "POST"])]


def _answer(operation: str, answer: Answer, inline: bool) -> Response:
    if answer.report is None:
        return _soap(soap.answer(operation, answer.content))
    pack = soap.inline if inline else soap.attached
    content, content_type = pack(operation, [document for _, document in answer.report])
    return Response(content, headers={"Content-Type": content_type})


def _turned_away(fault: str) -> Response:
    if fault == "unavailable":
        return PlainTextResponse("The alerts service is not available.", status_code=503)
    return PlainTextResponse(
        "The password is not accepted.",
        status_code=401,
        headers={"WWW-Authenticate": 'Basic realm="sandbox registry", charset="UTF-8"'},
    )


def _soap(content: bytes, status: int = 200) -> Response:
    return Response(content, status_code=status, headers={"Content-Type": "text/xml; charset=UTF-8"})


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > soap.LARGEST_REQUEST:
            raise Refused(Code.BAD_REQUEST, "The request is too long: send fewer targets at once.")
    return bytes(body)
