"""Makers of things for tests: each has defaults that hold together, and takes what the test is about."""

from __future__ import annotations

from itertools import count
from typing import Any

from muster.access.models import Membership, Organization, User
from muster.access.permissions import Role
from muster.producers.models import Agency, Producer

PASSWORD = "correct-horse-battery"
_numbers = count(1)


def make_organization(**over: Any) -> Organization:
    number = next(_numbers)
    return Organization.objects.create(**{"name": f"Harbor Insurance {number}", "slug": f"harbor-{number}", **over})


def make_member(
    organization: Organization | None = None, role: Role = Role.ADMIN, *, can_see_ssn: bool = False, **over: Any
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
        organization=organization, **{"npn": str(8_000_000 + number), "name": f"Cedar Agency {number}", **over}
    )


def make_producer(organization: Organization, **over: Any) -> Producer:
    number = next(_numbers)
    return Producer.objects.create(
        organization=organization,
        **{"npn": str(1_000_000 + number), "first_name": "Ada", "last_name": f"Alder{number}", **over},
    )
