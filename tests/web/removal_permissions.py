"""The URLs of removing producers, and who gets what there: rows of the permission table."""

from __future__ import annotations

from typing import Any

from muster.access.models import Organization
from tests.make import make_appointment, make_company, make_member, make_producer
from tests.offboarding.removals import choose, remove, remove_when_ended
from tests.web.permission_table import a_producer, admins, readers


def a_removal(organization: Organization) -> dict[str, Any]:
    """One that waits to be confirmed."""
    return {"operation_id": choose(make_member(organization), make_producer(organization)).pk}


def a_removal_that_waits(organization: Organization) -> dict[str, Any]:
    """One that waits for the end of an appointment."""
    make_company(organization)
    producer = make_producer(organization)
    make_appointment(producer)
    return {"operation_id": remove_when_ended(make_member(organization), producer).pk}


def somebody_removed(organization: Organization) -> dict[str, Any]:
    """The NPN of a producer who was removed."""
    producer = make_producer(organization)
    remove(make_member(organization), producer)
    return {"npn": producer.npn}


GONE = dict.fromkeys(("viewer", "specialist", "submitter", "admin", "outsider"), 404)
"""Nothing is done for somebody who was removed, whoever asks."""

REMOVING = [
    admins("producer-remove", method="post", make=a_producer, admin=302, outsider=404),
    admins("producer-keep", method="post", make=a_producer, admin=302, outsider=404),
    admins("operation-terminate-first", method="post", make=a_removal_that_waits, admin=302, outsider=404),
    admins("operation-detail", make=a_removal, outsider=404),
    admins("operation-progress", make=a_removal, admin=302, outsider=404),
    admins("operation-do", method="post", make=a_removal, admin=302, outsider=404),
    admins("operation-cancel", method="post", make=a_removal, admin=302, outsider=404),
    admins("operation-check-again", method="post", make=a_removal, admin=302, outsider=404),
    admins("operation-results", make=a_removal, outsider=404),
    # What was known of them stays readable; what would be done, or shown in the open, is not there.
    readers("producer-detail", make=somebody_removed, outsider=404),
    readers("producer-sync", make=somebody_removed, **GONE),
    readers("producer-ssn", make=somebody_removed, **GONE),
    admins("producer-remove", method="post", make=somebody_removed, admin=404, outsider=404),
    admins("producer-keep", method="post", make=somebody_removed, admin=404, outsider=404),
]
