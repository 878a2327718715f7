"""The client of NIPR's alerts service: SOAP 1.1 as `alerts.wsdl` says, reports as MTOM attachments.

Answers are read by the names that matter, wherever they stand: more than is public of them may come.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from urllib.parse import unquote

from django.conf import settings
from lxml import etree
from lxml.builder import ElementMaker

from muster.core.alerts import AlertsReport
from muster.registry.nipr.alerts_report import parse_alerts
from muster.registry.nipr.multipart import Attachments, read_parts
from muster.registry.nipr.xml import name_of, root_of
from muster.registry.port import BrokenAnswer, NoAlerts, Rejected, TargetsAnswer, Unauthorized, Unavailable
from muster.registry.transport import Account, Answer, Service, Transport, account_of

NAMESPACE = "https://pdb-services.nipr.com/pdb-alerts-industry-services/industry-ws"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XOP_INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"
ALERT_TYPES = ("LICENSING", "DEMOGRAPHICS", "APPOINTMENTS", "RIRS")

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes. A day on which half a million licenses change, or a list of half a million targets."""

NO_ALERTS = "5"
FAULT = 500
LONGEST_WORDS = 200

# A password that has ended is told as HTTP 401, or by a fault in words such as these; its code is not public.
_NOT_LET_IN = re.compile(r"\bauthenticat|\bcredential|\bpassword\b|\blog ?in\b", re.IGNORECASE)

_soap = ElementMaker(namespace=SOAP, nsmap={"soapenv": SOAP})
_ask = ElementMaker(namespace=NAMESPACE, nsmap={"ind": NAMESPACE})


class NiprAlerts(Service):
    """NIPR's PDB Alerts, or anything that speaks like it. See `muster.registry.port.AlertsService`."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.transport = Transport(
            account, url_setting="MUSTER_ALERTS_URL", accept="text/xml, multipart/related"
        )

    def subscriptions(self) -> list[str]:
        """The names of our subscriptions."""
        body, _ = self._call("retrieveAllSubscriptions")
        return _texts(body, "subscriptionName")

    def add_subscription(self, name: str, *, email: str) -> None:
        """Make a subscription to alerts of all kinds and states."""
        self._call(
            "addSubscription",
            _ask.subscriptionInputData(
                _ask.subscriptionName(name),
                _ask.email(email),
                _ask.affiliationList(_ask("None", "true")),
                _ask.stateList(_ask.allStates("true")),
                _ask.alertTypeList(*map(_ask.alertTypeList, ALERT_TYPES)),
            ),
        )

    def targets(self, subscription: str) -> frozenset[str]:
        """The NPNs on the subscription's list."""
        body, _ = self._call("retrieveTargets", _ask.subscriptionName(subscription))
        return frozenset(npn.lstrip("0") for npn in _texts(body, "npn"))

    def add_targets(self, subscription: str, npns: Sequence[str]) -> TargetsAnswer:
        """Put NPNs on the list; those on it already count as taken."""
        return self._change_targets("addTargets", subscription, npns)

    def remove_targets(self, subscription: str, npns: Sequence[str]) -> TargetsAnswer:
        """Take NPNs off the list."""
        return self._change_targets("removeTargets", subscription, npns)

    def report(self, day: date) -> AlertsReport:
        """What has changed on a day. Raises NoAlerts where nothing has."""
        body, attachments = self._call("receiveSpecificReport", _ask.reportDate(day.isoformat()))
        holders = [
            one
            for one in body.iter(f"{{{NAMESPACE}}}alertsReport")
            if one.find(XOP_INCLUDE) is not None or (one.text or "").strip()
        ]
        if not holders:
            raise BrokenAnswer("it holds no report")
        documents: list[Callable[[], bytes]] = [partial(_document, one, attachments) for one in holders]
        return parse_alerts(documents)

    def _change_targets(self, operation: str, subscription: str, npns: Sequence[str]) -> TargetsAnswer:
        body, _ = self._call(
            operation,
            _ask.subscriptionName(subscription),
            _ask.targetInputData(_ask.inputFormat("NPN"), _ask.targetInputList(*map(_ask.npnList, npns))),
        )
        refused = {
            _text(one, "input").lstrip("0"): _text(one, "invalidReason")[:LONGEST_WORDS]
            for one in body.iter(f"{{{NAMESPACE}}}invalidInputList")
        }
        taken = frozenset(npn.lstrip("0") for npn in _texts(body, "npn"))
        return TargetsAnswer(taken, refused)

    def _call(self, operation: str, *arguments: etree._Element) -> tuple[etree._Element, Attachments]:
        """Call an operation; give the body of the answer's envelope and the attachments."""
        envelope = _soap.Envelope(_soap.Header(), _soap.Body(_ask(operation, *arguments)))
        answer = self.transport.post(
            self.account.url,
            largest=LARGEST_ANSWER,
            readable=(200, FAULT),
            content=etree.tostring(envelope, xml_declaration=True, encoding="UTF-8"),
            headers={
                "Content-Type": "text/xml; charset=UTF-8",
                "SOAPAction": f'"{NAMESPACE}/{operation}"',
            },
        )
        return _opened(answer)


def from_settings() -> NiprAlerts:
    """The alerts service that the settings name."""
    of_its_own = {name: settings.MUSTER_ALERTS[name] for name in ("url", "user", "password", "read_seconds")}
    return NiprAlerts(account_of({**settings.MUSTER_REGISTRY, **of_its_own, "concurrency": 1}))


def _opened(answer: Answer) -> tuple[etree._Element, Attachments]:
    try:
        text, attachments = read_parts(answer)
        # A report may stand in the envelope itself, as one text. The answer's size is limited.
        root = root_of(text, huge=True)
    except BrokenAnswer:
        if answer.status == FAULT:
            # A server in trouble answers with a page of its own.
            raise Unavailable("it answered HTTP 500 without saying why") from None
        raise
    body = root.find(f"{{{SOAP}}}Body")
    if name_of(root) != "Envelope" or body is None:
        raise BrokenAnswer(f"its root is {name_of(root)[:40]}, not a SOAP envelope")
    fault = body.find(f"{{{SOAP}}}Fault")
    if fault is not None:
        _raise(fault)
    return body, attachments


def _raise(fault: etree._Element) -> None:
    """Raise what a fault means."""
    said = {name_of(one): " ".join((one.text or "").split()) for one in fault.iter(etree.Element)}
    words = (said.get("message") or said.get("faultstring") or "a fault without words")[:LONGEST_WORDS]
    code = said.get("errorCode", "")
    if code == NO_ALERTS:
        raise NoAlerts(words)
    if _NOT_LET_IN.search(f"{said.get('faultcode', '')} {words}"):
        raise Unauthorized(words)
    raise Rejected(f"{words.removesuffix('.')} (code {code})" if code else words)


def _document(holder: etree._Element, attachments: Attachments) -> bytes:
    """The document that an element holds, as text or as an attachment. Raises BrokenAnswer."""
    include = holder.find(XOP_INCLUDE)
    if include is not None:
        return attachments.named(unquote(include.get("href", "").removeprefix("cid:")))
    try:
        return base64.b64decode("".join((holder.text or "").split()), validate=True)
    except binascii.Error:
        raise BrokenAnswer("it is no base64") from None


def _texts(body: etree._Element, name: str) -> list[str]:
    found = (one.text.strip() for one in body.iter(f"{{{NAMESPACE}}}{name}") if one.text)
    return [text for text in found if text]


def _text(element: etree._Element, name: str) -> str:
    return (element.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()
