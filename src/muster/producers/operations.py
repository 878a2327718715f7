"""Writing agencies, and opening what is sealed of a producer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.audit.operations import EventKind, record
from muster.core.findings import sentence
from muster.core.values import clean_npn, plain, refused
from muster.producers.models import Agency, Producer
from muster.vault import unseal

LONGEST_NAME = 200


class CannotCreate(Exception):
    """An agency cannot be created: the message is a sentence that says why, and what to do."""


class NewAgency(NamedTuple):
    """An agency to create; it may be without an NPN."""

    name: str
    npn: str | None = None


def create_agency(
    *, by: Membership, name: str, npn: str | None = None, operation_id: UUID | None = None
) -> Agency:
    """Create one agency in the organization of `by`, on record. Raises CannotCreate, PermissionDenied."""
    [agency] = create_agencies(by=by, agencies=[NewAgency(name, npn)], operation_id=operation_id)
    return agency


def create_agencies(
    *, by: Membership, agencies: Iterable[NewAgency], operation_id: UUID | None = None
) -> list[Agency]:
    """Create agencies, all or none, each on record; return them in the order given.

    Names and NPNs are cleaned as those of a file are. Raises CannotCreate for a name that is missing or long,
    an NPN that is none, and one that another agency has; PermissionDenied for who may not.
    """
    if not by.may(Permission.MANAGE_AGENCIES):
        raise PermissionDenied
    wanted = [_clean(agency) for agency in agencies]
    with transaction.atomic():
        _refuse_known(by, wanted)
        made = []
        for name, npn in wanted:
            agency, is_new = _get_or_create(by.organization_id, name, npn)
            if not is_new:
                raise CannotCreate(_is_known(agency))
            made.append(agency)
            record(
                EventKind.AGENCY_CREATED,
                organization_id=by.organization_id,
                by_id=by.user_id,
                operation_id=operation_id,
                subject=f"agency:{agency.pk}",
                data={"name": name, "npn": npn},
            )
    return made


def _clean(agency: NewAgency) -> NewAgency:
    name = " ".join(plain(agency.name)[0].split())
    if not name:
        raise CannotCreate("Give the agency a name.")
    if len(name) > LONGEST_NAME:
        raise CannotCreate(f"The name is too long: {LONGEST_NAME} characters are the most.")
    if "\0" in name:
        raise CannotCreate("The name holds a character that is not text; type it anew.")
    npn, problems = clean_npn(agency.npn or "")
    if refused(problems):
        [problem, *_] = problems
        raise CannotCreate(sentence(problem.code, field="NPN", value=agency.npn, params=dict(problem.params)))
    return NewAgency(name, npn)


def _refuse_known(by: Membership, wanted: Iterable[NewAgency]) -> None:
    npns = [agency.npn for agency in wanted if agency.npn]
    known = Agency.objects.filter(organization_id=by.organization_id, npn__in=npns).first()
    if known:
        raise CannotCreate(_is_known(known))


def _is_known(agency: Agency) -> str:
    return (
        f"NPN {agency.npn} is that of {agency.name}, which is on file already. Check the number, or use it."
    )


def _get_or_create(organization_id: int, name: str, npn: str | None) -> tuple[Agency, bool]:
    if npn is None:
        return Agency.objects.create(organization_id=organization_id, name=name), True
    # Somebody else may create the same one this moment.
    return Agency.objects.get_or_create(organization_id=organization_id, npn=npn, defaults={"name": name})


def reveal_ssn(*, by: Membership, producer: Producer) -> str | None:
    """Open a producer's SSN for a person who may see it, on record; None if there is none.

    `producer` has been read through `visible_to`. Raises PermissionDenied, CannotOpenSeal.
    """
    if not by.may(Permission.SEE_SSN) or producer.organization_id != by.organization_id:
        raise PermissionDenied
    if not producer.ssn_sealed:
        return None
    # Recorded before it is shown: an SSN that nobody can trace is never on screen.
    with transaction.atomic():
        record(
            EventKind.SSN_REVEALED,
            organization_id=by.organization_id,
            by_id=by.user_id,
            subject=f"producer:{producer.pk}",
            data={"npn": producer.npn},
        )
        return unseal(producer.ssn_sealed)
