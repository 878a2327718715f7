"""What is on record of producers, and what the registry says of them, in the same shape."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from muster.appointments.models import Appointment
from muster.core.report import ProducerReport
from muster.licenses.models import License, LineOfAuthority
from muster.producers.models import Producer, RegistryAddress, RegistryContact, RegulatoryAction
from muster.registry.port import Registry

Record = tuple[object, ...]

PERSON = ("first_name", "middle_name", "last_name", "name_suffix", "born_on")
ADDRESS = (
    *("state", "type_code", "type_name", "line_1", "line_2", "line_3"),
    *("city", "address_state", "zip", "country", "updated_on"),
)
CONTACT = ("state", "kind", "value", "updated_on")
LICENSE = (
    *("state", "number", "class_code", "class_name", "residency", "is_active"),
    *("issued_on", "expires_on", "adjuster_home_state", "updated_on"),
)
LINE = (
    *("code", "name", "status", "status_reason", "status_reason_on", "issued_on"),
    *("ce_compliance", "ce_renewal_on", "ce_credits_needed"),
)
# Without the first effective date, which is kept where the registry forgets it.
APPOINTMENT = (
    *("state", "cocode", "company_name", "fein", "line_name", "line_code", "county_code", "status"),
    *("termination_reason", "status_on", "renews_on", "agency_affiliation", "state_company_id"),
)
ACTION = (
    *("state", "action_id", "origin", "reason", "disposition", "penalty", "order_length"),
    *("file_reference", "action_on", "effective_on", "entered_on"),
)


def on_record() -> set[Record]:
    """All that our tables say the registry lists, of all producers."""
    found: set[Record] = set()
    for npn, *values in Producer.objects.values_list("npn", *PERSON):
        found.add((npn, "person", *values))
    for kind, model, fields in (
        ("address", RegistryAddress, ADDRESS),
        ("contact", RegistryContact, CONTACT),
        ("license", License, LICENSE),
        ("appointment", Appointment, APPOINTMENT),
        ("action", RegulatoryAction, ACTION),
    ):
        rows = model.objects.filter(gone_at=None)  # type: ignore[attr-defined]
        for npn, *values in rows.values_list("producer__npn", *fields):
            found.add((npn, kind, *values))
    keys = ("license__state", "license__number", "license__class_code")
    lines = LineOfAuthority.objects.filter(gone_at=None, license__gone_at=None)
    for npn, *values in lines.values_list("license__producer__npn", *keys, *LINE):
        found.add((npn, "line", *values))
    return found


def told(registry: Registry, npns: Iterable[str], *, at_once: int = 8) -> set[Record]:
    """All that the registry says of the producers, asked for one by one."""
    with ThreadPoolExecutor(at_once) as pool:
        reports = pool.map(lambda npn: registry.fetch_report(npn, "individual"), npns)
        return {record for report in reports for record in _records(report)}


def _records(report: ProducerReport) -> Iterable[Record]:
    npn = report.npn
    yield (npn, "person", *(getattr(report, name) for name in PERSON))
    for kind, records, fields in (
        ("address", report.addresses, ADDRESS),
        ("contact", report.contacts, CONTACT),
        ("license", report.licenses, LICENSE),
        ("appointment", report.appointments, APPOINTMENT),
        ("action", report.regulatory_actions, ACTION),
    ):
        for record in records:
            yield (npn, kind, *(getattr(record, name) for name in fields))
    for license in report.licenses:
        for line in license.lines:
            yield (npn, "line", *license.key, *(getattr(line, name) for name in LINE))
