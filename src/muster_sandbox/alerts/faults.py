"""What goes wrong with the alerts service: with a request, or with the report that it is answered with."""

from __future__ import annotations

import copy
from dataclasses import dataclass, fields

from lxml import etree

from muster_sandbox.alerts.kinds import Kind
from muster_sandbox.alerts.reports import Report
from muster_sandbox.alerts.trees import NAMESPACE
from muster_sandbox.behavior import Probabilities

STRANGER = "8999999"
UNKNOWN_LINE = "ZZ999"
UNKNOWN_STATE = "ZZ"
ABOUT = "alerts"


@dataclass(frozen=True, slots=True)
class AlertFaults(Probabilities):
    """The faults of the alerts service; those from `truncated` on are faults of a report."""

    unavailable: float = 0.0
    timeout: float = 0.0
    error: float = 0.0
    unauthorized: float = 0.0
    broken: float = 0.0
    truncated: float = 0.0
    broken_report: float = 0.0
    stranger: float = 0.0
    unknown_line: float = 0.0
    unknown_state: float = 0.0
    repeated: float = 0.0


NAMES = tuple(field.name for field in fields(AlertFaults))
OF_REPORTS = frozenset(NAMES[NAMES.index("truncated") :])


class Mishaps:
    """What is to go wrong: what was put in line first, else by probability."""

    def __init__(self, faults: AlertFaults) -> None:
        self.faults = faults
        self.line: list[str] = []

    def coming(self, *, seed: int, attempt: int) -> str:
        """Return the fault that the n-th request gets, or empty text.

        A fault of requests leaves the line with that; one of reports stays until `came` says that it came.
        """
        if not self.line:
            return self.faults.name_drawn(seed=seed, about=ABOUT, attempt=attempt)
        fault = self.line[0]
        if fault not in OF_REPORTS:
            self.line.pop(0)
        return fault

    def came(self, fault: str) -> None:
        """Say that a fault of reports came."""
        if self.line[:1] == [fault]:
            self.line.pop(0)


def damaged(report: Report, fault: str) -> Report | None:
    """Return a report with a fault of reports, or None if this report cannot have it."""
    if fault not in OF_REPORTS:
        return None
    hit = report[0][0]
    if fault in ("unknown_line", "unknown_state") and hit is not Kind.LICENSING:
        return None
    return [(kind, _damaged(document, fault) if kind is hit else document) for kind, document in report]


def _damaged(document: bytes, fault: str) -> bytes:
    if fault == "truncated":
        return document[: len(document) * 3 // 5]
    if fault == "broken_report":
        return document.replace(b"</MessageHeader>", b"</MessageHead>", 1)
    tree = etree.fromstring(document)
    report = tree[-1]
    people = report.findall(f"{{{NAMESPACE}}}Person")
    blocks = report.findall(f"{{{NAMESPACE}}}JurisdictionReport")
    match fault:
        case "stranger":
            person, block = copy.deepcopy(people[0]), copy.deepcopy(blocks[0])
            person.set("key", "P0")
            _find(person, "Id").text = STRANGER
            _find(block, "PersonReferences").set("personReference", "P0")
            people[0].addprevious(person)
            blocks[0].addprevious(block)
        case "unknown_line":
            for line in list(report.iter(f"{{{NAMESPACE}}}LineOfAuthority"))[:1]:
                _find(line, "LineOfAuthorityCode").text = UNKNOWN_LINE
                _find(line, "LineOfAuthorityDescription").text = "A line that no list has"
        case "unknown_state":
            for state in list(blocks[0].iter(f"{{{NAMESPACE}}}StateOrProvinceCode")):
                state.text = UNKNOWN_STATE
        case "repeated":
            report.extend([copy.deepcopy(block) for block in blocks])
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8")


def _find(element: etree._Element, name: str) -> etree._Element:
    return next(element.iter(f"{{{NAMESPACE}}}{name}"))
