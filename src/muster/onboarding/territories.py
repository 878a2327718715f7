"""Writing territories: named groups of states."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.audit.operations import EventKind, record
from muster.core.findings import sentence
from muster.core.values import refused, text_of
from muster.core.words import states as known_states
from muster.onboarding.models import Territory

LONGEST_NAME = 60
_clean_name = text_of(limit=LONGEST_NAME)


class CannotKeep(Exception):
    """A territory cannot be kept as it is: the message is a sentence that says why, and what to do."""


def keep_territory(
    *, by: Membership, name: str, states: Iterable[str], territory: Territory | None = None
) -> Territory:
    """Make a territory, or change one, on record. Raises CannotKeep, PermissionDenied."""
    if not by.may(Permission.MANAGE_SETTINGS):
        raise PermissionDenied
    cleaned, problems = _clean_name(name)
    if refused(problems):
        code, params = problems[0]
        raise CannotKeep(sentence(code, field="Name", value=name, params=dict(params)))
    if not cleaned:
        raise CannotKeep("Give the territory a name.")
    chosen = [code for code in known_states() if code in set(states)]
    if not chosen:
        raise CannotKeep("Tick the states of the territory.")
    of_its_name = Territory.objects.filter(organization_id=by.organization_id, name__iexact=cleaned)
    if territory:
        of_its_name = of_its_name.exclude(pk=territory.pk)
    with transaction.atomic():
        if of_its_name.exists():
            raise CannotKeep(f"There is a territory called “{cleaned}” already: change that one.")
        kind = EventKind.TERRITORY_CHANGED if territory else EventKind.TERRITORY_CREATED
        territory = territory or Territory(organization_id=by.organization_id)
        territory.name, territory.states = cleaned, chosen
        try:
            with transaction.atomic():
                territory.save()
        except IntegrityError:
            # Somebody else has made one of this name in this moment.
            raise CannotKeep(f"There is a territory called “{cleaned}” already: change that one.") from None
        _record(kind, by, territory)
    return territory


def delete_territory(*, by: Membership, territory: Territory) -> None:
    """Delete a territory, on record; what was chosen by it stays chosen. Raises PermissionDenied."""
    if not by.may(Permission.MANAGE_SETTINGS):
        raise PermissionDenied
    with transaction.atomic():
        _record(EventKind.TERRITORY_DELETED, by, territory)
        territory.delete()


def _record(kind: EventKind, by: Membership, territory: Territory) -> None:
    record(
        kind,
        organization_id=by.organization_id,
        by_id=by.user_id,
        subject=f"territory:{territory.pk}",
        data={"name": territory.name, "states": territory.states},
    )
