"""Whom an organization has already: by NPN, SSN or email address; and whom it had before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from django.db.models.functions import Lower

from muster.core.findings import Finding, finding
from muster.core.onboarding import UNDER_WAY
from muster.core.sync import names_differ
from muster.onboarding.models import Draft
from muster.producers.models import Producer


class Known(NamedTuple):
    """A producer whom the organization has, or had: `is_removed` may be onboarded again."""

    producer_id: int
    npn: str
    name: str
    is_removed: bool

    @property
    def finding(self) -> Finding:
        """What is to be said of a producer who is here already, or was here before."""
        code = "ONBOARD-I001" if self.is_removed else "ONBOARD-E001"
        return finding(code, field="NPN", value=self.npn, npn=self.npn, name=self.name)


def known_by_npn(organization_id: int, npns: Collection[str]) -> Mapping[str, Known]:
    """Those of the NPNs whom the organization has, or had; one query."""
    found = Producer.objects.filter(organization_id=organization_id, npn__in=list(npns))
    return {one.npn: _known(one) for one in found.only("id", "npn", "first_name", "last_name", "removed_at")}


def _known(producer: Producer) -> Known:
    name = f"{producer.first_name} {producer.last_name}".strip() or "A producer"
    return Known(producer.pk, producer.npn, name, is_removed(producer))


def is_removed(producer: Producer) -> bool:
    """Whether the producer's time with the organization has ended."""
    return producer.removed_at is not None


def known_by_ssn(organization_id: int, ssn_index: str, last_name: str) -> Finding | None:
    """What is to be said where the organization has this SSN already: of this last name, or of another."""
    found = Producer.objects.filter(organization_id=organization_id, ssn_index=ssn_index)
    owner = found.only("id", "npn", "first_name", "last_name", "removed_at").first()
    if owner is None:
        return None
    if names_differ("", last_name, "", owner.last_name):
        return finding("ONBOARD-E003", field="SSN")
    known = _known(owner)
    return None if known.is_removed else known.finding


def emails_in_use(organization_id: int, drafts: Collection[Draft]) -> Mapping[int, Finding]:
    """Of drafts to be finished, those whose email address is another producer's by now, by id; one query."""
    told = {draft.email.lower() for draft in drafts if draft.email}
    here = Producer.objects.filter(organization_id=organization_id, removed_at=None)
    owners: dict[str, Producer] = {}
    for owner in here.annotate(folded=Lower("email")).filter(folded__in=told).order_by("-id"):
        owners[owner.email.lower()] = owner
    found = {}
    for draft in drafts:
        if (one := owners.get(draft.email.lower())) and one.npn != draft.npn:
            known = _known(one)
            found[draft.pk] = finding(
                "ONBOARD-E002", field="Email", value=draft.email, npn=known.npn, name=known.name
            )
    return found


def email_in_use(organization_id: int, email: str, *, npn: str = "", draft_id: int = 0) -> Finding | None:
    """What is to be said where another producer, or another draft, has this email address already.

    `npn` is the producer's own, whose address it may be; `draft_id` the draft that asks.
    """
    if not email:
        return None
    here = Producer.objects.filter(organization_id=organization_id, removed_at=None)
    found = here.annotate(folded=Lower("email")).filter(folded=email.lower()).exclude(npn=npn)
    for owner in found.only("id", "npn", "first_name", "last_name", "removed_at").order_by("id")[:1]:
        known = _known(owner)
        return finding("ONBOARD-E002", field="Email", value=email, npn=known.npn, name=known.name)
    drafts = Draft.objects.filter(
        organization_id=organization_id, operation=None, status__in=UNDER_WAY, email__iexact=email
    )
    for draft in drafts.exclude(pk=draft_id).exclude(npn="").exclude(npn=npn).order_by("id")[:1]:
        name = draft.facts.get("last_name") or "a producer who is being onboarded"
        return finding("ONBOARD-E002", field="Email", value=email, npn=draft.npn, name=name)
    return None
