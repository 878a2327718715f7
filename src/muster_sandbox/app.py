"""The web application: report services, alerts, filing gateway and control pages, behind HTTP Basic auth."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from muster_sandbox import control, report
from muster_sandbox.alerts import control as alerts_control
from muster_sandbox.alerts import endpoint
from muster_sandbox.behavior import Outcome
from muster_sandbox.gateway import control as gateway_control
from muster_sandbox.gateway import endpoint as gateway
from muster_sandbox.holding import hold
from muster_sandbox.identifiers import folded, npn_number
from muster_sandbox.records import Producer
from muster_sandbox.registry import Registry
from muster_sandbox.settings import Settings

ENTITY_INFO = "entityinfo_xml.cgi"
HIT_LIST = "hitlist_xml.cgi"
OTHER_LAST_NAME = "this SSN is on record with another last name"
RETRY_AFTER_SECONDS = 1
_FLUSH_EVERY_SECONDS = 0.2
_LARGEST_FORM = 65_536


def application(registry: Registry) -> Starlette:
    """Return the application that serves one registry."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        work = (_flush_for_ever(registry), registry.gateway.decide_for_ever())
        tasks = [asyncio.create_task(each) for each in work]
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        registry.close()

    app = Starlette(
        routes=[
            Route(f"/pdb-xml-reports/{ENTITY_INFO}", entity_info, methods=["GET", "POST"]),
            Route(f"/pdb-xml-reports/{HIT_LIST}", hit_list, methods=["GET", "POST"]),
            *endpoint.routes,
            *gateway.routes,
            *control.routes,
            *alerts_control.routes,
            *gateway_control.routes,
        ],
        lifespan=lifespan,
    )
    app.state.registry = registry
    app.add_middleware(BasicAuth, settings=registry.settings)
    return app


async def entity_info(request: Request) -> Response:
    """Answer with the full report of one NPN."""
    registry: Registry = request.app.state.registry
    form = await _form(request)
    npn = npn_number(form.get("id_entity", ""))
    problem = _report_type_problem(form)
    if npn is None:
        problem = "id_entity must be the NPN of a producer: 1 to 10 digits"
    if npn is None or problem:
        registry.refuse(ENTITY_INFO)
        return _xml(report.error("PDB", problem))
    found = registry.find(npn)
    if found is not None and not _of_type(found, form):
        found = None
    return await _reply(request, ENTITY_INFO, str(npn), "PDB", found, report.pdb_report)


async def hit_list(request: Request) -> Response:
    """Answer with whom an SSN and last name belong to, or a license number, in one state or in any."""
    registry: Registry = request.app.state.registry
    form = await _form(request)
    ssn, last_name = form.get("ssn", ""), form.get("name_last", "")
    number, state = form.get("license_num", "").strip(), form.get("state", "").strip().upper()
    problem = _report_type_problem(form)
    if form.get("report_type") == "0":
        problem = "the sandbox has hit lists of individuals only: send report_type 1"
    elif not (ssn and last_name) and not number:
        problem = "send ssn and name_last, or license_num and state"
    if problem:
        registry.refuse(HIT_LIST)
        return _xml(report.error("HITLIST", problem))
    why = ""
    if ssn and last_name:
        owner = registry.find_by_ssn(ssn)
        first_name = form.get("name_first", "")
        found = [] if owner is None else [owner]
        if owner is not None and folded(owner.last_name) != folded(last_name):
            found, why = [], OTHER_LAST_NAME
        elif owner is not None and first_name and folded(owner.first_name) != folded(first_name):
            found = []
    else:
        ssn = ""
        found = registry.find_by_license(number, state)

    def answer(_: Producer) -> str:
        return report.hit_list(found, searched_ssn=ssn.replace("-", "").replace(" ", ""))

    first = found[0] if found else None
    return await _reply(request, HIT_LIST, first.npn if first else "", "HITLIST", first, answer, why)


async def _reply(
    request: Request,
    script: str,
    npn: str,
    root: str,
    found: Producer | None,
    answer: Callable[[Producer], str],
    why: str = "",
) -> Response:
    """Give the answer, or what the NPN's behavior or the faults put in its place."""
    registry: Registry = request.app.state.registry
    outcome = registry.decide(script, npn, found=found is not None)
    if outcome is Outcome.TIMEOUT:
        await hold(request, stopping=registry.stopping, seconds=registry.settings.timeout_hold)
        return PlainTextResponse("The registry took too long.", status_code=504)
    if registry.settings.latency:
        await asyncio.sleep(registry.settings.latency)
    missing = report.error(root, f"Producer not found: {why or _no_record(npn)}")
    match outcome:
        case Outcome.ERROR:
            return _xml(report.error(root, "The registry could not process the request (sandbox error)."))
        case Outcome.HTTP_500:
            return PlainTextResponse("Internal Server Error", status_code=500)
        case Outcome.THROTTLED:
            return PlainTextResponse(
                "Too Many Requests", status_code=429, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}
            )
        case Outcome.BROKEN_XML:
            return _xml(report.broken(answer(found) if found else missing))
        case Outcome.TRUNCATED_XML:
            return _xml(report.truncated(answer(found) if found else missing))
    return _xml(answer(found) if found and outcome is Outcome.ANSWERED else missing)


def _no_record(npn: str) -> str:
    return f"no record for {f'NPN {npn}' if npn else 'this search'}"


async def _form(request: Request) -> dict[str, str]:
    """Return the parameters of the query and of the form in the body, the body's winning."""
    pairs = request.query_params.multi_items()
    if request.method == "POST":
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LARGEST_FORM:
                break
        else:
            pairs += parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return dict(pairs)


def _report_type_problem(form: dict[str, str]) -> str:
    if form.get("report_type", "") in ("", "0", "1"):
        return ""
    return "report_type must be 1 (individual) or 0 (firm)"


def _of_type(found: Producer, form: dict[str, str]) -> bool:
    return form.get("report_type", "") in ("", "0" if found.firm else "1")


def _xml(text: str) -> Response:
    return Response(text.encode(), media_type="text/xml; charset=UTF-8")


async def _flush_for_ever(registry: Registry) -> None:
    while True:
        await asyncio.sleep(_FLUSH_EVERY_SECONDS)
        registry.ledger.flush()


class BasicAuth:
    """Lets in only requests that carry the one user's name and password, while that has not expired."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._settings = settings
        self._expected = f"{settings.user}:{settings.password}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        problem = ""
        if not self._allows(dict(scope["headers"]).get(b"authorization", b"")):
            problem = "Send the user and password of the sandbox registry by HTTP Basic authentication."
        elif self._settings.password_expired and not scope["path"].startswith("/_control/"):
            problem = "The password has expired."
        if not problem:
            await self.app(scope, receive, send)
            return
        refusal = PlainTextResponse(
            problem,
            status_code=401,
            headers={"WWW-Authenticate": 'Basic realm="sandbox registry", charset="UTF-8"'},
        )
        await refusal(scope, receive, send)

    def _allows(self, header: bytes) -> bool:
        scheme, _, coded = header.partition(b" ")
        if scheme.lower() != b"basic":
            return False
        try:
            given = base64.b64decode(coded, validate=True)
        except binascii.Error:
            return False
        return hmac.compare_digest(given, self._expected)
