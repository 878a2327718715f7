"""Makers of things for tests: each has defaults that hold together, and takes what the test is about."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any
from uuid import uuid4

from django.utils import timezone

from muster.access.models import Membership, Organization, User
from muster.access.permissions import Role
from muster.appointments.models import Appointment
from muster.assignments.models import Assignment
from muster.carriers.models import BusinessRule, Company, CompanyState
from muster.licenses.models import License, LineOfAuthority
from muster.portals.models import Portal, PortalUser
from muster.producers.models import Agency, Producer
from muster.transactions.models import Batch, Transaction
from muster.vault import blind_index, seal

PASSWORD = "correct-horse-battery"
_numbers = count(1)


def make_organization(**over: Any) -> Organization:
    number = next(_numbers)
    return Organization.objects.create(
        **{"name": f"Harbor Insurance {number}", "slug": f"harbor-{number}", **over}
    )


def make_member(
    organization: Organization | None = None,
    role: Role = Role.ADMIN,
    *,
    can_see_ssn: bool = False,
    **over: Any,
) -> Membership:
    organization = organization or make_organization()
    email = over.pop("email", f"person{next(_numbers)}@harbor.example")
    user = User.objects.create_user(email, PASSWORD, name=over.pop("name", "Robin Field"), **over)
    return Membership.objects.create(
        organization=organization, user=user, role=role.value, can_see_ssn=can_see_ssn
    )


def make_agency(organization: Organization, **over: Any) -> Agency:
    number = next(_numbers)
    return Agency.objects.create(
        organization=organization,
        **{"npn": str(8_000_000 + number), "name": f"Cedar Agency {number}", **over},
    )


def make_producer(organization: Organization, **over: Any) -> Producer:
    number = next(_numbers)
    return Producer.objects.create(
        organization=organization,
        **{"npn": str(1_000_000 + number), "first_name": "Ada", "last_name": f"Alder{number}", **over},
    )


def with_ssn(number: str) -> dict[str, Any]:
    """The fields of a producer that hold an SSN."""
    return {"ssn_sealed": seal(number), "ssn_last4": number[-4:], "ssn_index": blind_index(number)}


def make_license(producer: Producer, state: str = "CA", **over: Any) -> License:
    """A license, active for years unless told otherwise; the states of the producer are kept with it."""
    license = License.objects.create(
        organization_id=producer.organization_id,
        producer=producer,
        state=state,
        **{
            "number": f"L{next(_numbers)}",
            "class_name": "Insurance Producer",
            "residency": "R",
            "is_active": True,
            "issued_on": date(2015, 1, 2),
            "expires_on": date(2099, 1, 1),
            **over,
        },
    )
    listed = producer.licenses.filter(gone_at=None).order_by("state").values_list("state", flat=True)
    Producer.objects.filter(pk=producer.pk).update(license_states=list(listed.distinct()))
    return license


def make_line(license: License, name: str = "Life", **over: Any) -> LineOfAuthority:
    return LineOfAuthority.objects.create(
        organization_id=license.organization_id,
        license=license,
        name=name,
        **{"code": name[:3].upper(), "status": "Active", **over},
    )


def make_appointment(producer: Producer, state: str = "CA", **over: Any) -> Appointment:
    return Appointment.objects.create(
        organization_id=producer.organization_id,
        producer=producer,
        state=state,
        **{
            "cocode": "90101",
            "company_name": "Northstar Life Insurance Company",
            "line_name": "Life",
            "line_code": f"{next(_numbers)}",
            "status": "Appointed",
            "first_effective_on": date(2019, 4, 1),
            "renews_on": date(2099, 6, 30),
            **over,
        },
    )


def make_assignment(producer: Producer, **over: Any) -> Assignment:
    return Assignment.objects.create(
        organization_id=producer.organization_id,
        producer=producer,
        **{
            "identity": uuid4(),
            "categories": ["life"],
            "states": ["CA"],
            "scorecard_type": "license",
            "agent_type": "producer",
            **over,
        },
    )


def make_company(organization: Organization, **over: Any) -> Company:
    """A carrier that sells life and health; the first of an organization is the one of `make_appointment`."""
    first = not Company.objects.filter(organization=organization, cocode="90101").exists()
    return Company.objects.create(
        organization=organization,
        **{
            "name": "Northstar Life Insurance Company",
            # Five digits, however many things were made before.
            "cocode": "90101" if first else f"{91_000 + next(_numbers) % 8_000}",
            "categories": ["life", "health"],
            **over,
        },
    )


def make_company_state(company: Company, state: str = "CA", **over: Any) -> CompanyState:
    """That a company appoints in a state, up front and without an end unless told otherwise."""
    return CompanyState.objects.create(
        organization_id=company.organization_id, company=company, state=state, **over
    )


def make_business_rule(organization: Organization, state: str = "CA", **over: Any) -> BusinessRule:
    """A line in which an organization does business, active, and for every class unless told otherwise."""
    return BusinessRule.objects.create(
        organization=organization,
        state=state,
        **{"line_name": "Life", "categories": ["life"], **over},
    )


def make_batch(producer: Producer, jurisdiction: str = "CA", **over: Any) -> Batch:
    """A batch of appointments with a company, in draft unless told otherwise."""
    return Batch.objects.create(
        organization_id=producer.organization_id,
        producer=producer,
        jurisdiction=jurisdiction,
        **{
            "number": next(_numbers),
            "kind": "appointment",
            "cocode": "90101",
            "company_name": "Northstar Life Insurance Company",
            **over,
        },
    )


def make_transaction(
    producer: Producer, jurisdiction: str = "CA", *, batch: Batch | None = None, **over: Any
) -> Transaction:
    """An appointment that waits for a person, each for a line of its own, and in a batch of its own."""
    number = next(_numbers)
    return Transaction.objects.create(
        organization_id=producer.organization_id,
        producer=producer,
        batch=batch or make_batch(producer, jurisdiction, kind=over.get("kind", "appointment")),
        jurisdiction=jurisdiction,
        **{
            "number": number,
            "kind": "appointment",
            "status": "ready",
            "cocode": "90101",
            "company_name": "Northstar Life Insurance Company",
            "line_code": f"{number}",
            "line_name": "Life",
            "categories": ["life"],
            **over,
        },
    )


def make_portal(organization: Organization, **over: Any) -> Portal:
    """A portal with seats to spare."""
    return Portal.objects.create(
        organization=organization, **{"name": f"Harbor Portal {next(_numbers)}", "seats": 100, **over}
    )


def make_seat(producer: Producer, user: User | None = None, **over: Any) -> PortalUser:
    """The seat of a producer who has registered, as a Producer where the person is nothing else there."""
    if user is None:
        user = make_member(producer.organization, Role.PRODUCER, name="Ada Alder").user
    now = timezone.now()
    return PortalUser.objects.create(
        organization_id=producer.organization_id,
        producer=producer,
        user=user,
        **{
            "portal": over.pop("portal", None) or make_portal(producer.organization),
            "email": user.email,
            "invited_at": now,
            "expires_at": now,
            "registered_at": now,
            **over,
        },
    )
