"""Each row of the Bulk Appoint Eligibility Reasons Dictionary, as a case from request to transactions.

Source: "Bulk Actions in AgentSync Manage", section "Bulk Appoint Eligibility Reasons Dictionary".
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from muster.carriers.models import FilingSettings
from muster.core.eligibility import standing_of
from muster.producers.models import Producer
from muster.transactions.models import Batch, Transaction
from tests.make import (
    make_appointment,
    make_assignment,
    make_business_rule,
    make_company,
    make_company_state,
    make_license,
    make_line,
)
from tests.transactions.appointing import (
    CALIFORNIA,
    CLASS,
    LONG_AGO,
    SENTENCE,
    ask,
    make_californian,
    make_carrier_desk,
    make_synced,
    request_for,
)

pytestmark = pytest.mark.django_db


def labels(producer: Producer) -> list[tuple[str, str, str]]:
    """Line, Eligibility Reason and Transaction Status of each transaction, as people read them."""
    return [
        (
            one.line_name,
            standing_of(one.status, one.reason, one.failures[0][1] if one.failures else {}),
            one.get_status_display(),
        )
        for one in Transaction.objects.filter(producer=producer).order_by("number")
    ]


def of_all_lines(reason: str, status: str) -> list[tuple[str, str, str]]:
    return [(name, reason, status) for _, name, _ in CALIFORNIA]


@pytest.mark.parametrize(
    "license",
    [{"is_active": False}, {"expires_on": LONG_AGO}],
    ids=["inactive", "expired"],
)
def test_row_1_a_license_that_is_inactive_or_expired_is_found_and_not_active(
    license: dict[str, object],
) -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member, **license)
    make_license(producer, "TX")
    ask(member, request_for(producer))
    assert labels(producer) == of_all_lines("Required License Not Active (Found)", "Not Eligible")


def test_row_1_a_license_that_holds_none_of_the_requested_categories_is_found_and_not_active() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member, ())
    make_line(producer.licenses.get(), "Property", code="9103")
    ask(member, request_for(producer))
    assert labels(producer) == of_all_lines("Required License Not Active (Found)", "Not Eligible")


def test_row_2_lines_on_the_license_are_in_good_standing_and_others_are_not_found() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member, (0, 1))
    ask(member, request_for(producer))
    assert labels(producer) == [
        ("Life", "In Good Standing", "Ready to Submit"),
        (SENTENCE, "In Good Standing", "Ready to Submit"),
        (CALIFORNIA[2][1], "Required License Not Found", "Not Eligible"),
        (CALIFORNIA[3][1], "Required License Not Found", "Not Eligible"),
    ]


def test_row_3_each_of_several_eligible_licenses_gets_its_transactions() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member, (0,))
    make_line(make_license(producer, "CA", **CLASS), "Life", code="9101")
    ask(member, request_for(producer, categories=["life"]))
    ready = Transaction.objects.filter(producer=producer, status="ready")
    assert sorted(ready.values_list("license_number", flat=True)) == sorted(
        producer.licenses.values_list("number", flat=True)
    )
    assert {(line, reason) for line, reason, status in labels(producer) if status == "Ready to Submit"} == {
        ("Life", "In Good Standing")
    }


def test_row_4_an_ineligible_license_gets_no_transaction_and_its_lines_are_not_found() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member, (0,))
    expired = make_license(producer, "CA", expires_on=LONG_AGO, **CLASS)
    make_line(expired, SENTENCE, code="9155")
    ask(member, request_for(producer))
    assert labels(producer)[:2] == [
        ("Life", "In Good Standing", "Ready to Submit"),
        (SENTENCE, "Required License Not Found", "Not Eligible"),
    ]
    assert not Transaction.objects.filter(license_id=expired.pk).exists()


@pytest.mark.parametrize(
    "resident",
    [{"is_active": False}, {"expires_on": LONG_AGO}],
    ids=["inactive", "expired"],
)
def test_row_5_without_an_active_resident_license_nothing_is_eligible(resident: dict[str, object]) -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member, residency="NR")
    make_license(producer, "NV", residency="R", **resident)
    ask(member, request_for(producer))
    assert labels(producer) == of_all_lines("No Active Resident License", "Not Eligible")


def test_row_6_without_a_license_in_the_state_it_is_not_found() -> None:
    member, _ = make_carrier_desk()
    producer = make_synced(member)
    make_license(producer, "TX")
    ask(member, request_for(producer))
    assert labels(producer) == of_all_lines("Required License Not Found", "Not Eligible")


def test_row_7_a_company_without_a_setting_for_the_state_does_not_appoint_there() -> None:
    member, company = make_carrier_desk()
    company.states.all().delete()
    producer = make_californian(member)
    ask(member, request_for(producer))
    assert labels(producer) == [
        ("", f"{company.name} does not appoint in the requested State: California", "Not Eligible")
    ]


def test_row_8_a_company_that_does_not_support_the_categories_does_not_appoint_for_them() -> None:
    member, company = make_carrier_desk()
    company.categories = ["property"]
    company.save()
    producer = make_californian(member)
    ask(member, request_for(producer))
    assert labels(producer) == of_all_lines("Company Does Not Appoint for requested loas", "Not Eligible")
    # The seed: "The user will not be charged for this not eligible transaction."
    assert set(Transaction.objects.values_list("state_fee", "registry_fee")) == {(0, 0)}


def test_row_9_a_company_that_is_not_on_file_is_not_found() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member)
    ask(member, request_for(producer, cocodes=["99999"]))
    assert labels(producer) == [("", "CoCode Not Found", "Not Eligible")]


def test_row_10_with_just_in_time_on_the_company_s_setting_eligible_ones_are_held() -> None:
    member, company = make_carrier_desk()
    company.states.update(just_in_time=True)
    producer = make_californian(member)
    ask(member, request_for(producer, submit=True))
    assert labels(producer) == of_all_lines("In Good Standing", "Held (JIT)")
    assert not Transaction.objects.filter(released_at__isnull=False).exists()


@pytest.mark.parametrize(
    ("just_in_time", "asked", "goes"),
    [
        (False, {"submit": True}, True),
        (False, {"submit_just_in_time": True}, False),
        (True, {"submit": True}, False),
        (True, {"submit_just_in_time": True}, True),
        (False, {}, False),
    ],
)
def test_row_11_submit_lets_go_those_that_need_not_wait_and_submit_just_in_time_the_others(
    just_in_time: bool, asked: dict[str, bool], goes: bool
) -> None:
    member, company = make_carrier_desk()
    company.states.update(just_in_time=just_in_time)
    producer = make_californian(member)
    ask(member, request_for(producer, **asked))
    released = Transaction.objects.filter(released_at__isnull=False, next_at__isnull=False)
    assert released.count() == (4 if goes else 0)
    Transaction.objects.update(status="submitted")
    assert labels(producer) == of_all_lines("In Good Order", "Submitted")


@pytest.mark.parametrize("switch", [True, False])
@pytest.mark.parametrize("setting", [True, False])
def test_row_12_with_auto_submit_on_setting_and_organization_all_eligible_ones_go(
    setting: bool, switch: bool
) -> None:
    member, company = make_carrier_desk()
    company.states.update(auto_submit=setting)
    FilingSettings.objects.create(organization=member.organization, auto_submit_bulk_appointments=switch)
    producer = make_californian(member, (0, 1))
    ask(member, request_for(producer))
    released = Transaction.objects.filter(released_at__isnull=False)
    assert released.count() == (2 if setting and switch else 0)
    assert set(released.values_list("status", flat=True)) <= {"ready"}


def test_row_13_an_agency_is_not_appointed_where_the_state_appoints_individuals_only() -> None:
    member, company = make_carrier_desk()
    make_business_rule(member.organization, "NC", line_code="L", line_name="Life", categories=["life"])
    make_company_state(company, "NC")
    firm = make_synced(member, kind="firm")
    make_line(make_license(firm, "NC"), "Life", code="L")
    person = make_synced(member)
    make_line(make_license(person, "NC"), "Life", code="L")
    asked = {"states": ["NC"], "categories": ["life"]}
    ask(member, request_for(firm, **asked), request_for(person, **asked))
    assert labels(firm) == [("Life", "State Does Not Appoint Agencies", "Not Eligible")]
    assert labels(person) == [("Life", "In Good Standing", "Ready to Submit")]


@pytest.mark.parametrize("where", ["organization", "company", "state"])
def test_row_13_and_15_outside_a_required_assignment_there_is_one_transaction_and_one_batch(
    where: str,
) -> None:
    member, company = make_carrier_desk()
    if where == "organization":
        FilingSettings.objects.create(organization=member.organization, assignment_required=True)
    elif where == "company":
        company.assignment_required = True
        company.save()
    else:
        company.states.update(assignment_required=True)
    outside, inside = make_californian(member), make_californian(member)
    make_assignment(outside, states=["TX"])
    make_assignment(outside, ends_on=timezone.localdate() - timedelta(days=1))
    make_assignment(inside, categories=["life", "health"], states=["CA"])
    ask(member, request_for(outside), request_for(inside))
    assert labels(outside) == [("", "Outside Producer Assignment", "Not Eligible")]
    assert Batch.objects.filter(producer=outside).count() == 1
    assert labels(inside) == of_all_lines("In Good Standing", "Ready to Submit")


def test_row_14_two_companies_make_two_batches() -> None:
    member, _ = make_carrier_desk()
    other = make_company(member.organization, name="Beacon Health Assurance")
    make_company_state(other, "CA")
    producer = make_californian(member)
    ask(member, request_for(producer, cocodes=["90101", other.cocode]))
    assert list(Batch.objects.order_by("number").values_list("cocode", flat=True)) == ["90101", other.cocode]
    assert [batch.transactions.count() for batch in Batch.objects.order_by("number")] == [4, 4]


# What domain.md adds to the dictionary.


def test_an_appointment_in_force_is_linked_to() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member, (0, 1))
    appointment = make_appointment(producer, "CA", line_code="9101")
    make_appointment(producer, "CA", line_code="9155", line_name=SENTENCE, status="Terminated")
    ask(member, request_for(producer))
    first, second = Transaction.objects.filter(license_id__isnull=False).order_by("number")
    assert first.failures == [["already_appointed", {"appointment": appointment.pk}]]
    assert (first.line_name, first.status, second.status) == ("Life", "not_eligible", "ready")


def test_an_open_transaction_is_linked_to() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member, (0, 1))
    ask(member, request_for(producer, categories=["life"]))
    ask(member, request_for(producer, categories=["life", "health"]))
    one = Transaction.objects.filter(line_name="Life").latest("number")
    assert one.failures == [["open_transaction", {"transaction": 1}]]
    assert Transaction.objects.get(line_name=SENTENCE).status == "ready"


def test_where_no_business_rule_holds_one_transaction_says_so() -> None:
    member, company = make_carrier_desk()
    make_company_state(company, "TX")
    producer = make_californian(member)
    ask(member, request_for(producer, states=["TX"]))
    assert labels(producer) == [("", "No Business Rule for requested loas", "Not Eligible")]


@pytest.mark.parametrize(
    "gap",
    [
        {"is_active": False},
        {"ends_on": date(2026, 1, 1)},
        {"starts_on": date(2099, 1, 1)},
    ],
    ids=["inactive", "ended", "to come"],
)
def test_a_business_rule_counts_only_while_it_is_active(gap: dict[str, object]) -> None:
    member, _ = make_carrier_desk()
    member.organization.business_rules.filter(line_code="9101").update(**gap)
    producer = make_californian(member)
    ask(member, request_for(producer))
    assert [line for line, *_ in labels(producer)] == [name for _, name, _ in CALIFORNIA[1:]]


def test_a_line_in_two_requested_categories_makes_one_transaction() -> None:
    member, company = make_carrier_desk()
    company.categories = ["life", "health", "fraternal"]
    company.save()
    producer = make_californian(member)
    ask(member, request_for(producer, categories=["life", "health", "fraternal"]))
    assert labels(producer) == of_all_lines("In Good Standing", "Ready to Submit")


def test_in_a_registry_state_what_is_eligible_is_recorded_at_once() -> None:
    member, company = make_carrier_desk()
    make_business_rule(member.organization, "AZ", line_code="L", line_name="Life", categories=["life"])
    make_company_state(company, "AZ")
    producer = make_synced(member)
    make_line(make_license(producer, "AZ"), "Life", code="L")
    ask(member, request_for(producer, states=["AZ"], categories=["life"], submit=True))
    assert labels(producer) == [("Life", "In Good Order", "Recorded")]
    one = Transaction.objects.get()
    assert (one.filing_key, one.released_at, one.registry_fee) == (None, None, 0)
    appointment = producer.appointments.get()
    assert (appointment.origin, appointment.status, appointment.cocode) == ("internal", "Appointed", "90101")
