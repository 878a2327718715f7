"""Beginning an onboarding, saving its steps, and going on with it: by one person, by two, after a month."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from muster.access.models import Membership
from muster.core.onboarding import DraftStatus, IdentifiedBy
from muster.onboarding.drafts import (
    Details,
    SomebodyElse,
    Started,
    choose,
    discard,
    give_ssn,
    look_up_again,
    save_choices,
    save_details,
)
from muster.onboarding.forgetting import forget_ssns
from muster.onboarding.models import Draft
from muster.producers.models import Producer
from muster.registry.adapter import open_registry
from muster.registry.models import RegistryPause
from muster.vault import unseal
from tests.make import make_member, make_organization, make_producer, with_ssn
from tests.onboarding.starting import AN_AGENCY, TALBOT, begin, make_draft, person
from tests.sandbox.process import SandboxProcess

pytestmark = pytest.mark.django_db

SSN, LICENSE = IdentifiedBy.SSN, IdentifiedBy.LICENSE


def codes(started: Started) -> list[tuple[str, str | None]]:
    return [(one.code, one.field) for one in started.findings]


def the_draft(started: Started) -> Draft:
    assert started.draft is not None
    return started.draft


@pytest.mark.usefixtures("sandbox")
def test_a_person_found_by_npn_is_ready_with_what_the_registry_says(member: Membership) -> None:
    draft = the_draft(begin(member, npn=TALBOT))
    assert (draft.status, draft.npn, draft.step) == (DraftStatus.READY, TALBOT, "details")
    assert (draft.facts["last_name"], draft.facts["home_state"]) == ("O'Brien-Nuñez", "TX")
    assert {one["state"] for one in draft.facts["licenses"]} == {"TX", "CA", "FL"}
    assert not Producer.objects.exists()


@pytest.mark.usefixtures("sandbox")
def test_a_person_found_by_ssn_and_last_name_has_it_sealed(member: Membership) -> None:
    ssn = person(TALBOT).ssn
    draft = the_draft(begin(member, by=SSN, ssn=ssn, last_name="obrien nunez"))
    assert (draft.npn, draft.ssn_last4, unseal(draft.ssn_sealed or "")) == (TALBOT, ssn[-4:], ssn)
    assert ssn not in str(Draft.objects.values())


@pytest.mark.usefixtures("sandbox")
def test_an_ssn_of_another_last_name_is_told_without_telling_whose(member: Membership) -> None:
    started = begin(member, by=SSN, ssn=person(TALBOT).ssn, last_name="Talbot")
    assert codes(started) == [("ONBOARD-E003", "SSN")]
    assert "Brien" not in str(started.findings)
    assert not Draft.objects.exists()


@pytest.mark.usefixtures("sandbox")
def test_an_ssn_that_is_on_file_with_another_last_name_is_told_before_anybody_is_asked(
    member: Membership,
) -> None:
    make_producer(member.organization, last_name="Alder", **with_ssn("123456789"))
    assert codes(begin(member, by=SSN, ssn="123456789", last_name="Birch")) == [("ONBOARD-E003", "SSN")]
    started = begin(member, by=SSN, ssn="123456789", last_name="ALDER")
    assert codes(started) == [("ONBOARD-E001", "NPN")]
    assert started.known is not None


NOBODY: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"npn": "4711"}, ("ONBOARD-E005", "NPN")),
    ({"by": SSN, "ssn": "899999999", "last_name": "Nobody"}, ("ONBOARD-E004", "SSN")),
    ({"by": LICENSE, "number": "no such", "state": "TX"}, ("ONBOARD-E006", "License number")),
]


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(("who", "said"), NOBODY)
def test_where_the_registry_finds_nobody_it_is_said_and_nothing_is_written(
    member: Membership, who: dict[str, Any], said: tuple[str, str]
) -> None:
    started = begin(member, **who)
    assert (codes(started), started.draft) == ([said], None)
    assert not Draft.objects.exists()


@pytest.mark.usefixtures("sandbox")
def test_an_agency_is_not_onboarded_as_a_person(member: Membership) -> None:
    started = begin(member, npn=AN_AGENCY)
    assert (codes(started), started.draft) == ([("ONBOARD-E017", "NPN")], None)
    assert started.findings[0].params["name"] == person(AN_AGENCY).company_name
    assert not Draft.objects.exists()


@pytest.mark.usefixtures("sandbox")
def test_one_of_several_persons_with_a_license_number_is_chosen(member: Membership) -> None:
    draft = the_draft(begin(member, by=LICENSE, number="77001234", state="TX"))
    assert draft.status == DraftStatus.IDENTIFIED
    assert [hit["npn"] for hit in draft.facts["hits"]] == ["9000021", "9000022"]
    args: dict[str, Any] = {"by": member, "open_registry": open_registry, "now": timezone.now()}
    assert the_draft(choose(draft=draft, npn="1000001", **args)).status == DraftStatus.IDENTIFIED
    chosen = the_draft(choose(draft=draft, npn="9000022", **args))
    assert (chosen.pk, chosen.npn, chosen.status) == (draft.pk, "9000022", DraftStatus.READY)
    assert chosen.facts["first_name"] == "Osman"


@pytest.mark.usefixtures("sandbox")
def test_a_number_that_only_other_states_know_is_offered_and_not_guessed(member: Membership) -> None:
    draft = the_draft(begin(member, by=LICENSE, number="77005678", state="TX"))
    assert (draft.status, draft.facts["elsewhere"]) == (DraftStatus.IDENTIFIED, True)
    assert {hit["npn"] for hit in draft.facts["hits"]} == {"9000021", "9000022"}


@pytest.mark.usefixtures("sandbox")
def test_who_is_in_the_organization_already_is_linked_to(member: Membership) -> None:
    producer = make_producer(member.organization, npn=TALBOT, first_name="Zoë", last_name="Nuñez")
    started = begin(member, npn=TALBOT)
    assert codes(started) == [("ONBOARD-E001", "NPN")]
    assert started.known is not None
    assert (started.known.producer_id, started.known.name) == (producer.pk, "Zoë Nuñez")
    ssn = person(TALBOT).ssn
    assert codes(begin(member, by=SSN, ssn=ssn, last_name="OBrien Nunez")) == [("ONBOARD-E001", "NPN")]


@pytest.mark.usefixtures("sandbox")
def test_who_is_in_another_organization_is_nobodys_business(member: Membership) -> None:
    other = make_producer(make_organization(), npn=TALBOT, email="zoe@harbor.example")
    make_draft(make_member(other.organization), npn="1000002", email="zoe@harbor.example")
    assert the_draft(begin(member, npn=TALBOT)).status == DraftStatus.READY


@pytest.mark.usefixtures("sandbox")
def test_an_email_address_in_use_is_said_with_whose_it_is(member: Membership) -> None:
    make_producer(member.organization, npn="1234", first_name="Ada", email="Zoe@Harbor.example")
    started = begin(member, npn=TALBOT)
    assert codes(started) == [("ONBOARD-E002", "Email")]
    assert started.findings[0].params["npn"] == "1234"
    make_draft(member, npn="1000002", email="bo@harbor.example")
    assert codes(begin(member, npn=TALBOT, email="bo@harbor.example")) == [("ONBOARD-E002", "Email")]


@pytest.mark.usefixtures("sandbox")
def test_pressed_twice_an_onboarding_is_begun_once(member: Membership) -> None:
    first = begin(member, npn=TALBOT)
    second = begin(member, by=SSN, ssn=person(TALBOT).ssn, last_name="OBrien Nunez", email="z@harbor.example")
    third = begin(make_member(member.organization), npn=TALBOT)
    first_by_license = begin(member, by=LICENSE, number="77001234", state="TX", email="l@harbor.example")
    again = begin(member, by=LICENSE, number="77001234", state="TX", email="L@harbor.example")
    assert the_draft(first_by_license) == the_draft(again)
    assert the_draft(first) == the_draft(second) == the_draft(third)
    assert (first.resumed, second.resumed, third.resumed) == (False, True, True)


def test_a_registry_without_an_answer_is_told_and_nothing_is_written(
    member: Membership, sandbox: SandboxProcess
) -> None:
    sandbox.control(f"npn/{TALBOT}", {"behavior": "http_500"})
    started = begin(member, npn=TALBOT)
    assert codes(started) == [("ONBOARD-E007", None)]
    assert not Draft.objects.exists()


def test_a_registry_that_asked_for_a_pause_is_left_alone(member: Membership, sandbox: SandboxProcess) -> None:
    now = timezone.now()
    RegistryPause.objects.create(
        is_the_one=True, until=now + timedelta(minutes=5), since=now, failure="throttled", reason="Slow down."
    )
    started = begin(member, npn=TALBOT)
    assert codes(started) == [("ONBOARD-E007", None)]
    assert sandbox.ledger() == []


def test_a_registrys_words_about_a_search_by_ssn_are_not_repeated(
    member: Membership, sandbox: SandboxProcess
) -> None:
    sandbox.control(f"npn/{TALBOT}", {"behavior": "error"})
    started = begin(member, by=SSN, ssn=person(TALBOT).ssn, last_name="OBrien Nunez")
    assert started.findings[0].params["why"] == "The registry gave no report."


DETAILS = Details(
    email="zoe@harbor.example",
    agency_id=None,
    gender="female",
    new_paid_by="agency",
    renewal_paid_by="producer",
    auto_renewal=True,
)


def test_each_step_is_saved_and_the_farthest_one_kept(member: Membership) -> None:
    draft = make_draft(member, step="details", choices={}, new_paid_by="", renewal_paid_by="")
    now = timezone.now()
    draft = save_details(by=member, draft=draft, version=1, details=DETAILS, goes_on=True, now=now)
    assert (draft.step, draft.version, draft.new_paid_by, draft.gender) == ("states", 2, "agency", "female")
    picked = {"CA": ["life", "no such line"], "TX": ["Life"], "AS": []}
    draft = save_choices(by=member, draft=draft, version=2, choices=picked, goes_on=True, now=now)
    # A line that the state does not grant, or that is held there already, is none to apply for.
    assert (draft.step, draft.choices) == ("review", {"AS": [], "CA": ["Life"], "TX": []})
    draft = save_details(by=member, draft=draft, version=3, details=DETAILS, goes_on=False, now=now)
    assert draft.step == "review"


def test_a_second_person_in_the_same_draft_overwrites_nothing(member: Membership) -> None:
    draft, now = make_draft(member), timezone.now()
    other = make_member(member.organization, name="Ann Other")
    save_choices(by=other, draft=draft, version=1, choices={"FL": []}, goes_on=False, now=now)
    with pytest.raises(SomebodyElse) as caught:
        save_choices(by=member, draft=draft, version=1, choices={"NY": []}, goes_on=False, now=now)
    assert str(caught.value.draft.touched_by) == "Ann Other"
    draft.refresh_from_db()
    assert draft.choices == {"FL": []}


def test_what_one_person_saves_twice_is_no_collision(member: Membership) -> None:
    draft, now = make_draft(member), timezone.now()
    for _ in range(2):
        save_choices(by=member, draft=draft, version=1, choices={"FL": []}, goes_on=False, now=now)
    draft.refresh_from_db()
    assert draft.version == 2


@pytest.mark.usefixtures("sandbox")
def test_old_facts_are_looked_up_again_and_what_differs_is_told(member: Membership) -> None:
    draft = make_draft(
        member, looked_up_at=timezone.now() - timedelta(days=31), choices={"TX": ["Health"], "CA": ["Life"]}
    )
    draft, differ, findings = look_up_again(
        by=member, draft=draft, open_registry=open_registry, now=timezone.now()
    )
    assert findings == ()
    assert differ[-1] == "licenses in CA, FL and TX"
    assert "the address" in differ
    assert draft.looked_up_at is not None
    assert timezone.now() - draft.looked_up_at < timedelta(minutes=1)
    # What the registry lists by now need not be applied for.
    assert draft.choices == {"TX": [], "CA": []}


def test_an_ssn_is_deleted_of_an_onboarding_that_nobody_touches_and_asked_for_again(
    member: Membership, sandbox: SandboxProcess, settings: Any
) -> None:
    now, ssn = timezone.now(), person(TALBOT).ssn
    old = now - timedelta(days=settings.MUSTER_ROW_RETENTION_DAYS + 1)
    told = {"identified_by": SSN, "last_name": "OBrien Nunez", **with_ssn(ssn)}
    draft = make_draft(member, touched_at=old, **told)
    fresh = make_draft(member, npn="1000002", email="", **told)
    assert forget_ssns(now=now) == 1
    draft.refresh_from_db()
    assert (draft.ssn_sealed, draft.ssn_last4, draft.ssn_index) == (None, None, None)
    assert (draft.status, draft.email, draft.choices) == ("ready", "zoe@harbor.example", {"CA": ["Life"]})
    fresh.refresh_from_db()
    assert fresh.ssn_sealed
    args: dict[str, Any] = {"by": member, "draft": draft, "open_registry": open_registry, "now": now}
    _, findings = give_ssn(ssn=person("1000001").ssn, version=draft.version, **args)
    assert [one.code for one in findings] == ["ONBOARD-E003"]
    draft, findings = give_ssn(ssn=ssn, version=draft.version, **args)
    assert (findings, draft.ssn_last4, unseal(draft.ssn_sealed or "")) == ((), ssn[-4:], ssn)


def test_a_discarded_onboarding_keeps_no_ssn_and_can_be_begun_anew(member: Membership) -> None:
    draft = make_draft(member, **with_ssn("123456789"))
    assert discard(by=member, draft=draft, now=timezone.now())
    assert not discard(by=member, draft=draft, now=timezone.now())
    draft.refresh_from_db()
    assert (draft.status, draft.ssn_sealed, draft.ssn_index) == (DraftStatus.DISCARDED, None, None)
    assert (draft.ssn_last4, draft.email, draft.facts, draft.npn) == (None, "", {}, TALBOT)
    make_draft(member)
