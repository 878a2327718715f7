"""Contacts: producers as people, with where they are with the portals."""

from __future__ import annotations

from muster.core.table import FieldKind
from muster.portals.contacts import visible_contacts
from muster.portals.queries import STATES, portal_state
from muster.reports.fields import Field
from muster.reports.subject import Subject, register
from muster.reports.subjects.producers import imported_by_me, producer_fields

CONTACTS = register(
    Subject(
        name="contacts",
        label="Contacts",
        one="contact",
        many="contacts",
        rows=visible_contacts,
        fields=(
            *producer_fields(),
            Field("portal_state", "Portal", FieldKind.CHOICE, made=portal_state(), choices=STATES),
            Field("viewed_at", "Last Viewed by Me", FieldKind.DATE, "viewed_at", is_time=True),
        ),
        columns=("producer", "email", "agency", "npn", "portal_state", "viewed_at"),
        filters=("portal_state", "agency"),
        mine=imported_by_me("pk"),
        mine_label="that I imported",
        target="producer",
        summary="Producers as people: email, agency, and where each is with the portals.",
    )
)
