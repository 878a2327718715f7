"""Making the first organization, with a demo if asked for."""

from __future__ import annotations

import json
import os
import secrets
from typing import Any

import click
from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify

from muster.access.models import Membership, Organization, User
from muster.access.permissions import Role
from muster.carriers.models import Company
from muster.carriers.operations import add_starting_rules
from muster.cli import demo as demo_data
from muster.cli.schema import migrate
from muster.config.demo_logins import demo_logins, demo_logins_file
from muster.config.errors import CannotDoIt
from muster.producers.models import Agency, Producer

SHORTEST_PASSWORD = 10


@click.command()
@click.option(
    "--demo", is_flag=True, help="Add agencies, companies, settings and producers of an invented firm."
)
@click.option("--organization", help="Name of the organization.")
@click.option("--email", help="Email address of its administrator.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(demo: bool, organization: str | None, email: str | None, as_json: bool) -> None:
    """Make the database ready, and the first organization with its administrator.

    The administrator's password is read from MUSTER_ADMIN_PASSWORD, else made up and printed once.
    Run again, it makes nothing twice and prints what is there.
    """
    migrate()
    if demo:
        _make_demo()
    elif not Organization.objects.exists():
        if not organization or not email:
            raise CannotDoIt(
                "Name the organization and its administrator: --organization NAME --email ADDRESS"
            )
        _make_first(organization, email)
    elif organization:
        raise CannotDoIt("There is an organization already; further people are added on its People page.")
    told = _told()
    click.echo(json.dumps(told, ensure_ascii=False)) if as_json else _tell(told)


def _make_demo() -> None:
    if Organization.objects.filter(name=demo_data.ORGANIZATION).exists():
        return
    if Organization.objects.exists():
        raise CannotDoIt("This database is in use by an organization; make the demo in an empty one.")
    logins = [
        {
            "email": email,
            "password": secrets.token_urlsafe(9),
            "role": role.label,
            "name": name,
            "see_ssn": see,
        }
        for email, name, role, see in demo_data.PEOPLE
    ]
    with transaction.atomic():
        made = Organization.objects.create(
            name=demo_data.ORGANIZATION, slug=slugify(demo_data.ORGANIZATION), kind=Organization.Kind.MGA
        )
        members = [
            _add_person(
                made, email=email, name=name, role=role, can_see_ssn=see, password=str(login["password"])
            )
            for (email, name, role, see), login in zip(demo_data.PEOPLE, logins, strict=True)
        ]
        demo_data.add_settings(members[0])
        # Written before the commit: a login nobody knows would be worse than a file without logins.
        _write_logins(logins)
    demo_data.onboard_hiring_class(members[0], now=timezone.now())
    demo_data.seat_producer(members[-1], now=timezone.now())


def _make_first(name: str, email: str) -> None:
    password = os.environ.get("MUSTER_ADMIN_PASSWORD") or secrets.token_urlsafe(12)
    if len(password) < SHORTEST_PASSWORD:
        raise CannotDoIt(f"MUSTER_ADMIN_PASSWORD is too short; give at least {SHORTEST_PASSWORD} characters.")
    with transaction.atomic():
        made = Organization.objects.create(name=name, slug=slugify(name) or "organization")
        admin = _add_person(made, email=email, name="", role=Role.ADMIN, can_see_ssn=True, password=password)
        add_starting_rules(admin)
    if "MUSTER_ADMIN_PASSWORD" not in os.environ:
        click.echo(f"Password of {email}: {password}", err=True)


def _add_person(
    organization: Organization, *, email: str, name: str, role: Role, can_see_ssn: bool, password: str
) -> Membership:
    user = User.objects.create_user(email, password, name=name)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return Membership.objects.create(
        organization=organization, user=user, role=role.value, can_see_ssn=can_see_ssn
    )


def _write_logins(logins: list[dict[str, Any]]) -> None:
    descriptor = os.open(demo_logins_file(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(
            [{key: login[key] for key in ("email", "password", "role")} for login in logins], file, indent=2
        )


def _told() -> dict[str, Any]:
    organization = Organization.objects.order_by("id").first()
    if organization is None:
        raise CannotDoIt("There is no organization yet; name one: --organization NAME --email ADDRESS")
    return {
        "organization": {"name": organization.name, "slug": organization.slug},
        "logins": demo_logins()
        or list(organization.memberships.filter(role=Role.ADMIN.value).values(email=F("user__email"))),
        "agencies": list(
            Agency.objects.filter(organization=organization).order_by("id").values("npn", "name")
        ),
        "companies": [
            {
                "name": company.name,
                "cocode": company.cocode,
                "categories": company.categories,
                "states": sorted(state.state for state in company.states.all()),
            }
            for company in Company.objects.filter(organization=organization)
            .prefetch_related("states")
            .order_by("cocode")
        ],
        "producers": Producer.objects.filter(organization=organization).count(),
    }


def _tell(told: dict[str, Any]) -> None:
    click.echo(f"Organization: {told['organization']['name']}")
    for login in told["logins"]:
        click.echo(
            f"  log in as {login['email']:<34} {login.get('password', '')}  {login.get('role', '')}".rstrip()
        )
    for agency in told["agencies"]:
        click.echo(f"  agency    {agency['npn'] or '(no NPN)':<12} {agency['name']}")
    for company in told["companies"]:
        click.echo(f"  company   {company['cocode']:<12} {company['name']}: {', '.join(company['states'])}")
    click.echo(f"  producers {told['producers']:,}")
