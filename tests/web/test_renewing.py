"""The page on which renewals of licenses are confirmed: what they cost whom, who pays, what is warned of."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from muster.access.models import Membership
from muster.bulk.models import Operation
from muster.licenses.models import License
from muster.producers.models import Producer
from muster.transactions.models import Transaction
from tests.make import make_license, make_line, make_member, make_producer
from tests.transactions.acting import demand
from tests.transactions.licensing import set_payment, wish, wish_for
from tests.web.test_producers import text

pytestmark = pytest.mark.django_db

NOT_TOLD = ("CA", "AZ", "CO", "IL", "MI", "NV", "OH")
"""States whose window nobody has told; more than are shown of other causes."""


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


@pytest.fixture
def producer(member: Membership) -> Producer:
    return make_producer(member.organization, npn="1600001", first_name="Bo", last_name="Birch")


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def confirm_page(browsing: Client, *licenses: License) -> str:
    """What the page says of renewing these licenses, ticked in their list."""
    form = {"action": "renew-licenses", "tick": [license.pk for license in licenses]}
    return text(browsing.post("/lists/licenses/act/", form, follow=True))


def do(browsing: Client, **form: str) -> str:
    [operation] = Operation.objects.filter(kind="renew-licenses")
    return text(browsing.post(f"/operations/{operation.pk}/do/", form, follow=True))


def test_a_license_is_told_without_a_company_and_with_its_day_in_words(
    browsing: Client, producer: Producer
) -> None:
    ends = in_days(40)
    said = confirm_page(browsing, make_license(producer, "CA", expires_on=ends))
    assert "Unknown company" not in said
    assert "CA Insurance Producer" in said
    assert f"Expires {ends:%b} {ends.day}, {ends.year}. Estimated cost" in said


def test_transactions_and_batches_of_licenses_are_told_without_a_company(
    browsing: Client, producer: Producer
) -> None:
    wish_for(wish(producer, "TX", "Life"))
    [made] = Transaction.objects.all()
    site = "/transactions/batches/act/", "/lists/transactions/act/"
    forms = (
        {"action": "submit-batches", "number": [made.batch.number]},
        {"action": "cancel-transactions", "tick": [made.number]},
    )
    for page, form in zip(site, forms, strict=True):
        said = text(browsing.post(page, form, follow=True))
        assert "TX" in said
        assert "Unknown company" not in said
        assert "Several companies" not in said


def test_every_state_whose_window_nobody_has_told_is_named(browsing: Client, producer: Producer) -> None:
    licenses = [make_license(producer, state, expires_on=in_days(40)) for state in NOT_TOLD]
    licenses.append(make_license(producer, "CA", number="CA-2", expires_on=in_days(41)))
    said = confirm_page(browsing, *licenses)
    named = "CA 2 AZ 1 CO 1 IL 1 MI 1 NV 1 OH 1"
    assert f"{named} Nobody has told when the state begins to take renewals." in said


def test_states_that_take_renewals_later_are_named_together(browsing: Client, producer: Producer) -> None:
    licenses = [
        make_license(producer, state, number=f"{state}-{days}", expires_on=in_days(days))
        for state, days in (("TX", 300), ("TX", 400), ("NY", 500))
    ]
    said = confirm_page(browsing, *licenses)
    assert "TX 2 NY 1 The state does not take it yet." in said
    assert said.count("TX takes renewals of it from") == 2


def test_the_cost_is_told_by_payer_and_together_with_the_unknown_apart(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    demand(member.organization, registry_fee=560)
    set_payment(producer, renewal_paid_by="producer")
    other, third = (make_producer(member.organization) for _ in range(2))
    set_payment(other, renewal_paid_by="agency")
    licenses = [
        make_license(one, state, residency="NR", expires_on=in_days(30))
        for one, state in ((producer, "TX"), (other, "TX"), (other, "MT"), (third, "TX"))
    ]
    for license in licenses:
        make_line(license, "Life")
    said = confirm_page(browsing, *licenses)
    assert "Payer not set (1) $55.60 Agency (2) $61.20 and 1 fee unknown Producer (1) $55.60" in said
    assert "Estimated cost $172.40 and 1 fee unknown" in said


def test_a_single_payer_is_told_beside_the_sum(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    demand(member.organization, registry_fee=560)
    set_payment(producer, renewal_paid_by="agency")
    license = make_license(producer, "TX", residency="NR", expires_on=in_days(30))
    make_line(license, "Life")
    said = confirm_page(browsing, license)
    assert "Estimated cost, paid by agency $55.60" in said
    assert "Who pays for" not in said


def test_a_payer_that_is_not_set_is_warned_of_and_can_be_chosen_there(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    other = make_producer(member.organization)
    set_payment(other, renewal_paid_by="agency")
    licenses = [make_license(one, "TX", expires_on=in_days(30)) for one in (producer, other)]
    said = confirm_page(browsing, *licenses)
    assert "Payer not set done all the same Nobody has said who pays for it." in said
    assert "Who pays for the 1 license without a payer?" in said
    done = do(browsing, paid_by="producer")
    assert "Paid by: Producer." in done
    assert "Paid by: Agency." in done
    paid = dict(Transaction.objects.values_list("producer", "paid_by"))
    assert paid == {producer.pk: "producer", other.pk: "agency"}


@pytest.mark.parametrize("form", [{}, {"paid_by": ""}, {"paid_by": "the cat"}])
def test_who_pays_may_be_left_open(form: dict[str, str], browsing: Client, producer: Producer) -> None:
    confirm_page(browsing, make_license(producer, "TX", expires_on=in_days(30)))
    assert "Paid by: not set." in do(browsing, **form)
    assert Transaction.objects.get().paid_by == ""
