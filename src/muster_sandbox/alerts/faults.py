"""What goes wrong with the alerts service: with a request, with the report that answers it, or with a day."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from hashlib import blake2b

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
    """Faults of the alerts service: of requests, from `truncated` on of reports, from `late` on of days."""

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
    late: float = 0.0
    day_unavailable: float = 0.0


NAMES = tuple(field.name for field in fields(AlertFaults))
OF_REPORTS = frozenset(NAMES[NAMES.index("truncated") : NAMES.index("late")])
OF_DAYS = frozenset(NAMES[NAMES.index("late") :])
LONGEST_UNAVAILABLE = 9
"""Days for which the report of a day cannot be had, at most."""


class Mishaps:
    """What is to go wrong: what was put in line first, else by probability."""

    def __init__(self, faults: AlertFaults) -> None:
        self.faults = faults
        self.line: list[str] = []
        # What befell a day because it was in line, and until which day.
        self._befallen: dict[date, tuple[str, date]] = {}

    def coming(self, *, seed: int, attempt: int) -> str:
        """Return the fault that the n-th request gets, or empty text.

        A fault of requests leaves the line with that; one of reports stays until `came` says that it
        came, and one of days until `befell` does.
        """
        if not self.line:
            drawn = self.faults.name_drawn(seed=seed, about=ABOUT, attempt=attempt)
            return "" if drawn in OF_DAYS else drawn
        fault = self.line[0]
        if fault in OF_DAYS:
            return ""
        if fault not in OF_REPORTS:
            self.line.pop(0)
        return fault

    def came(self, fault: str) -> None:
        """Say that a fault of reports came."""
        if self.line[:1] == [fault]:
            self.line.pop(0)

    def of_day(self, day: date, *, seed: int, today: date) -> str:
        """Return the fault that a day's report has today, or empty text."""
        if self.line[:1] and self.line[0] in OF_DAYS:
            return self.line[0]
        fault, until = self._befallen.get(day) or self._drawn(day, seed)
        return fault if today < until else ""

    def befell(self, day: date, fault: str, *, today: date) -> None:
        """Say that a fault of days befell a day; one that was in line does so until the next weekday."""
        if self.line[:1] == [fault]:
            self.line.pop(0)
            self._befallen[day] = fault, _next_weekday(today)

    def _drawn(self, day: date, seed: int) -> tuple[str, date]:
        fault = self.faults.name_drawn(seed=seed, about=f"{ABOUT} {day}", attempt=0)
        if fault == "late":
            return fault, _next_weekday(day)
        if fault == "day_unavailable":
            return fault, day + timedelta(days=1 + _number(seed, day) % LONGEST_UNAVAILABLE)
        return "", day


def lacking(report: Report, day: date) -> Report:
    """Return what a late report has at first: without some whom it names, and perhaps without anybody."""
    documents = (
        (kind, _lacking(document, lambda npn: _number(npn, day) % 2 == 0)) for kind, document in report
    )
    return [(kind, document) for kind, document in documents if document]


def _lacking(document: bytes, is_left_out: Callable[[str], bool]) -> bytes:
    """Return a document without some of its people, always the first; empty if nobody is left."""
    tree = etree.fromstring(document)
    report = tree[-1]
    first, *others = report.findall(f"{{{NAMESPACE}}}Person")
    left_out = [first, *(one for one in others if is_left_out(_find(one, "Id").text or ""))]
    if len(left_out) > len(others):
        return b""
    keys = {one.get("key") for one in left_out}
    for block in report.findall(f"{{{NAMESPACE}}}JurisdictionReport"):
        if _find(block, "PersonReferences").get("personReference") in keys:
            report.remove(block)
    for one in left_out:
        report.remove(one)
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8")


def _next_weekday(day: date) -> date:
    return day + timedelta(days={4: 3, 5: 2}.get(day.weekday(), 1))


def _number(*about: object) -> int:
    return int.from_bytes(blake2b(":".join(map(str, about)).encode(), digest_size=4).digest(), "big")


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
