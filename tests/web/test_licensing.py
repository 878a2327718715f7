"""Licenses applied for, renewed and paid for on the pages: tabs, the page Apply, payment, and the ledger."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatch

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.bulk.models import Operation
from muster.console.licenses.address import TABS, query_of, selection_of
from muster.licenses.models import License, PaymentSetup
from muster.producers.models import Producer
from muster.reports.shipped import shipped_named
from muster.transactions.models import Transaction
from muster.transactions.renewing import renew_due
from tests.make import (
    make_assignment,
    make_license,
    make_line,
    make_member,
    make_organization,
    make_producer,
    make_transaction,
)
from tests.transactions.acting import demand
from tests.transactions.licensing import set_payment, wish, wish_for
from tests.web.test_producers import links, text

pytestmark = pytest.mark.django_db


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


# --- the tabs --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tab", "expected"),
    [
        ("All", ["OVER", "OFF", "SOON", "FAR-NY", "FAR-TX"]),
        ("Active", ["SOON", "FAR-NY", "FAR-TX"]),
        ("Needs Attention", ["OVER", "OFF"]),
        ("Upcoming Renewals", ["SOON", "FAR-NY"]),
    ],
)
def test_each_tab_lists_the_licenses_it_is_called_after(
    tab: str, expected: list[str], browsing: Client, producer: Producer
) -> None:
    # New York takes renewals for longer than others; of California nobody has told.
    for number, state, days, active in (
        ("SOON", "CA", 60, True),
        ("FAR-NY", "NY", 150, True),
        ("FAR-TX", "TX", 151, True),
        ("OVER", "TX", -3, True),
        ("OFF", "ID", 10, False),
    ):
        make_license(producer, state, number=number, expires_on=in_days(days), is_active=active)
    answer = browsing.get("/licenses/" + query_of(selection_of(QueryDict(f"standing={TABS[tab]}"))))
    assert [line.license.number for line in answer.context["lines"]] == expected
    assert [one.label for one in answer.context["tabs"] if one.on] == [tab]


def test_a_row_tells_who_pays_what_it_costs_and_from_when(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    demand(member.organization, registry_fee=560)
    set_payment(producer, renewal_paid_by="producer")
    make_assignment(producer, states=["TX"])
    make_line(make_license(producer, "TX", expires_on=in_days(30), residency="NR"), "Life")
    make_line(make_license(producer, "CA", expires_on=in_days(40)), "Life")
    said = text(browsing.get("/licenses/"))
    missing = "Email, Phone, Address, SSN Rest not asked"
    assert "NPN 1600001 · assigned" in said
    assert f"On window open paid by producer {missing} $55.60" in said
    assert "NPN 1600001 · not assigned" in said
    assert f"On window unknown paid by producer {missing} $5.60 + unknown" in said


# --- applying --------------------------------------------------------------------------------------


def apply_page(producer: Producer, query: str = "") -> str:
    return f"/producers/{producer.npn}/apply/{query}"


def test_the_page_apply_follows_what_is_chosen(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    demand(member.organization, registry_fee=560)
    assert "Choose lines to see what they cost." in text(browsing.get(apply_page(producer)))
    answer = browsing.get(apply_page(producer, "?state=TX&category=life"))
    assert answer.context["told"] == "$55.60"
    unknown = browsing.get(apply_page(producer, "?state=MT&category=life"))
    assert unknown.context["told"] == "$5.60 + unknown"
    assert "$5.60 + unknown" in text(unknown)


def test_lines_that_are_held_are_marked_and_cannot_be_chosen(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    license = make_license(producer, "CA", class_code="9001", expires_on=in_days(40))
    make_line(license, "Life", status="Active")
    answer = browsing.get(apply_page(producer, "?state=CA&category=life&line=9001|9101|Life"))
    choices = {choice.told: choice for of in answer.context["classes"] for choice in of.choices}
    held = choices["9001|9101|Life"]
    assert (held.held, held.on) == (True, False)
    assert "Life held" in text(answer)
    assert not any(choice.held for choice in choices.values() if choice is not held)


def test_what_is_known_of_a_fee_leads_to_its_source(browsing: Client, producer: Producer) -> None:
    sources = [
        one for one in links(browsing.get(apply_page(producer, "?state=TX&category=life"))) if "://" in one
    ]
    assert sources


def test_an_application_is_made_once(browsing: Client, member: Membership, producer: Producer) -> None:
    set_payment(producer)
    form = {"state": "CA", "line": "9001|9101|Life", "paid_by": "agency"}
    first = browsing.post(apply_page(producer), form)
    [made] = Transaction.objects.all()
    assert first["Location"] == f"/transactions/{made.number}/"
    assert (made.kind, made.paid_by, made.prepared_by_id) == ("license", "agency", member.user_id)
    again = browsing.post(apply_page(producer), form, follow=True)
    assert f"An application for that license is open: {made}." in text(again)
    assert Transaction.objects.count() == 1
    answer = browsing.get(f"/transactions/{made.number}/")
    page = text(answer)
    assert "New license of Bo Birch in California" in page
    assert '<option value="agency" selected>' in answer.content.decode()
    assert "CoCode" not in page


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "Choose a state."),
        ({"state": "CA"}, "Choose at least one line of authority."),
        ({"state": "ZZ"}, "Choose a state."),
    ],
)
def test_what_is_missing_is_said(
    form: dict[str, str], says: str, browsing: Client, producer: Producer
) -> None:
    answer = browsing.post(apply_page(producer), form)
    assert answer.status_code == 422
    assert says in text(answer)


# --- renewing --------------------------------------------------------------------------------------


def test_a_license_is_renewed_from_the_producer_s_page(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    license = make_license(producer, "CA", expires_on=in_days(40))
    page = f"/producers/{producer.npn}/renew/"
    answer = browsing.post(page, {"number": license.pk}, follow=True)
    said = text(answer)
    assert "Nobody has told when CA begins to take renewals." in said
    assert "Estimated cost: unknown. Paid by: not set." in said
    operation = Operation.objects.get(kind="renew-licenses")
    browsing.post(f"/operations/{operation.pk}/do/")
    [made] = Transaction.objects.all()
    assert (made.kind, made.license_id, made.renews_from) == ("renewal", license.pk, license.expires_on)
    again = text(browsing.post(page, {"number": license.pk}, follow=True))
    assert f"{made} renews it: it is not decided yet" in again
    assert "License renewal of Bo Birch in California" in text(browsing.get(f"/transactions/{made.number}/"))
    assert browsing.get(f"/transactions/batches/{made.batch.number}/").status_code == 200
    assert browsing.get("/transactions/batches/").status_code == 200


def test_what_is_renewed_by_itself_is_said_to_be(browsing: Client, producer: Producer) -> None:
    set_payment(producer)
    make_license(producer, "TX", expires_on=in_days(30))
    assert renew_due(now=timezone.now()) == 1
    made = Transaction.objects.get()
    assert "Prepared by Auto-renewal" in text(browsing.get(f"/transactions/{made.number}/"))
    assert "Auto-renewal" in text(browsing.get("/transactions/batches/"))


def test_licenses_of_others_are_not_renewed(browsing: Client, producer: Producer) -> None:
    foreign = make_license(make_producer(make_organization()), "CA")
    browsing.post(f"/producers/{producer.npn}/renew/", {"number": foreign.pk})
    assert Operation.objects.get().rows == 0
    assert not Transaction.objects.exists()


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"expires_on": None}, "LIC-E001"),
        ({"is_active": False}, "LIC-E003"),
        ({"is_active": False, "expires_on": date(2020, 1, 31)}, "LIC-E004"),
        ({"gone_at": datetime(2026, 1, 1, tzinfo=UTC)}, "TXN-E001"),
    ],
)
def test_what_cannot_be_renewed_is_refused_with_why(
    over: dict[str, object], code: str, browsing: Client, producer: Producer
) -> None:
    license = make_license(producer, "CA", **over)
    browsing.post(f"/producers/{producer.npn}/renew/", {"number": license.pk})
    [found] = Operation.objects.get().findings.all()
    assert found.code == code


def test_one_that_lapsed_a_month_ago_can_be_renewed_and_its_fee_is_unknown(
    browsing: Client, producer: Producer
) -> None:
    make_license(producer, "TX", is_active=False, expires_on=in_days(-30))
    license = License.objects.get()
    answer = browsing.post(f"/producers/{producer.npn}/renew/", {"number": license.pk}, follow=True)
    assert "Estimated cost: unknown." in text(answer)


# --- payment ---------------------------------------------------------------------------------------


def test_who_pays_is_set_on_the_producer_s_page_on_record(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    page = f"/producers/{producer.npn}/payment/"
    browsing.post(page, {"new_paid_by": "agency", "renewal_paid_by": "producer", "auto_renewal": "yes"})
    setup = PaymentSetup.objects.get(producer=producer)
    assert (setup.new_paid_by, setup.renewal_paid_by, setup.auto_renewal) == ("agency", "producer", True)
    assert setup.updated_by == member.user
    browsing.post(page, {"new_paid_by": "agency"})
    setup.refresh_from_db()
    assert (setup.renewal_paid_by, setup.auto_renewal) == ("", False)
    assert Event.objects.filter(kind="producer:set-payment").count() == 2
    assert "set who pays for licenses" in text(browsing.get("/activity/"))
    browsing.post(page, {"new_paid_by": "the cat"})
    setup.refresh_from_db()
    assert setup.new_paid_by == "agency"


def test_who_may_not_prepare_filings_sees_payment_and_sets_nothing(
    client: Client, member: Membership, producer: Producer
) -> None:
    client.force_login(make_member(member.organization, Role.VIEWER).user)
    said = text(client.get(f"/producers/{producer.npn}/"))
    assert "Payment of licenses" in said
    assert client.post(f"/producers/{producer.npn}/payment/", {}).status_code == 403


def test_payment_is_set_for_many_at_once_and_taken_back(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    other = make_producer(member.organization)
    set_payment(other, auto_renewal=False)
    ticked = [producer.npn, other.npn]
    browsing.post("/lists/producers/act/", {"action": "update-payment", "tick": ticked})
    operation = Operation.objects.get(kind="update-payment")
    do = f"/operations/{operation.pk}/do/"
    shown = text(browsing.post(do, {"set": "renewal_paid_by:producer"}, follow=True))
    assert "Renewal paid by: Not set → Producer" in shown
    assert "Renewal paid by: Agency → Producer" in shown
    browsing.post(do, {"set": "renewal_paid_by:producer"})
    assert set(PaymentSetup.objects.values_list("renewal_paid_by", flat=True)) == {"producer"}
    browsing.post(f"/operations/{operation.pk}/undo/")
    undoing = Operation.objects.exclude(pk=operation.pk).get()
    browsing.post(f"/operations/{undoing.pk}/do/")
    assert set(PaymentSetup.objects.values_list("renewal_paid_by", flat=True)) == {"", "agency"}


def test_who_pays_is_told_of_one_transaction_until_the_registry_has_it(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    wish_for(wish(producer, "TX", paid_by=""))
    [one] = Transaction.objects.all()
    url = f"/transactions/{one.number}/payer/"
    assert "Choose who pays" in text(browsing.post(url, {"paid_by": "uncle"}, follow=True))
    assert f"Producer pays for {one}" in text(browsing.post(url, {"paid_by": "producer"}, follow=True))
    one.refresh_from_db()
    assert one.paid_by == "producer"
    assert f"said that producer pays for {one}" in text(browsing.get("/activity/"))
    Transaction.objects.update(status="submitted")
    assert "can no longer be changed" in text(browsing.post(url, {"paid_by": "agency"}, follow=True))
    one.refresh_from_db()
    assert one.paid_by == "producer"


# --- the ledger ------------------------------------------------------------------------------------


def test_the_ledger_adds_up_what_is_known_and_counts_what_is_not(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    demand(member.organization, registry_fee=560)
    wish_for(wish(producer, "TX", "Life"), wish(producer, "MT", "Life", paid_by="producer"))
    make_transaction(
        producer,
        "CA",
        kind="renewal",
        status="accepted",
        cocode="",
        paid_by="agency",
        state_fee_charged=18800,
        registry_fee_charged=153,
        decided_at=datetime(2026, 3, 15, 12, tzinfo=UTC),
    )
    make_transaction(producer, "NV", kind="license", status="canceled", state_fee=99900, paid_by="agency")
    make_transaction(producer, "NV", state_fee=99900)
    said = text(browsing.get("/licenses/fees/"))
    assert "Agency 1 $189.53 1 $55.60 Producer 0 $0.00 1 $5.60 and 1 fee unknown" in said
    assert "Total 1 $189.53 2 $61.20 and 1 fee unknown" in said
    by_month = text(browsing.get("/licenses/fees/?by=month&month=2026-03"))
    assert "March 2026 1 $189.53 0 $0.00" in by_month
    assert "Montana 0 $0.00 1 $5.60 and 1 fee unknown" in text(browsing.get("/licenses/fees/?by=state"))
    by_producer = browsing.get("/licenses/fees/?by=producer&payer=producer&state=MT")
    assert "Bo Birch NPN 1600001 0" in text(by_producer)
    # Of what was charged nobody has told the state's part: its estimate is not lost.
    Transaction.objects.filter(status="accepted").update(state_fee=18000, state_fee_charged=None)
    told = text(browsing.get("/licenses/fees/"))
    assert "Agency 1 $1.53 and 1 fee unknown estimated at $180.00 1 $55.60" in told
    assert "$1.53 + unknown (estimated $180.00 + unknown)" in text(
        browsing.get("/transactions/?status=accepted")
    )
    assert "No fee matches" in text(browsing.get("/licenses/fees/?month=2020-01"))


def test_the_ledger_of_others_is_not_told(browsing: Client, producer: Producer) -> None:
    wish_for(wish(make_producer(make_organization()), "TX"))
    assert "No fees yet" in text(browsing.get("/licenses/fees/"))


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        (
            "",
            [
                "Payer,Accepted,Charged,*,Open,Estimated,*",
                "Agency,1,1.53,1,188.00,1,55.60,0",
                "Producer,0,0.00,0,0.00,1,5.60,1",
            ],
        ),
        (
            "?by=state&state=TX",
            ["State,Accepted,Charged,*,Open,Estimated,*", "Texas,0,0.00,0,0.00,1,55.60,0"],
        ),
        ("?by=month&month=2026-03", ["Month,*", "March 2026,1,1.53,1,188.00,0,0.00,0"]),
        ("?by=producer&payer=producer", ["Producer,NPN,*", "Bo Birch,1600001,0,0.00,0,0.00,1,5.60,1"]),
        ("?by=producer&month=2020-01", ["Producer,NPN,*"]),
    ],
)
def test_the_ledger_is_exported_as_it_is_added_up(
    query: str, lines: list[str], browsing: Client, member: Membership, producer: Producer
) -> None:
    demand(member.organization, registry_fee=560)
    wish_for(wish(producer, "TX", "Life"), wish(producer, "MT", "Life", paid_by="producer"))
    make_transaction(
        producer,
        "CA",
        kind="renewal",
        status="accepted",
        cocode="",
        paid_by="agency",
        state_fee=18800,
        registry_fee_charged=153,
        decided_at=datetime(2026, 3, 15, 12, tzinfo=UTC),
    )
    page = browsing.get("/licenses/fees/" + query)
    if len(lines) > 1:
        assert "/licenses/fees/export/" + query in links(page)
    answer = browsing.get("/licenses/fees/export/" + query)
    told = answer.getvalue().decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert len(told) == len(lines)
    assert all(fnmatch(one.replace('"', ""), line) for one, line in zip(told, lines, strict=True))
    assert Event.objects.get(kind="report:export").data["rows"] == len(lines) - 1


def test_every_transaction_of_the_ledger_is_exported_by_a_report(
    browsing: Client, producer: Producer
) -> None:
    wish_for(wish(producer, "TX", "Life"))
    assert shipped_named("license-fees")
    assert "/reports/shipped/license-fees/" in links(browsing.get("/licenses/fees/"))
    answer = browsing.get("/reports/shipped/license-fees/", follow=True)
    assert "Agency" in text(answer)
    assert "50.00" in text(answer)


def test_the_report_says_what_is_unknown_and_not_set(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    wish_for(wish(producer, "MT", "Life", paid_by=""))
    make_transaction(producer, "CA", kind="renewal", status="accepted", cocode="", state_fee=18800)
    columns = {"columns": "number,paid_by,state_fee,registry_fee,state_fee_charged"}
    answer = browsing.get("/reports/build/transactions/export/csv/", columns)
    rows = csv.reader(answer.getvalue().decode("utf-8-sig").splitlines())  # type: ignore[attr-defined]
    assert sorted(row[1:] for row in rows) == [
        ["Paid By", "State Fee, Estimated", "Registry Fee, Estimated", "State Fee, Charged"],
        ["not set", "188.00", "unknown", "unknown"],
        ["not set", "unknown", "unknown", ""],
    ]
    grouped = browsing.get("/reports/build/transactions/groups/?group=state_fee")
    assert "unknown" not in text(grouped)
    assert "188.00" in text(grouped)
