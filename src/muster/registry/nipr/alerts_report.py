"""From the documents of one day's alerts to the NPNs that they name.

The tree of the licensing report is known: persons with their NPNs, and blocks that say what a state has told
about them, often repeated. The trees of the other three kinds are not public; whom they name is found by what
an identifier looks like. What is named is fetched anew from the report service: nothing else is taken over.
But what a report says is kept in short, to know whether it says anything else when it is read once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256

from lxml import etree

from muster.core.alerts import AlertsReport
from muster.core.lines import categories_of
from muster.core.values import clean_npn
from muster.core.words import states
from muster.registry.nipr.xml import name_of, root_of
from muster.registry.port import BrokenAnswer

KINDS = {
    "LicensingReportProcessResult": "licensing",
    "DemographicsReportProcessResult": "demographics",
    "AppointmentsReportProcessResult": "appointments",
    "RIRSReportProcessResult": "regulatory actions",
}
NOTES_KEPT = 50
LONGEST_TEXT = 60
NPN_TYPE = "NAICProducerCode"
NPN_NAMES = frozenset({"npn", "nationalproducernumber"})
VALID = "valid"
OF_THE_MESSAGE = frozenset({"MessageHeader", "MessageResult"})
"""Elements that tell of this answer, and not of anybody's records."""


def parse_alerts(documents: Iterable[Callable[[], bytes]]) -> AlertsReport:
    """Read the documents of one day, each given as a function that raises BrokenAnswer if it has none.

    A document that cannot be read stops no other: `broken` says which it is.
    """
    named: dict[str, None] = {}
    kinds: dict[str, None] = {}
    notes: dict[str, None] = {}
    broken: list[str] = []
    contents: set[str] = set()
    for number, document in enumerate(documents, start=1):
        try:
            reader = _Reader(root_of(document()))
        except BrokenAnswer as error:
            broken.append(f"document {number}: {error.words}")
            continue
        kinds[reader.kind] = None
        named.update(dict.fromkeys(reader.named()))
        notes.update(reader.notes)
        contents.update(reader.contents())
    content = sha256(" ".join(sorted(contents)).encode()).hexdigest()
    return AlertsReport(tuple(named), tuple(kinds), _kept(notes), "; ".join(broken), content)


def _kept(notes: Iterable[str]) -> tuple[str, ...]:
    told = tuple(notes)
    more = len(told) - NOTES_KEPT
    return (*told[:NOTES_KEPT], f"And {more:,} notes more.") if more > 0 else told


class _Reader:
    """Reads one document, and notes what it cannot take over."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        name = name_of(root)
        if name not in KINDS:
            raise BrokenAnswer(f"its root is {name[:LONGEST_TEXT]}, which no alerts have")
        self.kind = KINDS[name]
        self.notes: dict[str, None] = {}

    def named(self) -> list[str]:
        """The NPNs that the document names, each once."""
        npns = [npn for said in self.identifiers() if (npn := self.npn(said))]
        status = _text(self.root, "MessageResult", "StatusCode")
        if status and status.lower() != VALID:
            self.notes[f"The {self.kind} report calls itself {status}."] = None
        if not npns:
            self.notes[f"The {self.kind} report names nobody whom we can read."] = None
        if self.kind == "licensing":
            self.look_at_blocks()
        return list(dict.fromkeys(npns))

    def identifiers(self) -> Iterator[str]:
        for element in self.root.iter(etree.Element):
            name = name_of(element)
            if name == "ExternalIdentifier":
                if _text(element, "TypeCode") == NPN_TYPE:
                    yield _text(element, "Id")
            elif name.lower() in NPN_NAMES and element.text and element.text.strip():
                yield element.text.strip()

    def npn(self, said: str) -> str | None:
        npn, _ = clean_npn(said)
        if npn is None:
            self.notes[f"“{said[:LONGEST_TEXT]}” is no NPN: left out."] = None
        return npn

    def contents(self) -> Iterator[str]:
        """What the document says, in short: the same however it is ordered, repeated and numbered."""
        keys: dict[str, str] | None = None
        if self.kind == "licensing":
            # Here a key is a number within this answer. Elsewhere it may be anything.
            keyed = [one for one in self.root.iter(etree.Element) if "key" in one.attrib]
            keys = {one.attrib["key"]: _short(one, {}) for one in keyed}
        for part in self.root.iterchildren(etree.Element):
            if name_of(part) not in OF_THE_MESSAGE:
                yield _short(part, keys)

    def look_at_blocks(self) -> None:
        """Note what the blocks of a licensing report say that we do not know. Repeated ones add nothing."""
        known_states = states()
        people = {
            key for one in self.root.iterfind(".//{*}Person") if (key := one.get("key")) and _has_npn(one)
        }
        for block in self.root.iterfind(".//{*}JurisdictionReport"):
            pointing = [one.get("personReference", "") for one in block.iterfind("{*}PersonReferences")]
            if not people.intersection(" ".join(pointing).split()):
                self.notes["A block is about nobody with an NPN in the report: left out."] = None
            for state in map(_own_text, block.iterfind(".//{*}StateOrProvinceCode")):
                if state and state.upper() not in known_states:
                    self.notes[f"{state[:LONGEST_TEXT]} is no state we know."] = None
            for license in block.iterfind(".//{*}InsuranceLicense"):
                self.look_at_lines(license)

    def look_at_lines(self, license: etree._Element) -> None:
        class_code = _text(license, "License", "LicenseClassCode")
        for line in license.iterfind("{*}LineOfAuthority"):
            state, code = _text(line, "StateOrProvinceCode").upper(), _text(line, "LineOfAuthorityCode")
            name = _text(line, "LineOfAuthorityDescription")
            if state in states() and not categories_of(state, class_code, code, name):
                told = f"line {code[:LONGEST_TEXT] or 'without a code'} “{name[:LONGEST_TEXT]}”"
                self.notes[f"{state} {told} is none we know."] = None


def _has_npn(person: etree._Element) -> bool:
    return any(
        _text(one, "TypeCode") == NPN_TYPE and _text(one, "Id")
        for one in person.iterfind("{*}ExternalIdentifier")
    )


def _short(element: etree._Element, keys: Mapping[str, str] | None) -> str:
    """A digest of an element that knows neither the order nor the number of the same things in it.

    `keys` are the digests of elements by their key, which stand in its place wherever it is named; None where
    keys are taken as they are.
    """
    attributes = dict(element.attrib)
    if keys is not None:
        attributes.pop("key", None)
        for name, value in attributes.items():
            attributes[name] = " ".join(sorted(keys.get(word, word) for word in value.split()))
    inside = {_short(one, keys) for one in element.iterchildren(etree.Element)}
    said = (element.tag, _own_text(element), sorted(attributes.items()), sorted(inside))
    return sha256(repr(said).encode()).hexdigest()


def _own_text(element: etree._Element) -> str:
    return element.text.strip() if element.text else ""


def _text(element: etree._Element, *path: str) -> str:
    """The text at the end of a path of names, whatever their namespaces."""
    found = element.findtext("/".join(f"{{*}}{name}" for name in path))
    return found.strip() if found else ""
