"""Adding people to an organization, changing what they may do there, letting them go and having them back.

One operation at a time runs in an organization: two Agency Admins who demote each other at the same moment
would leave it without one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from muster.access.models import Membership, Organization, User
from muster.access.permissions import NEVER_SEE_SSN, Permission, Role
from muster.audit.operations import EventKind, record
from muster.core.findings import sentence
from muster.core.values import clean_email, plain

LONGEST_NAME = 150


class CannotChange(Exception):
    """People cannot be changed in this way: the message is a sentence that says why, and what to do."""


def add_person(
    *,
    by: Membership,
    email: str,
    name: str,
    role: Role,
    can_see_ssn: bool,
    agency_ids: Collection[int] = (),
) -> Membership:
    """Add somebody to the organization of `by`, on record; who is new to Muster gets no password yet.

    Somebody who works for another organization is added as they are, and nothing tells so: `name` is then
    not used. A producer of a portal becomes one of the people, too, and keeps the portal. `agency_ids` are of
    agencies of the organization, and limit the person to these; none is all. Raises CannotChange,
    PermissionDenied.
    """
    email, name = _clean_email(email), _clean_name(name)
    rights = _rights(role, can_see_ssn=can_see_ssn, agency_ids=agency_ids)
    with _alone_in_organization(by):
        user = _user(email, name)
        person, is_new = Membership.objects.get_or_create(
            organization_id=by.organization_id,
            user=user,
            defaults=rights,
        )
        if not is_new and person.role == Role.PRODUCER.value:
            # So far they came by a portal alone.
            Membership.objects.filter(pk=person.pk).update(**rights, is_active=True)
        elif not is_new:
            advice = "change their role" if person.is_active else "reactivate them"
            raise CannotChange(f"{email} is among the people here already; {advice} on their page.")
        _record(EventKind.PERSON_ADDED, by, person, **rights)
    return person


def change_person(
    *, by: Membership, person: Membership, role: Role, can_see_ssn: bool, agency_ids: Collection[int] = ()
) -> bool:
    """Give a person another role, SSN right or other agencies, on record; False where all is so already.

    `agency_ids` are of agencies of the organization; none is all. Raises CannotChange, PermissionDenied.
    """
    after = _rights(role, can_see_ssn=can_see_ssn, agency_ids=agency_ids)
    with _alone_in_organization(by):
        held = _held(by, person)
        before = {name: getattr(held, name) for name in after}
        if before == after:
            return False
        for name, value in after.items():
            setattr(held, name, value)
        held.save(update_fields=list(after))
        _require_an_admin(by)
        _record(EventKind.PERSON_CHANGED, by, held, **after, before=before)
    return True


def deactivate_person(*, by: Membership, person: Membership) -> None:
    """End a person's work in the organization from their next click on, on record.

    Raises CannotChange, PermissionDenied.
    """
    with _alone_in_organization(by):
        held = _held(by, person)
        if held.is_active:
            held.is_active = False
            held.save(update_fields=["is_active"])
            _require_an_admin(by)
            _record(EventKind.PERSON_DEACTIVATED, by, held)


def reactivate_person(*, by: Membership, person: Membership) -> None:
    """Have a person back with the rights and agencies they had, on record. Raises PermissionDenied."""
    with _alone_in_organization(by):
        held = _held(by, person)
        if not held.is_active:
            held.is_active = True
            held.save(update_fields=["is_active"])
            rights = {name: getattr(held, name) for name in ("role", "can_see_ssn", "agency_ids")}
            _record(EventKind.PERSON_REACTIVATED, by, held, **rights)


def note_invitation(*, by: Membership, person: Membership) -> None:
    """Put on record that a person is invited once more. Raises CannotChange, PermissionDenied."""
    with _alone_in_organization(by):
        held = _held(by, person)
        if not held.is_active:
            raise CannotChange(f"{held.user.email} is no longer here; reactivate them first.")
        _record(EventKind.PERSON_INVITED, by, held)


@contextmanager
def _alone_in_organization(by: Membership) -> Iterator[None]:
    with transaction.atomic():
        Organization.objects.select_for_update(no_key=True).get(pk=by.organization_id)
        # Somebody else may have taken the right away meanwhile.
        if not Membership.objects.get(pk=by.pk).may(Permission.MANAGE_USERS):
            raise PermissionDenied
        yield


def _held(by: Membership, person: Membership) -> Membership:
    mine = Membership.objects.select_related("user").filter(organization_id=by.organization_id)
    if held := mine.filter(pk=person.pk).first():
        return held
    raise PermissionDenied


def _require_an_admin(by: Membership) -> None:
    admins = Membership.objects.filter(role=Role.ADMIN.value, is_active=True, user__is_active=True)
    if not admins.filter(organization_id=by.organization_id).exists():
        raise CannotChange(
            f"This is the last {Role.ADMIN.label} here; make somebody else {Role.ADMIN.label} first."
        )


def _rights(role: Role, *, can_see_ssn: bool, agency_ids: Collection[int]) -> dict[str, Any]:
    """What a membership keeps; the ids in order, so that the same agencies are the same."""
    if can_see_ssn and role in NEVER_SEE_SSN:
        raise CannotChange(f"A {role.label} never sees SSNs; choose another role, or take the right away.")
    if agency_ids and role is Role.ADMIN:
        raise CannotChange(
            f"An {role.label} works for the whole organization; choose another role, or no agency."
        )
    limits = sorted(set(agency_ids)) or None
    return {"role": role.value, "can_see_ssn": can_see_ssn, "agency_ids": limits}


def _clean_email(text: str) -> str:
    email, problems = clean_email(text)
    if email is None:
        code, params = (problems[0].code, dict(problems[0].params)) if problems else ("EMAIL-E001", {})
        raise CannotChange(sentence(code, field="Email", value=text, params=params))
    return email


def _clean_name(text: str) -> str:
    name = " ".join(plain(text)[0].split())
    if len(name) > LONGEST_NAME or "\0" in name:
        raise CannotChange(f"The name is not text of at most {LONGEST_NAME} characters; type it anew.")
    return name


def _user(email: str, name: str) -> User:
    known = User.objects.filter(email__iexact=email)
    if user := known.first():
        return user
    try:
        with transaction.atomic():
            return User.objects.create_user(email, None, name=name)
    except IntegrityError:
        # Another organization added the same person this moment.
        return known.get()


def _record(kind: EventKind, by: Membership, person: Membership, **data: Any) -> None:
    record(
        kind,
        organization_id=by.organization_id,
        by_id=by.user_id,
        subject=f"person:{person.pk}",
        data={"email": person.user.email, **data},
    )
