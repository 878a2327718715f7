"""Writing drafts: starting one, saving each step, looking up again, discarding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

from muster.access.models import Membership, OrganizationQuerySet
from muster.core.findings import Finding, finding
from muster.core.onboarding import UNDER_WAY, DraftStatus, IdentifiedBy, Step, after
from muster.core.onboarding_facts import chosen_lines, differences, facts_of
from muster.core.report import Hit, ProducerReport
from muster.core.sync import names_differ
from muster.onboarding.forgetting import given_up
from muster.onboarding.joining import Known, email_in_use, known_by_npn, known_by_ssn
from muster.onboarding.looking_up import Identity, fetch, look_up
from muster.onboarding.models import Draft
from muster.registry.port import Registry
from muster.vault import blind_index, seal

Open = Callable[[], Registry]


class SomebodyElse(Exception):
    """Somebody else has changed the draft since it was read; `draft` is how it stands now."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft


class Started(NamedTuple):
    """What came of an identification: a draft, new or `resumed`; or findings, and who is here already."""

    draft: Draft | None = None
    findings: tuple[Finding, ...] = ()
    known: Known | None = None
    resumed: bool = False


def start(*, by: Membership, who: Identity, open_registry: Open, now: datetime) -> Started:
    """Look a person up in the registry, and begin a draft for whom it finds.

    Who is being onboarded already is gone on with. Several persons that fit are kept with the draft, to be
    chosen from. Where the registry finds nobody or gives no answer nothing is written.
    """
    organization_id = by.organization_id
    if begun := _begun_as(organization_id, who):
        return Started(begun, resumed=True)
    if who.npn:
        known = known_by_npn(organization_id, [who.npn]).get(who.npn)
        if known and not known.is_removed:
            return Started(findings=(known.finding,), known=known)
    found = []
    if who.ssn and (problem := known_by_ssn(organization_id, blind_index(who.ssn), who.last_name)):
        found.append(problem)
    if problem := email_in_use(organization_id, who.email, npn=who.npn):
        found.append(problem)
    if found:
        return Started(findings=tuple(found), known=_named_in(organization_id, found))
    with open_registry() as registry:
        answer = look_up(registry, who, now=now)
    if answer.report:
        return _begin(by, who, answer.report, now)
    if answer.hits:
        facts = {"hits": [_hit(hit) for hit in answer.hits], "elsewhere": bool(answer.findings)}
        return Started(_create(by, who, now, facts=facts))
    return Started(findings=answer.findings)


def choose(*, by: Membership, draft: Draft, npn: str, open_registry: Open, now: datetime) -> Started:
    """Take one of the persons that fit, and look up the report. Raises SomebodyElse."""
    if npn not in {hit["npn"] for hit in draft.facts.get("hits", ())}:
        return Started(draft)
    if (begun := _begun(by.organization_id, npn)) and begun.pk != draft.pk:
        discard(by=by, draft=draft, now=now)
        return Started(begun, resumed=True)
    known = known_by_npn(by.organization_id, [npn]).get(npn)
    if known and not known.is_removed:
        return Started(findings=(known.finding,), known=known)
    with open_registry() as registry:
        answer = fetch(registry, npn, now=now)
    if answer.report is None:
        return Started(draft, answer.findings)
    told = _looked_up(answer.report, now) | {"npn": npn, "is_readded": bool(known)}
    try:
        return Started(_write(by, draft, draft.version, told, now))
    except IntegrityError:
        # Somebody else has begun with the same producer this moment.
        discard(by=by, draft=draft, now=now)
        return Started(_begun(by.organization_id, npn), resumed=True)


def look_up_again(
    *, by: Membership, draft: Draft, open_registry: Open, now: datetime
) -> tuple[Draft, list[str], tuple[Finding, ...]]:
    """Ask the registry again: the draft, what differs in words, and findings where it gave no report."""
    with open_registry() as registry:
        answer = fetch(registry, draft.npn, now=now)
    if answer.report is None:
        return draft, [], answer.findings
    told = _looked_up(answer.report, now)
    differ = differences(draft.facts, told["facts"])
    told["choices"] = {
        state: chosen_lines(state, lines, told["facts"]) for state, lines in draft.choices.items()
    }
    try:
        return _write(by, draft, draft.version, told, now), differ, ()
    except SomebodyElse as overtaken:
        # Whoever looks up at the same time gets the same report: the later one finds it done.
        return overtaken.draft, differ, ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a person corrects and chooses in the first step."""

    email: str
    agency_id: int | None
    gender: str
    new_paid_by: str
    renewal_paid_by: str
    auto_renewal: bool


def save_details(
    *, by: Membership, draft: Draft, version: int, details: Details, goes_on: bool, now: datetime
) -> Draft:
    """Save the first step; raises SomebodyElse."""
    told: dict[str, Any] = {
        "email": details.email,
        "gender": details.gender,
        "details": {**draft.details, "agency_id": details.agency_id},
        "new_paid_by": details.new_paid_by,
        "renewal_paid_by": details.renewal_paid_by,
        "auto_renewal": details.auto_renewal,
    }
    return _write(by, draft, version, told | _step(draft, Step.DETAILS, goes_on), now)


def save_choices(
    *,
    by: Membership,
    draft: Draft,
    version: int,
    choices: Mapping[str, Sequence[str]],
    goes_on: bool,
    now: datetime,
) -> Draft:
    """Save states and those of their lines that can be applied for; raises SomebodyElse."""
    kept = {state: chosen_lines(state, lines, draft.facts) for state, lines in sorted(choices.items())}
    return _write(by, draft, version, {"choices": kept} | _step(draft, Step.STATES, goes_on), now)


def discard(*, by: Membership, draft: Draft, now: datetime) -> bool:
    """Give a draft up, with all that it held of the person; return whether it was still under way."""
    under_way = Draft.objects.filter(pk=draft.pk, status__in=UNDER_WAY)
    return bool(under_way.update(**given_up(), touched_by=by.user_id, touched_at=now))


def give_ssn(
    *, by: Membership, draft: Draft, version: int, ssn: str, open_registry: Open, now: datetime
) -> tuple[Draft, tuple[Finding, ...]]:
    """Take an SSN anew that was deleted with time, if the registry knows the producer by it.

    Raises SomebodyElse.
    """
    who = Identity(by=IdentifiedBy.SSN, email="", ssn=ssn, last_name=draft.last_name)
    with open_registry() as registry:
        answer = look_up(registry, who, now=now)
    if draft.npn not in {hit.npn for hit in answer.hits}:
        another = finding("ONBOARD-E015", field="SSN", npn=draft.npn)
        return draft, answer.findings or (another,)
    return _write(by, draft, version, _sealed(ssn), now), ()


def _step(draft: Draft, step: Step, goes_on: bool) -> dict[str, str]:
    order = list(Step)
    farthest = max(order.index(Step(draft.step)), order.index(after(step) if goes_on else step))
    return {"step": order[farthest].value}


def _under_way(organization_id: int) -> OrganizationQuerySet:
    drafts: OrganizationQuerySet = Draft.objects.filter(
        organization_id=organization_id, operation=None, status__in=UNDER_WAY
    )
    return drafts


def _begun(organization_id: int, npn: str) -> Draft | None:
    found: Draft | None = _under_way(organization_id).filter(npn=npn).first()
    return found


def _begun_as(organization_id: int, who: Identity) -> Draft | None:
    """The draft that was begun with the same words; a license number alone may be several persons'."""
    if who.npn:
        return _begun(organization_id, who.npn)
    drafts = _under_way(organization_id)
    if who.ssn:
        drafts = drafts.filter(ssn_index=blind_index(who.ssn))
    else:
        drafts = drafts.filter(license_number=who.number, license_state=who.state, email__iexact=who.email)
    found: Draft | None = drafts.order_by("id").first()
    return None if found is None or names_differ("", who.last_name, "", found.last_name) else found


def _named_in(organization_id: int, findings: Iterable[Finding]) -> Known | None:
    npns = [str(one.params["npn"]) for one in findings if "npn" in one.params]
    return next(iter(known_by_npn(organization_id, npns).values()), None)


def _begin(by: Membership, who: Identity, report: ProducerReport, now: datetime) -> Started:
    if begun := _begun(by.organization_id, report.npn):
        return Started(begun, resumed=True)
    known = known_by_npn(by.organization_id, [report.npn]).get(report.npn)
    if known and not known.is_removed:
        return Started(findings=(known.finding,), known=known)
    told = _looked_up(report, now) | {"npn": report.npn, "is_readded": bool(known)}
    try:
        with transaction.atomic():
            return Started(_create(by, who, now, **told))
    except IntegrityError:
        # Pressed twice, or by two persons, in the same moment.
        return Started(_begun(by.organization_id, report.npn), resumed=True)


def _create(by: Membership, who: Identity, now: datetime, **told: Any) -> Draft:
    return Draft.objects.create(
        organization_id=by.organization_id,
        identified_by=who.by,
        email=who.email,
        last_name=who.last_name,
        license_number=who.number,
        license_state=who.state,
        started_by_id=by.user_id,
        touched_by_id=by.user_id,
        touched_at=now,
        **(_sealed(who.ssn) if who.ssn else {}),
        **told,
    )


def _sealed(ssn: str) -> dict[str, str]:
    return {"ssn_sealed": seal(ssn), "ssn_last4": ssn[-4:], "ssn_index": blind_index(ssn)}


def _looked_up(report: ProducerReport, now: datetime) -> dict[str, Any]:
    return {
        "facts": facts_of(report, today=timezone.localdate(now)),
        "looked_up_at": now,
        "status": DraftStatus.READY.value,
        "why": None,
    }


def _hit(hit: Hit) -> dict[str, str]:
    return {"npn": hit.npn, "name": hit.name, "state": hit.state}


def _write(by: Membership, draft: Draft, version: int, told: Mapping[str, Any], now: datetime) -> Draft:
    """Write into a draft that nobody has changed since `version`. Writing the same again is no change."""
    with transaction.atomic():
        current: Draft = Draft.objects.select_for_update().get(pk=draft.pk)
        if current.status not in UNDER_WAY:
            raise SomebodyElse(current)
        same = all(getattr(current, name) == value for name, value in told.items())
        if current.version != version and not (same and current.touched_by_id == by.user_id):
            raise SomebodyElse(current)
        if same:
            return current
        for name, value in told.items():
            setattr(current, name, value)
        current.touched_by_id, current.touched_at = by.user_id, now
        current.version += 1
        current.save()
    return current
