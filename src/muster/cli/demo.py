"""The demo: an invented organization with people, agencies, companies, settings and a hiring class."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from muster.access.models import Membership, User
from muster.access.permissions import Role
from muster.bulk.kinds import upload_kind_named
from muster.bulk.models import Operation, OperationState, Policy
from muster.bulk.operations import process, start_upload
from muster.bulk.runner import run
from muster.carriers.models import Company, CompanyState, FilingSettings
from muster.carriers.operations import add_starting_rules
from muster.core.lines import agent_type_of, categories_of
from muster.core.words import LOA_CATEGORIES
from muster.imports.agent import COLUMNS
from muster.portals.models import Portal, PortalUser
from muster.portals.operations import keep_portal
from muster.producers.models import Agency, Producer
from muster_sandbox.population import producer as person_of
from muster_sandbox.population import sample_npns
from muster_sandbox.records import Producer as Person

ORGANIZATION = "Harbor Light Insurance Group"
PORTAL, PORTAL_SEATS = "Producer portal", 50
PRODUCERS = 240
SEATED = 1
"""Which of them has a seat there, and a log-in of the demo: one with an assignment."""
MOST_STATES = 4
REGISTRY_FEE = 153
"""What the sandbox registry takes for a filing, in cents."""
CLASS_ID = UUID("5f0c2a52-6a53-4f2e-9f6e-0c8f1f8f3a11")

PEOPLE = (
    ("admin@harborlight.example", "Alex Morgan", Role.ADMIN, True),
    ("specialist@harborlight.example", "Sam Okafor", Role.SPECIALIST, True),
    ("submitter@harborlight.example", "Ines Duarte", Role.SUBMITTER, False),
    ("viewer@harborlight.example", "Vic Lindqvist", Role.VIEWER, False),
    ("producer@harborlight.example", "", Role.PRODUCER, False),
)
AGENCIES = (
    ("8100001", "Harbor Light Agency"),
    ("8100002", "Cedar & Stone Brokerage"),
    ("8100003", "Prairie Wind Insurance Services"),
    (None, "Old Mill Family Agency"),
)


@dataclass(frozen=True, slots=True)
class DemoCompany:
    """A carrier of the demo."""

    name: str
    cocode: str
    fein: str
    domicile: str
    categories: tuple[str, ...]
    states: tuple[str, ...]
    just_in_time: tuple[str, ...] = ()


COMPANIES = (
    DemoCompany(
        "Northstar Life Insurance Company",
        "90101",
        "990000101",
        "CA",
        ("life", "health", "variable", "fraternal"),
        ("CA", "TX", "FL", "NY", "GA", "VA", "OH", "NC"),
        ("VA", "OH"),
    ),
    DemoCompany(
        "Granite Mutual Casualty",
        "90102",
        "990000102",
        "OH",
        ("property", "casualty", "personal_lines"),
        ("CA", "TX", "FL", "OH", "PA", "AZ", "TN"),
        ("TN",),
    ),
    DemoCompany(
        "Beacon Health Assurance",
        "90103",
        "990000103",
        "TX",
        ("health",),
        ("CA", "TX", "NC", "SC", "AL", "NV"),
    ),
    # Two of the registry's: the demo's producers have many appointments with them, which can be ended. They
    # appoint nowhere anew.
    DemoCompany(
        "Great Egret Insurance Company of America",
        "90177",
        "004123598",
        "PA",
        tuple(LOA_CATEGORIES),
        (),
    ),
    DemoCompany(
        "Blue Heron Mutual Life Insurance Company",
        "90029",
        "004101311",
        "NE",
        ("life", "health", "variable", "fraternal"),
        (),
    ),
)


def add_settings(admin: Membership) -> None:
    """Add agencies, companies, where they appoint, business rules, what the registry takes, and a portal."""
    organization_id = admin.organization_id
    Agency.objects.bulk_create(
        [Agency(organization_id=organization_id, npn=npn, name=name) for npn, name in AGENCIES]
    )
    for told in COMPANIES:
        company = Company.objects.create(
            organization_id=organization_id,
            name=told.name,
            cocode=told.cocode,
            fein=told.fein,
            domicile=told.domicile,
            categories=list(told.categories),
        )
        CompanyState.objects.bulk_create(
            [
                CompanyState(
                    organization_id=organization_id,
                    company=company,
                    state=state,
                    company_license_id=f"{state}-{told.cocode}",
                    just_in_time=state in told.just_in_time,
                )
                for state in told.states
            ]
        )
    add_starting_rules(admin)
    keep_portal(by=admin, name=PORTAL, kind=Portal.Kind.AGENTS, seats=PORTAL_SEATS)
    FilingSettings.objects.create(organization_id=organization_id, registry_fee=REGISTRY_FEE)


def onboard_hiring_class(admin: Membership, *, now: datetime) -> Operation:
    """Onboard the demo's producers by the upload that everybody uses; their sync is left to the worker."""
    operation = start_upload(
        operation_id=uuid5(CLASS_ID, str(admin.organization_id)),
        member=admin,
        kind=upload_kind_named("agent"),
        source_name="hiring-class.csv",
        content=[hiring_class_csv(today=now.date()).encode()],
        now=now,
        defer=False,
    )
    run(operation.pk)
    operation.refresh_from_db()
    if operation.state == OperationState.READY:
        process(operation=operation, member=admin, policy=Policy.GOOD_ROWS, now=now, defer=False)
        run(operation.pk)
        operation.refresh_from_db()
    return operation


def seat_producer(member: Membership, *, now: datetime) -> None:
    """Give the demo's producer, one of the class, a seat in the portal: a demo sends no invitation."""
    producer = Producer.objects.filter(organization_id=member.organization_id).order_by("id")[SEATED]
    PortalUser.objects.create(
        organization_id=member.organization_id,
        portal=Portal.objects.get(organization_id=member.organization_id),
        producer=producer,
        email=member.user.email,
        invited_at=now,
        expires_at=now,
        user=member.user,
        registered_at=now,
    )
    User.objects.filter(pk=member.user_id).update(name=f"{producer.first_name} {producer.last_name}")


def _to_sell(company: DemoCompany, *, states: int) -> dict[str, str]:
    """An assignment to sell for a company, wherever the producer is licensed."""
    return {
        "categories": ";".join(company.categories[:2]),
        "states": ";".join(company.states[:states]),
        "scorecard_type": "license_and_appointment",
        "agent_type": "producer",
        "cocodes": company.cocode,
    }


def _held(person: Person, today: date) -> dict[str, str] | None:
    """An assignment of what the person holds, in a few states; None for one who holds nothing."""
    held: dict[str, set[str]] = {}
    for license in person.licenses:
        is_good = license.active and (license.expires is None or license.expires >= today)
        if is_good and agent_type_of(license.state, license.class_code, license.class_name) == "producer":
            sold = held.setdefault(license.state, set())
            for line in license.lines:
                if line.active:
                    sold.update(categories_of(license.state, license.class_code, line.code, line.name))
    states = [state for state, sold in held.items() if sold][:MOST_STATES]
    everywhere = set(LOA_CATEGORIES).intersection(*(held[state] for state in states))
    if not states or not everywhere:
        return None
    return {
        "categories": ";".join(category for category in LOA_CATEGORIES if category in everywhere),
        "states": ";".join(states),
        "scorecard_type": "license",
        "agent_type": "producer",
    }


def hiring_class_csv(*, today: date, count: int = PRODUCERS) -> str:
    """The file of the demo's hiring class: people whom the sandbox registry knows."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(column.header for column in COLUMNS)
    npns = [npn for npn, _ in AGENCIES if npn]
    for index, npn in enumerate(sample_npns(count)):
        person = person_of(npn, today=today)
        if person is None:
            continue
        company = COMPANIES[index % len(COMPANIES)]
        row = {
            "agency_npn": npns[index % len(npns)],
            "first_name": person.first_name,
            "last_name": person.last_name,
            "npn": npn,
            "email": f"{npn}@producers.example",
        }
        # One in five is still to be assigned; of the others two in four sell what they are licensed for.
        if index % 5:
            fits = _held(person, today) if index % 5 < 3 else None
            row |= fits or _to_sell(company, states=2 + index % 3)
        writer.writerow(row.get(column.key, "") for column in COLUMNS)
    return text.getvalue()
