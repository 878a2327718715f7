"""Appointments, alone and beside the licenses that they stand on."""

from __future__ import annotations

from django.db.models import BooleanField, Case, TextField, Value, When

from muster.appointments.models import Appointment
from muster.appointments.queries import IN_FORCE, visible_appointments
from muster.core.health import RISK_WORDS
from muster.core.report import APPOINTED
from muster.core.table import FieldKind
from muster.core.words import states
from muster.reports.fields import Field
from muster.reports.subject import Subject, register
from muster.reports.subjects.licenses import license_fields
from muster.reports.subjects.producers import imported_by_me, producer_fields

K = FieldKind

GONE, ENDED = "No longer listed", "Terminated"
STATUS = Case(
    When(gone_at__isnull=False, then=Value(GONE)),
    default="status",
    output_field=TextField(),
)
FORCE = Case(When(IN_FORCE, then=Value(True)), default=Value(False), output_field=BooleanField())


def appointment_fields(section: str = "") -> tuple[Field, ...]:
    """What can be asked of an appointment. A status that is *Appointed* means: in force."""
    return (
        Field("state", "State Code", K.CHOICE, "state", choices=states(), tells_code=True, section=section),
        Field("line", "Line of Authority", path="line_name", section=section),
        Field("line_code", "Line Code", path="line_code", section=section),
        Field("cocode", "CoCode", path="cocode", section=section),
        Field("company", "Company", path="company_name", section=section),
        Field(
            "status",
            "Status",
            K.CHOICE,
            made=STATUS,
            choices={APPOINTED: APPOINTED, ENDED: ENDED, GONE: GONE},
            section=section,
        ),
        Field("county", "County", path="county_code", section=section),
        Field("effective_on", "First Effective", K.DATE, "first_effective_on", section=section),
        Field("status_on", "Status Date", K.DATE, "status_on", section=section),
        Field("renews_on", "Renews", K.DATE, "renews_on", section=section),
        Field("reason", "Termination Reason", path="termination_reason", section=section),
        Field(
            "health",
            "Health",
            K.CHOICE,
            "health",
            choices=dict(Appointment.Health.choices),
            section=section,
        ),
        Field("risks", "At Risk Because", K.CHOICES, "risks", choices=RISK_WORDS, section=section),
        Field(
            "origin",
            "Known From",
            K.CHOICE,
            "origin",
            choices=dict(Appointment.Origin.choices),
            section=section,
        ),
        Field("seen_at", "First Seen", K.DATE, "first_seen_at", is_time=True, section=section),
    )


FILTERS = ("cocode", "status", "line", "state")

LICENSING_WITH_APPOINTMENTS = register(
    Subject(
        name="licensing-with-appointments",
        label="Producer Licensing with Carrier Appointments",
        one="appointment",
        many="appointments",
        rows=visible_appointments,
        fields=(
            *appointment_fields("Carrier Appointment: Info"),
            *producer_fields("producer__", "Carrier Appointment: Info"),
            *license_fields("state", "Producer Licensing: Info"),
        ),
        columns=("license_number", "company", "producer", "npn", "state", "line", "cocode", "status"),
        filters=FILTERS,
        target="appointment",
        summary="One row an appointment, with its producer and the license in its state.",
        mine=imported_by_me("producer_id"),
        mine_label="of producers that I imported",
    )
)

APPOINTMENTS = register(
    Subject(
        name="appointments",
        label="Appointments",
        one="appointment",
        many="appointments",
        rows=visible_appointments,
        fields=(*appointment_fields("Appointment"), *producer_fields("producer__", "Producer")),
        columns=("state", "producer", "npn", "company", "cocode", "line", "status", "effective_on", "health"),
        filters=FILTERS,
        target="appointment",
        summary="One row an appointment: with which company, for which line, since when, and how it stands.",
        mine=imported_by_me("producer_id"),
        mine_label="of producers that I imported",
    )
)
