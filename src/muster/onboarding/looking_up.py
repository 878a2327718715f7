"""Asking the registry who is to be onboarded. Nothing is written here, and no transaction is open."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from muster.core.findings import Finding, finding
from muster.core.onboarding import IdentifiedBy
from muster.core.report import Hit, ProducerReport
from muster.core.sync import Failure, reason
from muster.registry.models import RegistryPause
from muster.registry.port import NotFound, OtherLastName, Registry, RegistryError


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """By what a person says who is to be onboarded; cleaned values, empty where they were not asked for."""

    by: IdentifiedBy
    email: str
    npn: str = ""
    ssn: str = field(default="", repr=False)
    last_name: str = ""
    number: str = ""
    state: str = ""


class LookedUp(NamedTuple):
    """What the registry answered: a report, or persons to choose from, or findings that say why neither."""

    report: ProducerReport | None = None
    hits: tuple[Hit, ...] = ()
    findings: tuple[Finding, ...] = ()


def look_up(registry: Registry, who: Identity, *, now: datetime) -> LookedUp:
    """Ask the registry for a person; the report comes with it where only one is found."""
    if paused := _pause(now):
        return LookedUp(findings=(paused,))
    npn = who.npn
    try:
        if who.by is IdentifiedBy.NPN:
            return _told(registry.fetch_report(who.npn, "individual"))
        hits, findings = _hits(registry, who)
        if len(hits) != 1 or findings:
            return LookedUp(hits=hits, findings=findings)
        npn = hits[0].npn
        return _told(registry.fetch_report(hits[0].npn, "individual"), hits)
    except OtherLastName:
        return LookedUp(findings=(finding("ONBOARD-E003", field="SSN"),))
    except NotFound:
        return LookedUp(findings=(finding("ONBOARD-E005", field="NPN" if who.npn else None, npn=npn),))
    except RegistryError as error:
        return LookedUp(findings=(no_answer(error, quotes=who.by is not IdentifiedBy.SSN),))


def _told(report: ProducerReport, hits: tuple[Hit, ...] = ()) -> LookedUp:
    agency = agency_told(report)
    return LookedUp(findings=(agency,)) if agency else LookedUp(report, hits)


def agency_told(report: ProducerReport) -> Finding | None:
    """What is said where the registry's report is an agency's: only persons are onboarded."""
    if report.kind != "firm":
        return None
    return finding("ONBOARD-E017", field="NPN", value=report.npn, npn=report.npn, name=report.last_name)


def fetch(registry: Registry, npn: str, *, now: datetime) -> LookedUp:
    """Ask the registry for the report of one NPN."""
    return look_up(registry, Identity(by=IdentifiedBy.NPN, email="", npn=npn), now=now)


def no_answer(error: RegistryError, *, quotes: bool = True) -> Finding:
    """What is said where the registry gave no report; its words are quoted unless they may hold an SSN."""
    why = reason(error.failure, error.words if quotes else "")
    return finding("ONBOARD-E007", why=why if why.endswith((".", "…", "!", "?")) else f"{why}.")


def _pause(now: datetime) -> Finding | None:
    pause = RegistryPause.objects.filter(until__gt=now).first()
    return finding("ONBOARD-E007", why=pause.reason or reason(Failure.THROTTLED)) if pause else None


def _hits(registry: Registry, who: Identity) -> tuple[tuple[Hit, ...], tuple[Finding, ...]]:
    if who.by is IdentifiedBy.SSN:
        hits = registry.find(ssn=who.ssn, last_name=who.last_name)
        nobody = finding("ONBOARD-E004", field="SSN")
        return tuple(hits), () if hits else (nobody,)
    hits = registry.find_by_license(number=who.number, state=who.state)
    if hits:
        return tuple(hits), ()
    # The number may be another state's; the person chooses, nothing is guessed.
    elsewhere = registry.find_by_license(number=who.number)
    code = "ONBOARD-W001" if elsewhere else "ONBOARD-E006"
    return tuple(elsewhere), (finding(code, field="License number", value=who.number, state=who.state),)
