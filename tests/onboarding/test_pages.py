"""The pages on which one producer is onboarded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.carriers.models import FilingSettings
from muster.console.onboarding import steps
from muster.core.onboarding import DraftStatus
from muster.onboarding.models import Draft, Territory
from muster.onboarding.operations import onboard
from muster.producers.models import Producer
from tests.make import make_member, make_producer
from tests.onboarding.files import make_file_of_one
from tests.onboarding.starting import AN_AGENCY, FACTS, TALBOT, make_draft, person
from tests.sandbox.process import SandboxProcess
from tests.web.reading import links, text

pytestmark = pytest.mark.django_db

NEW = "/producers/onboarding/new/"


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def post(browsing: Client, url: str, **form: Any) -> Any:
    return browsing.post(url, form, follow=True)


def page(name: str, draft: Draft) -> str:
    return reverse(f"draft-{name}", args=[draft.pk])


def version(draft: Draft) -> int:
    draft.refresh_from_db()
    return draft.version


TROUBLES: list[tuple[dict[str, str], str]] = [
    ({"by": "npn", "npn": "12a", "email": "a@b.example"}, "“12a” is not an NPN"),
    ({"by": "npn", "npn": "", "email": "a@b.example"}, "NPN is empty. Fill in NPN."),
    ({"by": "npn", "npn": "4711", "email": "nobody"}, "“nobody” is not an email address."),
    ({"by": "ssn", "ssn": "12345678", "last_name": "A", "email": "a@b.example"}, "has 8 digits"),
    ({"by": "ssn", "ssn": "***-**-6789", "last_name": "A", "email": "a@b.example"}, "is a masked"),
    ({"by": "license", "number": "1", "state": "", "email": "a@b.example"}, "State is empty."),
    ({"by": "npn", "npn": "4711", "email": "a@b.example"}, "The registry knows nobody by the NPN 4711."),
]


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(("form", "said"), TROUBLES)
def test_what_is_wrong_with_an_identification_is_said_beside_the_field(
    browsing: Client, form: dict[str, str], said: str
) -> None:
    shown = post(browsing, NEW, **form)
    assert said in text(shown)
    assert not Draft.objects.exists()


@pytest.mark.usefixtures("sandbox")
def test_an_ssn_never_comes_back_on_a_page(browsing: Client) -> None:
    ssn = person(TALBOT).ssn
    wrong = post(browsing, NEW, by="ssn", ssn=ssn, last_name="Talbot", email="z@harbor.example")
    assert "belongs to somebody with another last name" in text(wrong)
    right = post(browsing, NEW, by="ssn", ssn=ssn, last_name="OBrien Nunez", email="z@harbor.example")
    assert "Zoë O'Brien-Nuñez" in text(right)
    for shown in (wrong, right):
        assert ssn not in shown.content.decode()
        assert all(ssn not in url for url, _ in shown.redirect_chain)
    assert f"***-**-{ssn[-4:]}" in text(right)


def test_a_registry_without_an_answer_is_said_on_the_page(browsing: Client, sandbox: SandboxProcess) -> None:
    sandbox.control(f"npn/{TALBOT}", {"behavior": "http_500"})
    shown = text(post(browsing, NEW, by="npn", npn=TALBOT, email="z@harbor.example"))
    assert "The registry could not be reached" in shown
    assert "Try again in a few minutes. Nothing was written." in shown


@pytest.mark.usefixtures("sandbox")
def test_who_is_here_already_is_linked_to(browsing: Client, member: Membership) -> None:
    make_producer(member.organization, npn=TALBOT, first_name="Zoë", last_name="Nuñez")
    shown = post(browsing, NEW, by="npn", npn=TALBOT, email="z@harbor.example")
    assert "Zoë Nuñez, NPN 9000013, is in the organization already." in text(shown)
    assert f"/producers/{TALBOT}/" in links(shown)
    # By another way than the NPN, too, it is said where it can be seen.
    by_ssn = {
        "by": "ssn",
        "ssn": person(TALBOT).ssn,
        "last_name": "OBrien Nunez",
        "email": "z@harbor.example",
    }
    shown = post(browsing, NEW, **by_ssn)
    assert "is in the organization already." in shown.context["troubles"]["all"][0].text


@pytest.mark.usefixtures("sandbox")
def test_an_agency_is_led_to_where_agencies_are_added(browsing: Client) -> None:
    shown = post(browsing, NEW, by="npn", npn=AN_AGENCY, email="z@harbor.example")
    assert "NPN 8000042 is Lanternhill Brokerage Inc., an agency. Only persons are onboarded." in text(shown)
    assert reverse("agency-new") in links(shown)


@pytest.mark.usefixtures("sandbox")
def test_several_persons_are_shown_and_one_is_chosen(browsing: Client) -> None:
    shown = post(browsing, NEW, by="license", number="77001234", state="TX", email="z@harbor.example")
    draft = Draft.objects.get()
    assert "Who is meant?" in text(shown)
    assert "Fairweather, Lucia" in text(shown)
    shown = post(browsing, reverse("draft", args=[draft.pk]), npn="9000022")
    assert "Osman" in text(shown)
    assert shown.redirect_chain[-1][0] == page("details", draft)


def test_the_wizard_is_followed_to_its_end(browsing: Client, member: Membership) -> None:
    draft = make_draft(member, step="details", choices={}, new_paid_by="", renewal_paid_by="")
    shown = post(browsing, page("details", draft), version=1, email="zoe@harbor.example", next="yes")
    assert "Who pays: new license is not told." in text(shown)
    payers = {"new_paid_by": "agency", "renewal_paid_by": "producer", "auto_renewal": "yes"}
    form = {"email": "zoe@harbor.example", **payers, "next": "yes"}
    shown = post(browsing, page("details", draft), version=version(draft), **form)
    assert shown.redirect_chain[-1][0] == page("states", draft)
    picked = {"state": ["CA", "AS"], "line-CA": "Life", "next": "yes"}
    shown = post(browsing, page("states", draft), version=version(draft), **picked)
    assert "No lines of authority are on file for American Samoa" in text(shown)
    picked |= {"state": "CA"}
    shown = post(browsing, page("states", draft), version=version(draft), **picked)
    assert shown.redirect_chain[-1][0] == page("review", draft)
    for words in ("Life", "California", "Agency", "Auto-Renewal On"):
        assert words in text(shown)
    assert not Producer.objects.exists()
    shown = post(browsing, page("review", draft), version=version(draft), finish="yes")
    assert shown.redirect_chain[-1][0] == page("done", draft)
    assert "Zoë O'Brien-Nuñez is onboarded" in text(shown)
    assert f"/producers/{TALBOT}/" in links(shown)
    assert NEW in links(shown)
    # Pressed once more, and come back to: nothing happens twice.
    shown = post(browsing, page("review", draft), version=draft.version, finish="yes")
    assert shown.redirect_chain[-1][0] == page("done", draft)
    assert Producer.objects.count() == 1


def test_leaving_saves_what_there_is_and_asks_for_nothing(browsing: Client, member: Membership) -> None:
    nothing = {"choices": {}, "new_paid_by": "", "renewal_paid_by": ""}
    draft = make_draft(member, step="details", **nothing)
    form = {"email": "new@harbor.example", "gender": "female", "save": "yes"}
    shown = post(browsing, page("details", draft), version=1, **form)
    assert shown.redirect_chain[-1][0] == reverse("draft-list")
    draft.refresh_from_db()
    assert (draft.email, draft.gender, draft.step) == ("new@harbor.example", "female", "details")
    form |= {"email": "nobody", "gender": "male", "renewal_paid_by": "agency"}
    shown = post(browsing, page("details", draft), version=draft.version, **form)
    assert "The email address is not saved. “nobody” is not an email address." in text(shown)
    draft.refresh_from_db()
    assert (draft.email, draft.gender, draft.renewal_paid_by) == ("new@harbor.example", "male", "agency")
    Draft.objects.filter(pk=draft.pk).update(step="review")
    for name in ("states", "review"):
        shown = post(browsing, page(name, draft), version=version(draft), save="yes")
        assert shown.redirect_chain[-1][0] == reverse("draft-list")
    assert not Producer.objects.exists()


def test_what_auto_renewal_does_is_told_as_it_is(browsing: Client, member: Membership) -> None:
    shown = text(browsing.get(page("details", make_draft(member))))
    assert "a renewal is prepared, ready to submit. Where nobody has told the window, nothing is." in shown


def test_finish_does_not_take_along_what_somebody_else_has_changed_since(
    browsing: Client, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = make_draft(member)
    onboards = steps.onboard

    def a_moment_later(**told: Any) -> Any:
        other = make_member(member.organization, name="Ann Other")
        Draft.objects.filter(pk=draft.pk).update(version=2, choices={"AZ": ["Life"]}, touched_by=other.user)
        return onboards(**told)

    monkeypatch.setattr(steps, "onboard", a_moment_later)
    shown = post(browsing, page("review", draft), version=1, finish="yes")
    assert "Ann Other changed this onboarding at" in text(shown)
    assert not Producer.objects.exists()


@pytest.mark.usefixtures("sandbox")
def test_finish_from_a_page_that_stood_open_for_days_looks_up_again_first(
    browsing: Client, member: Membership
) -> None:
    draft = make_draft(member, looked_up_at=timezone.now() - timedelta(days=8), choices={"NH": ["Life"]})
    shown = post(browsing, page("review", draft), version=1, finish="yes")
    assert "were looked up again" in text(shown)
    assert not Producer.objects.exists()
    post(browsing, page("review", draft), version=version(draft), finish="yes")
    assert Producer.objects.exists()


def test_finish_asks_for_another_address_where_it_has_become_somebodys(
    browsing: Client, member: Membership
) -> None:
    draft = make_draft(member)
    make_producer(member.organization, npn="1234", first_name="Ada", last_name="Alder", email=draft.email)
    shown = post(browsing, page("review", draft), version=1, finish="yes")
    assert "zoe@harbor.example is the email address of Ada Alder, NPN 1234, already." in text(shown)
    onboard(organization_id=member.organization_id, draft_ids=[draft.pk], by_id=None, now=timezone.now())
    draft.refresh_from_db()
    assert (draft.status, Producer.objects.count()) == (DraftStatus.READY, 1)


@pytest.mark.usefixtures("sandbox")
def test_a_deleted_ssn_is_asked_for_on_the_page(browsing: Client, member: Membership) -> None:
    draft = make_draft(member, identified_by="ssn", last_name="OBrien Nunez", step="details")
    assert "It was deleted" in text(browsing.get(page("details", draft)))
    form = {"email": draft.email, "new_paid_by": "agency", "renewal_paid_by": "agency", "next": "yes"}
    shown = post(browsing, page("details", draft), version=1, ssn="12345678", **form)
    assert "has 8 digits" in text(shown)
    ssn = person(TALBOT).ssn
    shown = post(browsing, page("details", draft), version=version(draft), ssn=ssn, **form)
    assert shown.redirect_chain[-1][0] == page("states", draft)
    draft.refresh_from_db()
    assert draft.ssn_last4 == ssn[-4:]


@pytest.mark.usefixtures("sandbox")
def test_who_stands_in_a_file_too_is_told_so(browsing: Client, member: Membership) -> None:
    make_file_of_one(member, email="")
    shown = text(post(browsing, NEW, by="npn", npn=TALBOT, email="z@harbor.example"))
    assert "Row 2 of the file producers.csv names this producer too." in shown


def test_no_step_can_be_skipped(browsing: Client, member: Membership) -> None:
    draft = make_draft(member, step="details")
    assert browsing.get(page("review", draft)).url == page("details", draft)
    browsing.post(page("review", draft), {"version": 1, "finish": "yes"})
    assert not Producer.objects.exists()


def test_the_estimated_cost_follows_every_click_and_is_saved(browsing: Client, member: Membership) -> None:
    FilingSettings.objects.create(organization=member.organization, registry_fee=560)
    draft = make_draft(member, step="states", choices={})
    picked = {"state": "WA", "line-WA": ["Property", "Casualty"]}
    shown = browsing.post(page("cost", draft), {"version": 1, **picked}, headers={"HX-Request": "true"})
    assert "$65.60" in text(shown)
    assert "1 state, 2 lines" in text(shown)
    assert "The agency pays." in text(shown)
    assert 'name="version" id="version" value="2" hx-swap-oob="true"' in shown.content.decode()
    draft.refresh_from_db()
    assert draft.choices == {"WA": ["Property", "Casualty"]}


def test_an_unknown_fee_is_said_and_never_summed_as_zero(browsing: Client, member: Membership) -> None:
    draft = make_draft(member, step="states", choices={})
    picked = {"version": 1, "state": ["WA", "NY"], "line-WA": "Property", "line-NY": "Life"}
    shown = text(browsing.post(page("cost", draft), picked))
    # New York's fee depends on the home state; what the registry takes is not set.
    assert "$60.00 and 3 unknown fees" in shown
    assert "Unknown fees are not in the sum." in shown


def test_a_territory_picks_its_states_and_a_category_its_lines_in_each(
    browsing: Client, member: Membership
) -> None:
    coast = Territory.objects.create(
        organization=member.organization, name="West Coast", states=["AS", "CA", "OR", "WA"]
    )
    draft = make_draft(member, step="states", choices={})
    shown = post(browsing, page("states", draft), version=1, territory=coast.pk)
    assert "West Coast" in text(shown)
    assert "No lines of authority are on file for American Samoa; it is left off." in text(shown)
    draft.refresh_from_db()
    assert draft.choices == {"CA": [], "OR": [], "WA": []}
    ticked = {"state": ["CA", "OR", "WA"], "category": "life"}
    post(browsing, page("states", draft), version=version(draft), **ticked)
    draft.refresh_from_db()
    assert draft.choices["WA"] == ["Life"]
    assert all(draft.choices.values())
    # The one of several that producers commonly hold, and none where one of the category is held.
    assert draft.choices["CA"] == ["Life"]
    held = {**FACTS["licenses"][0], "state": "CA"}
    Draft.objects.filter(pk=draft.pk).update(facts=FACTS | {"licenses": [held]}, choices={})
    post(browsing, page("states", draft), version=version(draft), **ticked | {"state": ["CA", "OR"]})
    draft.refresh_from_db()
    assert draft.choices == {"CA": [], "OR": ["Life"]}
    theirs = Territory.objects.create(organization=make_member().organization, name="East", states=["NY"])
    post(browsing, page("states", draft), version=version(draft), state="CA", territory=theirs.pk)
    draft.refresh_from_db()
    assert list(draft.choices) == ["CA"]


def test_who_is_overtaken_by_somebody_else_is_told(browsing: Client, member: Membership) -> None:
    draft = make_draft(member, step="review")
    other = make_member(member.organization, name="Ann Other")
    Draft.objects.filter(pk=draft.pk).update(version=2, touched_by=other.user)
    for name, form in (("details", {"email": "x@y.example"}), ("states", {}), ("review", {"finish": "yes"})):
        shown = post(browsing, page(name, draft), version=1, **form)
        assert "Ann Other changed this onboarding at" in text(shown)
    shown = browsing.post(page("cost", draft), {"version": 1, "state": "NY"}, headers={"HX-Request": "true"})
    assert "Ann Other changed this onboarding at" in text(shown)
    draft.refresh_from_db()
    assert (draft.choices, draft.status) == ({"CA": ["Life"]}, DraftStatus.READY)


@pytest.mark.usefixtures("sandbox")
def test_an_onboarding_left_for_a_month_is_resumed_and_says_what_it_looked_up_again(
    browsing: Client, member: Membership
) -> None:
    draft = make_draft(member, step="states", looked_up_at=timezone.now() - timedelta(days=31))
    shown = text(browsing.get(reverse("draft", args=[draft.pk]), follow=True))
    assert "Name, contacts, licenses and lines were looked up again" in shown
    assert "licenses in CA, FL and TX changed since." in shown
    assert "looked up again" not in text(browsing.get(page("states", draft)))


def test_what_is_left_is_resumed_from_manage_producers_by_any_who_may(
    browsing: Client, member: Membership
) -> None:
    make_producer(member.organization)
    draft = make_draft(make_member(member.organization, name="Ann Other"), touched_by_id=member.user_id)
    shown = browsing.get(reverse("producer-list"))
    assert "In onboarding Producer Waits for" in text(shown)
    assert reverse("draft", args=[draft.pk]) in links(shown)
    assert "Zoë O'Brien-Nuñez" in text(browsing.get(reverse("draft-list")))


def test_all_that_wait_are_counted_and_the_oldest_can_be_reached(
    browsing: Client, member: Membership
) -> None:
    old = timezone.now() - timedelta(days=1)
    oldest = make_draft(member, touched_at=old)
    for number in range(51):
        make_draft(member, npn=str(1_000_001 + number), email="")
    shown = browsing.get(reverse("producer-list"))
    assert "In onboarding See all 52" in text(shown)
    assert links(shown).count(reverse("draft", args=[oldest.pk])) == 0
    first = browsing.get(reverse("draft-list"))
    assert "1 to 50 of 52" in text(first)
    url = next(link for link in links(first) if "page=2" in link)
    assert reverse("draft", args=[oldest.pk]) in links(browsing.get(url))


def test_an_email_address_of_somebody_else_is_not_saved(browsing: Client, member: Membership) -> None:
    make_producer(member.organization, npn="1234", first_name="Ada", last_name="Alder", email="ada@b.example")
    draft = make_draft(member)
    shown = post(
        browsing, page("details", draft), version=1, email="ADA@b.example", gender="male", next="yes"
    )
    assert "ADA@b.example is the email address of Ada Alder, NPN 1234, already." in text(shown)
    draft.refresh_from_db()
    assert (draft.email, draft.gender) == ("zoe@harbor.example", "male")


def test_who_came_in_meanwhile_ends_the_onboarding_with_a_sentence(
    browsing: Client, member: Membership
) -> None:
    draft = make_draft(member)
    make_producer(member.organization, npn=TALBOT, first_name="Zoë", last_name="Nuñez")
    shown = post(browsing, page("review", draft), version=1, finish="yes")
    assert "Zoë Nuñez, NPN 9000013, is in the organization already." in text(shown)
    post(browsing, page("discard", draft))
    draft.refresh_from_db()
    assert draft.status == DraftStatus.DISCARDED
