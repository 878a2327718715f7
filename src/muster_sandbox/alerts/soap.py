"""SOAP 1.1, document/literal: requests checked against the interface file, answers with reports attached."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from lxml import etree

from muster_sandbox.alerts.problems import Code, Refused

PATH = "/pdb-alerts-industry-services/services/industry-ws"
NAMESPACE = "https://pdb-services.nipr.com/pdb-alerts-industry-services/industry-ws"
LARGEST_REQUEST = 16 * 1024 * 1024
_INTERFACE = Path(__file__).parents[2] / "muster" / "registry" / "nipr" / "alerts.wsdl"
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_WSDL = "http://schemas.xmlsoap.org/wsdl/"
_WSDL_SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"
_SCHEMA = "http://www.w3.org/2001/XMLSchema"
_XOP = "http://www.w3.org/2004/08/xop/include"
_BOUNDARY = "sandbox-registry-part"


def interface(address: str) -> bytes:
    """Return the interface file with the address at which the service is reached."""
    found = etree.fromstring(_INTERFACE.read_bytes(), _parser())
    for each in found.iter(f"{{{_WSDL_SOAP}}}address"):
        each.set("location", address)
    return etree.tostring(found, xml_declaration=True, encoding="UTF-8")


@cache
def operations() -> frozenset[str]:
    """Return the names of the operations."""
    found = etree.fromstring(_INTERFACE.read_bytes(), _parser())
    return frozenset(found.xpath("w:portType/w:operation/@name", namespaces={"w": _WSDL}))


@cache
def schema() -> etree.XMLSchema:
    """Return the schema of what requests and answers carry."""
    found = etree.fromstring(_INTERFACE.read_bytes(), _parser())
    types = found.find(f"{{{_WSDL}}}types/{{{_SCHEMA}}}schema")
    # Written out and read again, it carries the prefixes that its types are named by.
    return etree.XMLSchema(etree.fromstring(etree.tostring(types)))


def call(body: bytes, action: str) -> etree._Element:
    """Return what a request asks for: the one element in its body, valid, an operation by its name.

    `action` is the header SOAPAction, which may be empty. Refused says what is wrong with the request.
    """
    try:
        envelope = etree.fromstring(body, _parser())
    except etree.XMLSyntaxError as problem:
        raise _bad(f"the body is not well-formed XML ({problem})") from None
    if envelope.getroottree().docinfo.doctype:
        raise _bad("a document type is not allowed")
    if envelope.tag != f"{{{_ENVELOPE}}}Envelope":
        raise _bad("the body is not a SOAP 1.1 envelope")
    asked = envelope.findall(f"{{{_ENVELOPE}}}Body/*")
    if len(asked) != 1:
        raise _bad("the SOAP body must hold exactly one element")
    name = etree.QName(asked[0])
    if name.namespace != NAMESPACE or name.localname not in operations():
        raise _bad(f"{name.text} is not an operation of this service")
    if action.strip('"') not in ("", f"{NAMESPACE}/{name.localname}"):
        raise _bad(f"SOAPAction does not name the operation {name.localname}")
    if not schema().validate(asked[0]):
        first = schema().error_log[0].message.replace(f"{{{NAMESPACE}}}", "")
        raise _bad(f"{name.localname} is not as the interface says: {first}")
    return asked[0]


def answer(operation: str, content: str = "") -> bytes:
    """Return the envelope that answers an operation; content is XML in the service's namespace."""
    return _enveloped(f'<{operation}Response xmlns="{NAMESPACE}">{content}</{operation}Response>')


def fault(refused: Refused) -> bytes:
    """Return the envelope that says why a request is refused."""
    side = "Server" if refused.code in (Code.NO_ALERTS, Code.INTERNAL) else "Client"
    return _enveloped(
        f"<soap:Fault><faultcode>soap:{side}</faultcode><faultstring>{escape(refused.message)}</faultstring>"
        f'<detail><PdbAlertsFault xmlns="{NAMESPACE}"><message>{escape(refused.message)}</message>'
        f"<errorCode>{int(refused.code)}</errorCode></PdbAlertsFault></detail></soap:Fault>"
    )


def inline(operation: str, documents: Sequence[bytes]) -> tuple[bytes, str]:
    """Return an answer with documents inside, in base64, and its content type."""
    return _reports(operation, [base64.b64encode(one).decode() for one in documents]), _content_type()


def attached(operation: str, documents: Sequence[bytes]) -> tuple[bytes, str]:
    """Return an answer with documents attached (MTOM/XOP), and its content type."""
    names = [f"report-{place}@sandbox-registry.example.com" for place in range(1, len(documents) + 1)]
    includes = [f'<xop:Include xmlns:xop="{_XOP}" href="cid:{name}"/>' for name in names]
    start = "answer@sandbox-registry.example.com"
    parts = [
        _part('application/xop+xml; charset=UTF-8; type="text/xml"', start, _reports(operation, includes)),
        *(_part("application/octet-stream", name, one) for name, one in zip(names, documents, strict=True)),
        f"--{_BOUNDARY}--\r\n".encode(),
    ]
    content_type = (
        f'multipart/related; type="application/xop+xml"; boundary="{_BOUNDARY}"; start="<{start}>"; '
        f'start-info="text/xml"'
    )
    return b"".join(parts), content_type


def _part(content_type: str, name: str, content: bytes) -> bytes:
    head = (
        f"--{_BOUNDARY}\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: binary\r\n"
        f"Content-ID: <{name}>\r\n\r\n"
    )
    return head.encode() + content + b"\r\n"


def _reports(operation: str, contents: Sequence[str]) -> bytes:
    reports = "".join(f"<alertsReport>{one}</alertsReport>" for one in contents)
    return answer(operation, f"<alertsReport>{reports}</alertsReport>")


def _enveloped(content: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="{_ENVELOPE}">'
        f"<soap:Body>{content}</soap:Body></soap:Envelope>\n"
    ).encode()


def _content_type() -> str:
    return "text/xml; charset=UTF-8"


def _bad(why: str) -> Refused:
    return Refused(Code.BAD_REQUEST, f"The request cannot be read: {why.rstrip('.')}.")


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True)
