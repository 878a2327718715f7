"""The eleven operations: from the element that asks to what it gets."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from lxml import etree

from muster_sandbox.alerts.problems import Code, Refused
from muster_sandbox.alerts.reports import Observe, Report, Reports
from muster_sandbox.alerts.soap import NAMESPACE
from muster_sandbox.alerts.subscriptions import Subscription, Subscriptions

# The NPN that an input leads to, or None: its format, what it says (an SSN, NPN or FEIN), a last name.
Identify = Callable[[str, str, str], str | None]
_LISTS = {"SSN_LASTNAME": "ssnLNameList", "NPN": "npnList", "FEIN": "feinList"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation gives back: content for the answer, or a report."""

    content: str = ""
    report: Report | None = None


def day_asked(asked: etree._Element, today: date) -> date | None:
    """Return of which day the report is asked for; None where another operation is, or a day to come."""
    match etree.QName(asked).localname:
        case "receiveCurrentAlertsReport":
            return today
        case "receiveSpecificReport":
            day = _day(asked)
            return day if day <= today else None
    return None


class Alerts:
    """The alerts service of one home; its methods may be called from any thread, and take turns."""

    def __init__(
        self,
        home: Path,
        observe: Observe,
        identify: Identify,
        *,
        made_with: str,
        stopping: Callable[[], bool],
    ) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(home / "ledger.sqlite3", check_same_thread=False, timeout=30)
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._identify = identify
        self.subscriptions = Subscriptions(self._database)
        self.reports = Reports(self._database, self.subscriptions, observe, stopping)
        self.reports.made_with(made_with)

    def is_behind(self, today: date) -> bool:
        """Say whether reports are to be made."""
        return self.reports.made_until is not None and self.reports.made_until < today

    def publish_until(self, today: date) -> None:
        """Make the reports that are missing."""
        with self._lock:
            self.reports.publish_until(today)

    def look_again(self, npns: Iterable[str]) -> None:
        """Compare NPNs for the next report whatever the calendar says."""
        with self._lock:
            self.reports.look_again(npns)

    def shown(self) -> dict[str, object]:
        """Return how many targets each subscription has and how many producers each kept report names."""
        with self._lock:
            return {"targets": self.subscriptions.count(), "reports": self.reports.counts()}

    def forget(self) -> None:
        """Forget subscriptions, targets and reports."""
        with self._lock:
            for one in self.subscriptions.all():
                self.subscriptions.remove(one.name)
            self.reports.forget()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._database.close()

    def do(self, asked: etree._Element, today: date) -> Answer:
        """Do an operation, given the valid element that asks for it; Refused says why it cannot be done."""
        with self._lock:
            self.reports.publish_until(today)
            if self.is_behind(today):
                raise Refused(Code.INTERNAL, "The sandbox registry stops.")
            match etree.QName(asked).localname:
                case "receiveCurrentAlertsReport":
                    return Answer(report=self.reports.of_day(today, today=today))
                case "receiveSpecificReport":
                    return Answer(report=self.reports.of_day(_day(asked), today=today))
                case "generateCatchUpReport":
                    return Answer(report=self.reports.catch_up(today))
                case "addSubscription":
                    return self._kept(asked, self.subscriptions.add)
                case "editSubscription":
                    return self._kept(asked, self.subscriptions.edit)
                case "retrieveAllSubscriptions":
                    return Answer("".join(map(_subscription, self.subscriptions.all())))
            name = _text(asked, "subscriptionName")
            self.subscriptions.require(name)
            match etree.QName(asked).localname:
                case "removeSubscription":
                    self.subscriptions.remove(name)
                    self.reports.unwatch()
                    return _named(name)
                case "removeAllTargets":
                    self.subscriptions.remove_targets(name, None)
                    self.reports.unwatch()
                    return _named(name)
                case "addTargets":
                    return self._add_targets(name, asked, today)
                case "removeTargets":
                    return self._remove_targets(name, asked)
            return Answer(_results(self.subscriptions.targets(name).items(), ()))

    def _kept(self, asked: etree._Element, keep: Callable[[Subscription], None]) -> Answer:
        data = asked[0]
        name = _text(data, "subscriptionName")
        affiliations = _child(data, "affiliationList")
        states = _child(data, "stateList")
        keep(
            Subscription(
                name=name,
                email=_text(data, "email"),
                affiliations=tuple(
                    (_text(one, "fein"), _text(one, "cocode"))
                    if len(one)
                    else ("", etree.QName(one).localname)
                    for one in affiliations
                ),
                states=tuple(
                    one.text or ""
                    if etree.QName(one).localname == "stateList"
                    else etree.QName(one).localname
                    for one in states
                ),
                kinds=tuple(one.text or "" for one in _child(data, "alertTypeList")),
            )
        )
        return _named(name)

    def _add_targets(self, name: str, asked: etree._Element, today: date) -> Answer:
        found, invalid = self._identified(asked)
        self.reports.watch(found, today)
        self.subscriptions.add_targets(name, found, today)
        return Answer(_results(self.subscriptions.added_on(name, found).items(), invalid))

    def _remove_targets(self, name: str, asked: etree._Element) -> Answer:
        found, invalid = self._identified(asked)
        removed = self.subscriptions.added_on(name, found)
        invalid += [(npn, f"Not a target of {name}.") for npn in found if npn not in removed]
        self.subscriptions.remove_targets(name, removed)
        self.reports.unwatch()
        return Answer(_results(removed.items(), invalid))

    def _identified(self, asked: etree._Element) -> tuple[dict[str, None], list[tuple[str, str]]]:
        """Return the NPNs that are meant, each once, and the inputs that mean nobody, with the reason."""
        data = _child(asked, "targetInputData")
        kind = _text(data, "inputFormat")
        given = list(_child(data, "targetInputList"))
        if any(etree.QName(one).localname != _LISTS[kind] for one in given):
            raise Refused(Code.BAD_REQUEST, f"inputFormat {kind} goes with {_LISTS[kind]}.")
        found: dict[str, None] = {}
        invalid: list[tuple[str, str]] = []
        for one in given:
            by_ssn = kind == "SSN_LASTNAME"
            key = _text(one, "ssn") if by_ssn else (one.text or "").strip()
            npn = self._identify(kind, key, _text(one, "lastname") if by_ssn else "")
            if npn is None:
                what = "SSN and last name" if by_ssn else kind
                invalid.append((key, f"No producer has this {what}."))
            else:
                found[npn] = None
        return found, invalid


def _results(valid: Iterable[tuple[str, str]], invalid: Iterable[tuple[str, str]]) -> str:
    def parts() -> Iterator[str]:
        yield "<targetResultsData>"
        for npn, added in valid:
            yield f"<validTargetList><npn>{npn}</npn><addedDate>{added}</addedDate></validTargetList>"
        for given, reason in invalid:
            yield (
                f"<invalidInputList><input>{escape(given)}</input>"
                f"<invalidReason>{escape(reason)}</invalidReason></invalidInputList>"
            )
        yield "</targetResultsData>"

    return "".join(parts())


def _subscription(one: Subscription) -> str:
    def affiliation(fein: str, cocode: str) -> str:
        if cocode in ("None", "All"):
            return f"<{cocode}>true</{cocode}>"
        parts = (("fein", fein), ("cocode", cocode))
        inside = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in parts if text)
        return f"<affiliationList>{inside}</affiliationList>"

    states = "".join(
        f"<{code}>true</{code}>" if len(code) > 2 else f"<stateList>{code}</stateList>" for code in one.states
    )
    kinds = "".join(f"<alertTypeList>{kind}</alertTypeList>" for kind in one.kinds)
    return (
        f"<subscriptionData><subscriptionName>{escape(one.name)}</subscriptionName>"
        f"<email>{escape(one.email)}</email>"
        f"<affiliationList>{''.join(affiliation(*each) for each in one.affiliations)}</affiliationList>"
        f"<stateList>{states}</stateList><alertTypeList>{kinds}</alertTypeList></subscriptionData>"
    )


def _named(name: str) -> Answer:
    return Answer(f"<subscriptionName>{escape(name)}</subscriptionName>")


def _child(element: etree._Element, name: str) -> etree._Element:
    found = element.find(f"{{{NAMESPACE}}}{name}")
    if found is None:
        raise Refused(Code.BAD_REQUEST, f"{name} is missing.")
    return found


def _day(asked: etree._Element) -> date:
    said = _text(asked, "reportDate")
    try:
        # The schema allows a time zone after the day, and years beyond four digits.
        return date.fromisoformat(said[:10])
    except ValueError:
        raise Refused(Code.BAD_REQUEST, f"reportDate {said} is not a day that there can be.") from None


def _text(element: etree._Element, name: str) -> str:
    return (element.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()
