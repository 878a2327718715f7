"""The page Appoint: what is picked is previewed and written alike, and each trouble says what to do."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.bulk.models import Operation, OperationState
from muster.carriers.models import Company, FilingSettings
from muster.console.appointing.choices import Choices, Place, appoint_url, requests_of
from muster.core.words import states
from muster.producers.models import Producer
from muster.transactions.models import Batch, Transaction
from tests.make import (
    make_appointment,
    make_business_rule,
    make_company,
    make_company_state,
    make_license,
    make_line,
    make_member,
    make_producer,
    make_transaction,
)
from tests.transactions.appointing import (
    CLASS,
    SENTENCE,
    make_californian,
    make_carrier_desk,
    make_synced,
    told,
)
from tests.web.query_counts import same_number_of_queries
from tests.web.reading import links, text

pytestmark = pytest.mark.django_db

PICKED = {"state": "CA", "company": "90101", "category": ["life", "health"]}


@pytest.fixture
def desk() -> tuple[Membership, Company]:
    return make_carrier_desk(name="Robin Field")


@pytest.fixture
def member(desk: tuple[Membership, Company]) -> Membership:
    return desk[0]


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def preview(browsing: Client, producer: Producer, **over: Any) -> Any:
    """The preview alone, as it follows a change of the picks."""
    page = reverse("appoint", args=[producer.npn])
    return browsing.post(page, {**PICKED, **over}, headers={"HX-Request": "true"})


def press(browsing: Client, producer: Producer, **over: Any) -> Any:
    """The button under the preview."""
    page = reverse("appoint", args=[producer.npn])
    asked = {**PICKED, "operation": uuid4(), "request": "yes", **over}
    return browsing.post(page, asked)


def shown(answer: Any) -> list[tuple[str, str, str]]:
    """Line, status and reason of each transaction that the preview promises."""
    return [
        (line.name, verdict.status, verdict.why[0].label if verdict.why else "")
        for state in answer.context["preview"].states
        for company in state.companies
        for line in company.lines
        for verdict in line.verdicts
    ]


def test_before_anything_is_picked_the_page_says_what_to_pick(browsing: Client, member: Membership) -> None:
    producer = make_californian(member)
    make_company(member.organization)
    answer = browsing.get(reverse("appoint", args=[producer.npn]))
    assert "Pick states, companies and LOA categories; what would be filed appears here." in text(answer)
    assert "Nothing is written before you request it." in text(answer)


def test_the_states_of_the_producer_stand_first_and_say_how_the_license_stands(
    browsing: Client, member: Membership
) -> None:
    producer = make_californian(member, residency="R")
    make_license(producer, "TX", residency="NR")
    make_license(producer, "AK", residency="NR", is_active=False)
    form = browsing.get(reverse("appoint", args=[producer.npn])).context["form"]
    assert [(one.code, one.mark) for one in form.licensed] == [
        ("CA", "licensed"),
        ("TX", "licensed"),
        ("AK", "license inactive"),
    ]
    assert len(form.licensed) + len(form.others) == len(states())


def test_an_only_company_is_picked_already(browsing: Client, member: Membership) -> None:
    answer = browsing.get(reverse("appoint", args=[make_californian(member).npn]))
    assert answer.context["choices"].cocodes == ("90101",)


def test_california_life_and_health_are_four_transactions_with_their_verdicts(
    browsing: Client, member: Membership
) -> None:
    producer = make_californian(member, lines=[0, 2])
    answer = preview(browsing, producer)
    assert shown(answer) == [
        ("Life", "ready", ""),
        (SENTENCE, "not_eligible", "Required License Not Found"),
        ("Health and Sickness (excluding Disability)", "ready", ""),
        ("Part-Time Fraternal", "not_eligible", "Required License Not Found"),
    ]
    assert "Request 4 transactions" in text(answer)
    assert "2 Ready to Submit" in text(answer)
    assert "In Good Standing" in text(answer)


def test_a_company_that_does_not_sell_it_gives_four_that_are_not_eligible(
    browsing: Client, member: Membership
) -> None:
    other = make_company(member.organization, name="Granite Mutual Casualty", categories=["casualty"])
    make_company_state(other, "CA")
    answer = preview(browsing, make_californian(member), company=other.cocode)
    assert [reason for _, _, reason in shown(answer)] == 4 * ["Company Does Not Appoint for requested loas"]
    assert "State fees" not in text(answer)  # what is not eligible costs nothing


def test_a_preview_writes_nothing(browsing: Client, member: Membership) -> None:
    preview(browsing, make_californian(member))
    assert not Transaction.objects.exists()
    assert not Operation.objects.exists()


def test_what_is_written_is_what_the_preview_promised(browsing: Client, member: Membership) -> None:
    producer = make_californian(member, lines=[0, 1])
    make_appointment(producer, "CA", line_name="Life", line_code="9101")
    out = Place("CA", "90101", "Part-Time Fraternal").value
    seen = preview(browsing, producer, left_out=out)
    answer = press(browsing, producer, left_out=out)

    operation = Operation.objects.get()
    assert operation.state == OperationState.DONE
    assert str(operation.pk) in answer["Location"]
    promised = [(name, status) for name, status, _ in shown(seen)]
    assert [(name, status) for name, status, _ in told(producer)] == promised
    assert [name for name, _ in promised] == ["Life", SENTENCE, "Health and Sickness (excluding Disability)"]
    fees = [
        (verdict.line.state_fee, verdict.line.registry_fee)
        for company in seen.context["preview"].states[0].companies
        for line in company.lines
        for verdict in line.verdicts
    ]
    written = Transaction.objects.order_by("number")
    assert list(written.values_list("state_fee", "registry_fee")) == fees


def test_pressing_twice_requests_once(browsing: Client, member: Membership) -> None:
    producer, operation_id = make_californian(member), uuid4()
    first = press(browsing, producer, operation=operation_id)
    second = press(browsing, producer, operation=operation_id)
    assert first["Location"] == second["Location"]
    assert Transaction.objects.count() == 4
    assert Operation.objects.count() == 1


def test_asking_again_says_that_it_is_the_same_answer(browsing: Client, member: Membership) -> None:
    producer = make_californian(member)
    press(browsing, producer)
    answer = preview(browsing, producer)
    assert "Nothing new" in text(answer)
    assert "as requested before" in text(answer)
    press(browsing, producer)
    assert Batch.objects.count() == 1


def test_lines_are_left_out_here_and_not_there(browsing: Client, member: Membership) -> None:
    other = make_company(member.organization)
    make_company_state(other, "CA")
    producer = make_californian(member)
    picked = {"company": ["90101", other.cocode], "left_out": Place("CA", other.cocode, "Life").value}
    answer = preview(browsing, producer, **picked)
    assert len(shown(answer)) == 7
    assert "Left out: no transaction is made" in text(answer)
    press(browsing, producer, **picked)
    lines = Transaction.objects.filter(line_name="Life").values_list("cocode", flat=True)
    assert list(lines) == ["90101"]
    assert Transaction.objects.count() == 7


def test_requests_are_as_few_as_what_is_left_out_allows() -> None:
    choices = Choices(
        states=("CA", "TX", "WY"),
        cocodes=("90101", "90102"),
        categories=("life",),
        left_out=frozenset({Place("TX", "90102", "Life"), Place("NV", "90101", "Life")}),
    )
    assert [(one.states, one.cocodes, one.left_out) for one in requests_of(choices, npn="1")] == [
        (["CA", "WY"], ("90101", "90102"), ()),
        (["TX"], ("90101",), ()),
        (["TX"], ("90102",), ("Life",)),
    ]


def test_what_stands_in_the_way_is_linked(browsing: Client, member: Membership) -> None:
    producer = make_californian(member)
    make_appointment(producer, "CA", line_name="Life", line_code="9101")
    standing = make_transaction(producer, "CA", line_name=SENTENCE, line_code="9155")
    answer = preview(browsing, producer)
    reasons = {name: reason for name, _, reason in shown(answer)}
    assert reasons["Life"] == "Already Appointed"
    assert reasons[SENTENCE] == "Open Transaction Exists"
    assert f"/producers/{producer.npn}/#appointments" in links(answer)
    assert reverse("transaction-detail", args=[standing.number]) in links(answer)


def test_every_failure_is_told_the_first_as_the_reason(browsing: Client, member: Membership) -> None:
    producer = make_californian(member, residency="NR", lines=[0])
    answer = text(preview(browsing, producer))
    assert "No Active Resident License also: Required License Not Found" in answer


def test_a_license_and_the_rules_are_told(browsing: Client, member: Membership) -> None:
    producer = make_synced(member)
    make_line(make_license(producer, "CA", number="0K12345", **CLASS), "Life", code="9101")
    answer = text(preview(browsing, producer))
    assert "No. 0K12345" in answer
    assert "Whether agencies are appointed too. yes approximate" in answer
    assert "Fee: for an appointment. $32.00 (resident) approximate" in answer


def test_fees_that_nobody_has_told_are_unknown_and_never_nothing(
    browsing: Client, member: Membership
) -> None:
    FilingSettings.objects.create(organization=member.organization, registry_fee=None)
    answer = text(preview(browsing, make_californian(member, lines=[0])))
    assert "State fees $32.00" in answer
    assert "Registry fees unknown" in answer
    assert "Of 1 transaction not every fee is known." in answer


@pytest.mark.parametrize(
    ("picked", "field", "words"),
    [
        ({"state": "FL"}, "county", "Florida needs a county, and none is named. Fill in County."),
        ({"state": "SC"}, "appointment_type", "South Carolina needs one of these types: General, Local"),
        ({"effective_on": "soon"}, "effective_on", "“soon” in Effective Date is not a date."),
        ({"effective_on": "2001-02-03"}, "effective_on", "California does not take the effective date"),
    ],
    ids=["county", "type", "no date", "old date"],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_written(
    picked: dict[str, str], field: str, words: str, browsing: Client, member: Membership
) -> None:
    producer = make_californian(member)
    for answer in (preview(browsing, producer, **picked), press(browsing, producer, **picked)):
        [trouble] = answer.context["preview"].troubles[field]
        assert words in f"{trouble.text} {trouble.fix}"
        assert f'id="found-{field}"' in answer.content.decode()
        assert words in text(answer)
        assert "Nothing can be requested yet" in text(answer)
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("state", "field"), [("FL", "data-county"), ("SC", "data-type")], ids=["Florida", "South Carolina"]
)
def test_states_that_ask_for_more_are_marked_so_that_the_field_appears(
    state: str, field: str, browsing: Client, member: Membership
) -> None:
    page = browsing.get(reverse("appoint", args=[make_californian(member).npn])).content.decode()
    assert f'name="state" value="{state}" {field}' in page
    assert f'name="state" value="TX" {field}' not in page


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"sync_status": "not_started", "synced_at": None}, "has not been synced well with the registry"),
        ({"is_watched": False}, "is not active"),
    ],
    ids=["not synced", "not active"],
)
def test_a_producer_for_whom_nothing_can_be_requested_is_told_why(
    over: dict[str, Any], words: str, browsing: Client, member: Membership
) -> None:
    producer = make_synced(member, **over)
    answer = preview(browsing, producer)
    assert words in text(answer)
    assert f"/producers/{producer.npn}/" in links(answer)
    press(browsing, producer)
    assert not Operation.objects.exists()


def test_without_companies_there_is_nothing_to_pick(client: Client) -> None:
    member = make_member()
    client.force_login(member.user)
    answer = client.get(reverse("appoint", args=[make_synced(member).npn]))
    assert "No companies yet" in text(answer)


def test_a_company_that_is_not_on_file_is_told(browsing: Client, member: Membership) -> None:
    page = appoint_url(make_californian(member).npn, states=["CA"], cocodes=["12345"], categories=["life"])
    answer = text(browsing.get(page))
    assert "No company of yours has the CoCode 12345." in answer
    assert "Pick companies; what would be filed appears here." in answer


def test_an_address_picks_and_what_means_nothing_in_it_is_passed_over(
    browsing: Client, member: Membership
) -> None:
    producer = make_californian(member)
    url = appoint_url(producer.npn, states=["CA"], cocodes=["90101"], categories=["life"])
    assert url == f"/producers/{producer.npn}/appoint/?state=CA&company=90101&category=life"
    answer = browsing.get(url + "&state=XX&category=nothing&agent_type=king&left_out=x&county=" + "y" * 999)
    assert [line[0] for line in shown(answer)] == ["Life", "Part-Time Fraternal"]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SPECIALIST])
def test_only_who_releases_filings_is_offered_to_submit(
    role: Role, client: Client, member: Membership
) -> None:
    client.force_login(make_member(member.organization, role).user)
    producer = make_californian(member, lines=[0])
    answer = client.get(reverse("appoint", args=[producer.npn]))
    may_release = role is Role.ADMIN
    assert ("Submit at once" in text(answer)) is may_release
    assert ("by somebody with the role Agency Admin or Submitter" in text(answer)) is not may_release
    press(client, producer, category="life", submit="yes")
    released = Transaction.objects.get(line_name="Life").released_at
    assert (released is not None) is may_release


def test_with_two_person_release_nobody_submits_what_they_request(
    browsing: Client, member: Membership
) -> None:
    FilingSettings.objects.create(organization=member.organization, two_person_release=True)
    producer = make_californian(member, lines=[0])
    answer = preview(browsing, producer, submit="yes")
    assert "Waiting for somebody to release them (two persons have to see each filing)" in text(answer)
    page = text(browsing.get(reverse("appoint", args=[producer.npn])))
    assert "waits until somebody else releases it" in page
    press(browsing, producer, submit="yes")
    assert not Transaction.objects.filter(released_at__isnull=False).exists()


def test_a_preview_says_what_goes_to_the_registry_at_once(browsing: Client, member: Membership) -> None:
    answer = text(preview(browsing, make_californian(member, lines=[0]), submit="yes"))
    assert "1 transaction goes to the registry at once." in answer


def test_after_the_request_a_message_tells_what_was_made(browsing: Client, member: Membership) -> None:
    answer = press(browsing, make_californian(member, lines=[0]), category="life")
    said = [str(one) for one in browsing.get(answer["Location"]).context["messages"]]
    assert said == [
        "GT-00000001 to GT-00000002: 1 Ready to Submit, 1 Not Eligible (Required License Not Found)."
    ]


def test_a_large_request_is_left_to_the_worker(browsing: Client, member: Membership) -> None:
    in_states = list(states())[:20]
    companies = [make_company(member.organization).cocode for _ in range(4)]
    answer = press(browsing, make_californian(member), state=in_states, company=companies, county="Orange")
    operation = Operation.objects.get()
    assert operation.state == OperationState.CHECKING
    assert answer["Location"] == reverse("import-detail", args=[operation.pk])


def test_what_is_others_stays_theirs(browsing: Client, member: Membership) -> None:
    other = make_member()
    theirs = make_producer(other.organization)
    assert browsing.get(reverse("appoint", args=[theirs.npn])).status_code == 404
    stranger, _ = make_carrier_desk()
    operation_id = uuid4()
    client = Client()
    client.force_login(stranger.user)
    press(client, make_californian(stranger), operation=operation_id)
    assert press(browsing, make_californian(member), operation=operation_id).status_code == 404
    assert press(browsing, make_californian(member), operation="none").status_code == 404


def test_the_number_of_queries_grows_neither_with_states_nor_with_companies(
    browsing: Client, member: Membership
) -> None:
    producer = make_californian(member)
    for asked, companies in (("CA",), 0), (("CA", "TX", "NV", "AK"), 3):
        for _ in range(companies):
            make_company_state(make_company(member.organization), "CA")
        for state in asked[1:]:
            make_business_rule(member.organization, state)
            make_license(producer, state)
        cocodes = list(Company.objects.values_list("cocode", flat=True))
        with same_number_of_queries("appoint"):
            preview(browsing, producer, state=asked, company=cocodes)


def test_the_producer_page_leads_here_for_those_who_prepare(client: Client, member: Membership) -> None:
    producer = make_synced(member)
    for role, is_offered in (Role.SPECIALIST, True), (Role.SUBMITTER, False), (Role.VIEWER, False):
        client.force_login(make_member(member.organization, role).user)
        page = client.get(reverse("producer-detail", args=[producer.npn]))
        assert (reverse("appoint", args=[producer.npn]) in links(page)) is is_offered


def test_a_preview_holds_for_today(browsing: Client, member: Membership) -> None:
    producer = make_californian(member, expires_on=timezone.localdate())
    assert {status for _, status, _ in shown(preview(browsing, producer))} == {"ready"}
