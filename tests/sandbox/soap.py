"""Speaking to the sandbox's alerts service as a plain SOAP client, so that tests see the wire."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from email.parser import BytesParser

import httpx
from lxml import etree

PATH = "/pdb-alerts-industry-services/services/industry-ws"
NAMESPACE = "https://pdb-services.nipr.com/pdb-alerts-industry-services/industry-ws"
ACORD = "http://www.acord.org/schema/data/draft/ReusableDataComponents/1"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
XOP = "http://www.w3.org/2004/08/xop/include"
SUBSCRIPTION = "everybody"


@dataclass(frozen=True)
class Fault(Exception):
    """A SOAP fault: the error code, and the words."""

    code: int
    message: str


def post(client: httpx.Client, operation: str, inside: str = "") -> httpx.Response:
    """Send an operation and return the raw answer."""
    body = (
        f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Header/><s:Body>'
        f'<{operation} xmlns="{NAMESPACE}">{inside}</{operation}></s:Body></s:Envelope>'
    )
    headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": f'"{NAMESPACE}/{operation}"'}
    return client.post(PATH, content=body.encode(), headers=headers)


def ask(client: httpx.Client, operation: str, inside: str = "") -> etree._Element:
    """Send an operation and return the element that answers it; a SOAP fault is raised."""
    return answered(post(client, operation, inside))


def answered(answer: httpx.Response) -> etree._Element:
    """Return the element in an answer's SOAP body, after what is attached was put in its place."""
    root, parts = answer.content, {}
    if answer.headers["content-type"].startswith("multipart/related"):
        head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
        message = BytesParser().parsebytes(head + answer.content)
        first, *rest = message.get_payload()
        assert first["Content-ID"] == message.get_param("start")
        root = first.get_payload(decode=True)
        parts = {one["Content-ID"].strip("<>"): one.get_payload(decode=True) for one in rest}
    envelope = etree.fromstring(root)
    assert envelope.tag == f"{{{ENVELOPE}}}Envelope"
    (inside,) = envelope.find(f"{{{ENVELOPE}}}Body")
    fault = inside.find(f"detail/{{{NAMESPACE}}}PdbAlertsFault")
    if fault is not None:
        assert answer.status_code == 500
        code = fault.findtext(f"{{{NAMESPACE}}}errorCode")
        raise Fault(int(code), fault.findtext(f"{{{NAMESPACE}}}message"))
    assert answer.status_code == 200
    for include in list(inside.iter(f"{{{XOP}}}Include")):
        holder = include.getparent()
        holder.remove(include)
        holder.text = base64.b64encode(parts[include.get("href").removeprefix("cid:")]).decode()
    return inside


def documents(client: httpx.Client, day: date | None = None) -> list[bytes]:
    """Return the documents of the report of a day, or of today; none where there are no alerts."""
    operation, inside = "receiveCurrentAlertsReport", ""
    if day is not None:
        operation, inside = "receiveSpecificReport", f"<reportDate>{day}</reportDate>"
    try:
        return documents_of(ask(client, operation, inside))
    except Fault as fault:
        if fault.code == 5:
            return []
        raise


def documents_of(answer: etree._Element) -> list[bytes]:
    """Return the documents in the answer to an operation that reports."""
    return [
        base64.b64decode(one.text)
        for one in answer.iterfind(f"{{{NAMESPACE}}}alertsReport/{{{NAMESPACE}}}alertsReport")
    ]


def named(document: bytes) -> set[str]:
    """Return the NPNs that a document names and has a block about."""
    root = etree.fromstring(document)
    people = {
        one.get("key"): one.findtext(f"{{{ACORD}}}ExternalIdentifier/{{{ACORD}}}Id")
        for one in root.iter(f"{{{ACORD}}}Person")
    }
    blocks = {one.get("personReference") for one in root.iter(f"{{{ACORD}}}PersonReferences")}
    assert set(people) == blocks
    return set(people.values())


def everybody_named(client: httpx.Client, day: date | None = None) -> set[str]:
    """Return the NPNs that a day's report names, whatever the kind of alert."""
    return set().union(*map(named, documents(client, day)))


def subscription(name: str = SUBSCRIPTION, states: str = "", kinds: Iterable[str] = ()) -> str:
    """Return what adds or edits a subscription."""
    listed = "".join(f"<alertTypeList>{kind}</alertTypeList>" for kind in kinds)
    return (
        f"<subscriptionInputData><subscriptionName>{name}</subscriptionName><email>alerts@example.com</email>"
        f"<affiliationList><None>true</None></affiliationList>"
        f"<stateList>{states or '<allStates>true</allStates>'}</stateList>"
        f"<alertTypeList>{listed}</alertTypeList></subscriptionInputData>"
    )


def targets(npns: Iterable[str], name: str = SUBSCRIPTION) -> str:
    """Return what adds or removes targets by NPN."""
    listed = "".join(f"<npnList>{npn}</npnList>" for npn in npns)
    return (
        f"<subscriptionName>{name}</subscriptionName><targetInputData><inputFormat>NPN</inputFormat>"
        f"<targetInputList>{listed}</targetInputList></targetInputData>"
    )


def watch(client: httpx.Client, npns: Iterable[str], states: str = "", kinds: Iterable[str] = ()) -> None:
    """Subscribe to NPNs."""
    ask(client, "addSubscription", subscription(states=states, kinds=kinds))
    ask(client, "addTargets", targets(npns))


def texts(element: etree._Element, *names: str) -> list[tuple[str, ...]]:
    """Return, for each list element that has the first name, the texts of its children by the other names."""
    listed, *fields = names
    return [
        tuple(one.findtext(f"{{{NAMESPACE}}}{field}") for field in fields)
        for one in element.iter(f"{{{NAMESPACE}}}{listed}")
    ]
