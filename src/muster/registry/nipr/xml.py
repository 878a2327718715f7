"""Reading XML of strangers: no entities, no document types, no huge trees unless they are looked for."""

from __future__ import annotations

from lxml import etree

from muster.registry.port import BrokenAnswer

_PARSER = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def root_of(document: bytes, *, huge: bool = False) -> etree._Element:
    """The root of an XML document, whose texts may be longer than 10 MB if `huge`. Raises BrokenAnswer."""
    try:
        root = etree.fromstring(document, etree.XMLParser(**{**_PARSER, "huge_tree": huge}))
    except etree.XMLSyntaxError as error:
        # The parser's own words may repeat parts of the answer.
        raise BrokenAnswer(f"it is no well-formed XML (line {error.position[0]})") from None
    if root.getroottree().docinfo.doctype:
        raise BrokenAnswer("it carries a document type, which no answer of a registry needs")
    return root


def name_of(element: etree._Element) -> str:
    """The name of an element, whatever its namespace."""
    return etree.QName(element).localname
