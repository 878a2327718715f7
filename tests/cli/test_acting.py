"""In whose name a command acts: never in an organization that could be another."""

from __future__ import annotations

import re

import pytest

from muster.access.models import Membership, Organization
from muster.access.permissions import Permission, Role
from muster.cli.acting import acting_member
from muster.config.errors import CannotDoIt
from tests.make import make_member, make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def harbor() -> Organization:
    return make_organization(name="Harbor Insurance", slug="harbor")


@pytest.fixture
def cedar() -> Organization:
    return make_organization(name="Cedar Brokerage", slug="cedar")


@pytest.fixture
def lin(harbor: Organization, cedar: Organization) -> dict[str, Membership]:
    """The places of one person in two organizations, by slug."""
    first = make_member(harbor, Role.SPECIALIST, email="lin@harbor.example")
    second = Membership.objects.create(organization=cedar, user=first.user, role=Role.SPECIALIST.value)
    return {"harbor": first, "cedar": second}


def acts(email: str | None = None, organization: str | None = None) -> Membership:
    return acting_member(email, Permission.IMPORT, organization=organization)


def test_who_works_for_two_organizations_says_for_which(lin: dict[str, Membership]) -> None:
    said = (
        "lin@harbor.example works for several organizations; say with --organization which:"
        " harbor (Harbor Insurance), cedar (Cedar Brokerage)."
    )
    with pytest.raises(CannotDoIt, match=re.escape(said)):
        acts("lin@harbor.example")
    for slug, member in lin.items():
        assert acts("LIN@harbor.example", slug) == member


def test_a_place_that_was_taken_away_does_not_count(lin: dict[str, Membership]) -> None:
    Membership.objects.filter(pk=lin["harbor"].pk).update(is_active=False)
    assert acts("lin@harbor.example") == lin["cedar"]
    with pytest.raises(CannotDoIt, match="works for no organization “harbor”, but: cedar"):
        acts("lin@harbor.example", "harbor")


def test_somebody_who_was_switched_off_is_acted_for_no_more(harbor: Organization) -> None:
    make_member(harbor, email="old@harbor.example", is_active=False)
    with pytest.raises(CannotDoIt, match="Nobody here logs in as old@"):
        acts("old@harbor.example")


def test_without_a_person_the_first_agency_admin_of_the_organization_acts(
    harbor: Organization, cedar: Organization
) -> None:
    admin, other = make_member(harbor), make_member(cedar)
    make_member(harbor)
    assert (acts(organization="harbor"), acts(organization="cedar")) == (admin, other)
    with pytest.raises(CannotDoIt, match="There are several organizations; say with --organization which"):
        acts()
    with pytest.raises(CannotDoIt, match="There is no organization “oak”, but: harbor"):
        acts(organization="oak")


def test_the_only_organization_need_not_be_named(harbor: Organization) -> None:
    admin = make_member(harbor)
    assert acts() == acts(organization="harbor") == admin


def test_before_there_is_an_organization_it_is_told_how_to_make_one() -> None:
    with pytest.raises(CannotDoIt, match="make one with: muster init"):
        acts()


def test_a_person_does_nothing_that_their_role_may_not(harbor: Organization) -> None:
    make_member(harbor, Role.VIEWER, email="vic@harbor.example")
    with pytest.raises(CannotDoIt, match="is Viewer, who may not do this"):
        acts("vic@harbor.example")
