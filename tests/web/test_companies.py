"""The pages of companies: the list, one company and its states, adding, changing and deleting."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.carriers.models import Company
from muster.carriers.operations import add_starting_rules
from muster.core.transactions import Status
from muster.transactions.models import Batch, Transaction
from tests.make import (
    make_appointment,
    make_business_rule,
    make_company,
    make_company_state,
    make_member,
    make_organization,
    make_producer,
)
from tests.web.query_counts import same_number_of_queries
from tests.web.reading import links, text

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db

LIST = "/companies/"


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def as_viewer(member: Membership) -> Client:
    client = Client()
    client.force_login(make_member(member.organization, Role.VIEWER).user)
    return client


# --- the list --------------------------------------------------------------------------------------


def test_the_list_tells_what_each_appoints_for_and_in_how_many_states(
    browsing: Client, member: Membership
) -> None:
    company = make_company(member.organization, name="<Northstar>", categories=["life", "fraternal"])
    make_company_state(company, "CA")
    make_company_state(company, "TX")
    make_company(member.organization, name="Granite", cocode="00102", categories=[])
    make_company(make_organization(), name="Theirs")
    answer = browsing.get(LIST)
    assert "2 companies" in text(answer)
    assert "<Northstar> 90101 Life Fraternal 2 Granite 00102 Nothing yet None yet" in text(answer)
    assert "<Northstar>" not in answer.content.decode()
    assert "Theirs" not in text(answer)
    assert "/companies/00102/" in links(answer)


@pytest.mark.parametrize(
    ("search", "found"), [("mut", ["90102"]), ("9010", ["90102", "90101"]), ("0101", []), ("%", [])]
)
def test_a_search_finds_by_a_piece_of_the_name_or_the_first_digits(
    browsing: Client, member: Membership, search: str, found: list[str]
) -> None:
    make_company(member.organization, name="Northstar")
    make_company(member.organization, name="Granite Mutual", cocode="90102")
    answer = browsing.get(LIST, {"q": search})
    assert [company.cocode for company in answer.context["companies"]] == found
    assert ("No company matches" in text(answer)) is not found or found


def test_the_list_is_paged_by_name(browsing: Client, member: Membership) -> None:
    for number in range(51):
        make_company(member.organization, name=f"Company {number:02d}", cocode=f"{91000 + number}")
    first = browsing.get(LIST)
    assert len(first.context["companies"]) == 50
    second = browsing.get(LIST + first.context["next_url"])
    assert [company.name for company in second.context["companies"]] == ["Company 50"]


def test_the_number_of_queries_of_the_list_does_not_grow(browsing: Client, member: Membership) -> None:
    for _ in range(3):
        make_company_state(make_company(member.organization))
    browsing.get(LIST)
    with same_number_of_queries("company-list"):
        browsing.get(LIST)


@pytest.mark.parametrize(("role", "offers"), [(Role.ADMIN, True), (Role.VIEWER, False)])
def test_an_empty_list_says_what_to_do_to_those_who_may(client: Client, role: Role, offers: bool) -> None:
    client.force_login(make_member(role=role).user)
    answer = client.get(LIST)
    assert "No companies yet" in text(answer)
    assert ("/companies/new/" in links(answer)) is offers
    assert ("An Agency Admin of your organization adds them." in text(answer)) is not offers


# --- the one next step -----------------------------------------------------------------------------


def test_the_next_step_follows_what_is_set_up(browsing: Client, member: Membership) -> None:
    company = make_company(member.organization, categories=[])
    page = f"/companies/{company.cocode}/"

    def step() -> str:
        return re.sub(r".*?CoCode 90101 (?:Edit )?", "", text(browsing.get(page)))[:120]

    assert "Choose what it appoints for" in step()
    Company.objects.update(categories=["life"])
    assert "Add the states in which it appoints" in step()
    assert "appoints in no state yet" in text(browsing.get(LIST))
    for state in ("CA", "TX"):
        make_company_state(company, state)
    make_business_rule(member.organization, "CA")
    assert "No business rule is active in 1 state" in step()
    assert "No business rule is active in 1 state" in text(browsing.get(LIST))
    assert "/companies/rules/?state=TX" in links(browsing.get(page))
    add_starting_rules(member, ["TX"])
    assert "What you sell is set up" in step()
    assert "What you sell is set up" in text(browsing.get(LIST))
    assert "set up" not in text(as_viewer(member).get(page))


# --- adding and changing ---------------------------------------------------------------------------

FORM = {
    "cocode": "102",
    "name": "Granite Mutual",
    "fein": "99-0000102",
    "domicile": "OH",
    "categories": ["property", "casualty"],
    "create_internal_appointments": "on",
}


def test_a_company_is_added_and_its_page_asks_for_states(browsing: Client) -> None:
    answer = browsing.post("/companies/new/", FORM, follow=True)
    assert answer.redirect_chain[-1][0] == "/companies/00102/"
    assert "Granite Mutual is on file. Now add the states in which it appoints." in text(answer)
    assert "99-0000102" in text(answer)
    assert "Ohio" in text(answer)
    company = Company.objects.get()
    assert (company.categories, company.assignment_required) == (["property", "casualty"], False)
    assert "put the company Granite Mutual (CoCode 00102) on file" in text(browsing.get("/activity/"))
    assert "/companies/00102/" in links(browsing.get("/activity/"))


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"cocode": "9x"}, "“9x” is not a CoCode. Give the five digits of the NAIC company code."),
        ({"cocode": ""}, "This field is required."),
        ({"cocode": "90101"}, "CoCode 90101 is that of Northstar, which is on file already."),
        ({"fein": "12"}, "“12” is not a Federal Employer Identification Number."),
        ({"categories": ["lives"]}, "Select a valid choice. lives"),
        ({"domicile": "XX"}, "Select a valid choice. XX"),
    ],
)
def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_stays(
    browsing: Client, member: Membership, over: dict[str, Any], words: str
) -> None:
    make_company(member.organization, name="Northstar")
    answer = browsing.post("/companies/new/", FORM | {"address": "1 Harbor Way"} | over)
    assert words in text(answer)
    assert 'value="1 Harbor Way"' in answer.content.decode()
    assert Company.objects.count() == 1


def test_the_form_shows_what_is_on_file_and_saves_what_is_changed(
    browsing: Client, member: Membership
) -> None:
    company = make_company(member.organization, fein="990000101", domicile="CA", assignment_required=True)
    page = f"/companies/{company.cocode}/edit/"
    html = browsing.get(page).content.decode()
    checked = re.findall(r'name="(\w+)"(?: value="(\w+)")?[^>]* checked', html)
    assert checked == [
        ("categories", "life"),
        ("categories", "health"),
        ("create_internal_appointments", ""),
        ("assignment_required", ""),
    ]
    assert 'name="cocode"' not in html
    told = {"name": company.name, "fein": "", "domicile": "CA", "categories": ["life"]}
    assert "The changes are saved." in text(browsing.post(page, told, follow=True))
    company.refresh_from_db()
    assert (company.fein, company.categories, company.assignment_required) == ("", ["life"], False)
    assert "Nothing was changed." in text(browsing.post(page, told, follow=True))


def test_categories_are_chosen_on_the_page_of_the_company(browsing: Client, member: Membership) -> None:
    company = make_company(member.organization)
    page = f"/companies/{company.cocode}/"
    answer = browsing.post(page + "categories/", {"categories": ["variable", "life"]}, follow=True)
    assert "The changes are saved." in text(answer)
    company.refresh_from_db()
    assert company.categories == ["life", "variable"]
    assert "That is no LOA category" in text(
        browsing.post(page + "categories/", {"categories": ["lives"]}, follow=True)
    )
    browsing.post(page + "categories/")
    company.refresh_from_db()
    assert company.categories == []


# --- its states ------------------------------------------------------------------------------------


def make_northstar(member: Membership) -> Company:
    company = make_company(member.organization)
    make_company_state(company, "CA", company_license_id="CA-1", just_in_time=True)
    make_company_state(company, "OH", starts_on=date(2026, 1, 1))
    return company


def test_the_table_shows_what_holds_and_others_read_it(browsing: Client, member: Membership) -> None:
    company = make_northstar(member)
    html = browsing.get(f"/companies/{company.cocode}/").content.decode()
    assert re.findall(r'name="([A-Z]{2}-\w+)"[^>]* checked', html) == ["CA-just_in_time"]
    assert re.findall(r'name="([A-Z]{2}-\w+)" value="([^"]+)"', html) == [
        ("CA-company_license_id", "CA-1"),
        ("OH-starts_on", "2026-01-01"),
    ]
    seen = as_viewer(member).get(f"/companies/{company.cocode}/")
    assert "California" in text(seen)
    assert "Yes No Not required CA-1 – – Ohio" in text(seen).replace(
        "No business rule is active in California", ""
    )
    assert "<form" not in re.sub(r'(?s)<form[^>]*role="search".*?</form>', "", seen.content.decode()).replace(
        'action="/accounts/logout/"', ""
    ).replace('<form method="post" >', "") or "Save" not in text(seen)


def test_the_table_is_saved_whole(browsing: Client, member: Membership) -> None:
    company = make_northstar(member)
    told = {
        "state": ["CA", "OH"],
        "CA-auto_submit": "on",
        "CA-company_license_id": "CA-2",
        "CA-ends_on": "2027-12-31",
        "remove": ["OH"],
    }
    answer = browsing.post(f"/companies/{company.cocode}/states/", told, follow=True)
    assert "California is changed. Ohio is removed." in text(answer)
    setting = company.states.get()
    assert (setting.just_in_time, setting.auto_submit, setting.company_license_id) == (False, True, "CA-2")
    assert setting.ends_on == date(2027, 12, 31)
    del told["remove"]
    answer = browsing.post(f"/companies/{company.cocode}/states/", told, follow=True)
    assert "Nothing was changed." in text(answer)
    assert company.states.count() == 1, "a state that was removed meanwhile is not put back"


def test_a_wrong_table_is_shown_as_it_was_typed_and_nothing_is_saved(
    browsing: Client, member: Membership
) -> None:
    company = make_northstar(member)
    told = {
        "state": ["CA", "OH"],
        "CA-company_license_id": "CA-9",
        "OH-starts_on": "2026-05-01",
        "OH-ends_on": "2026-01-01",
    }
    answer = browsing.post(f"/companies/{company.cocode}/states/", told)
    assert "Nothing was saved. Mend what is marked below: Ohio." in text(answer)
    assert "From is 2026-05-01, which is after To, 2026-01-01." in text(answer)
    html = answer.content.decode()
    assert 'name="CA-company_license_id" value="CA-9"' in html
    assert 'aria-describedby="OH-starts_on-error"' in html
    assert company.states.get(state="CA").company_license_id == "CA-1"


def test_several_states_are_added_at_once_with_the_same_settings(
    browsing: Client, member: Membership
) -> None:
    company = make_northstar(member)
    told = {
        "add": ["TX", "FL", "CA", "XX"],
        "new-just_in_time": "on",
        "new-starts_on": "2026-02-01",
        "new-company_license_id": "N-1",
    }
    answer = browsing.post(f"/companies/{company.cocode}/states/add/", told, follow=True)
    assert "Florida and Texas are added." in text(answer)
    texas = company.states.get(state="TX")
    assert (texas.just_in_time, texas.starts_on, texas.company_license_id) == (
        True,
        date(2026, 2, 1),
        "N-1",
    )
    assert company.states.get(state="CA").company_license_id == "CA-1"


def test_all_states_that_are_left_can_be_added(browsing: Client, member: Membership) -> None:
    company = make_northstar(member)
    answer = browsing.post(f"/companies/{company.cocode}/states/add/", {"all": "yes"}, follow=True)
    assert "54 states are added." in text(answer)
    assert company.states.count() == 56
    assert "Add states" not in text(answer)


def test_states_that_cannot_be_added_stay_ticked(browsing: Client, member: Membership) -> None:
    company = make_northstar(member)
    told = {"add": ["TX", "FL"], "new-starts_on": "soon", "new-auto_submit": "on"}
    answer = browsing.post(f"/companies/{company.cocode}/states/add/", told)
    assert "Nothing was saved." in text(answer)
    assert "“soon” in From is not a date." in text(answer)
    html = answer.content.decode()
    assert re.findall(r'name="add" value="(\w+)" checked', html) == ["FL", "TX"]
    assert re.search(r'name="new-auto_submit" checked', html)
    assert company.states.count() == 2
    assert "Tick the states" in text(
        browsing.post(f"/companies/{company.cocode}/states/add/", {}, follow=True)
    )


def test_the_number_of_queries_of_the_page_does_not_grow(browsing: Client, member: Membership) -> None:
    company = make_northstar(member)
    browsing.get(f"/companies/{company.cocode}/")
    with same_number_of_queries("company-detail"):
        browsing.get(f"/companies/{company.cocode}/")


# --- deleting --------------------------------------------------------------------------------------


def test_the_page_says_what_goes_and_what_stays_before_a_company_is_deleted(
    browsing: Client, member: Membership
) -> None:
    company = make_northstar(member)
    producer = make_producer(member.organization)
    make_appointment(producer, cocode=company.cocode)
    batch = Batch.objects.create(
        organization=member.organization, number=1, kind="appointment", producer=producer
    )
    for number, status in ((1, Status.READY), (2, Status.ACCEPTED)):
        Transaction.objects.create(
            organization=member.organization,
            batch=batch,
            number=number,
            kind="appointment",
            status=status,
            producer=producer,
            jurisdiction="CA",
            cocode=company.cocode,
        )
    page = browsing.get(f"/companies/{company.cocode}/delete/")
    for words in (
        "its settings in 2 states",
        "1 transaction waits to be submitted.",
        "1 appointment with this company",
        "2 transactions, with the name and CoCode that they were made with",
    ):
        assert words in text(page)
    assert Company.objects.exists()
    answer = browsing.post(f"/companies/{company.cocode}/delete/", follow=True)
    assert "Northstar Life Insurance Company (CoCode 90101) is deleted." in text(answer)
    assert not Company.objects.exists()
    assert Transaction.objects.filter(cocode="90101").count() == 2
    assert "/companies/90101/" not in links(browsing.get("/activity/"))
    assert browsing.get("/companies/90101/").status_code == 404


@pytest.mark.parametrize("path", ["", "edit/", "delete/"])
@pytest.mark.parametrize("cocode", ["90199", "9010", "abcde"])
def test_a_company_that_is_not_yours_or_none_is_not_found(browsing: Client, cocode: str, path: str) -> None:
    make_company(make_organization(), cocode="90199")
    assert browsing.get(f"/companies/{cocode}/{path}").status_code == 404


# --- in a browser ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, {"width": 390, "height": 844}])
def test_in_a_browser_one_adds_a_company_its_states_and_changes_one(
    page: Page, live_server: Any, browsing: Client, member: Membership, size: Any
) -> None:
    add_starting_rules(member, ["CA", "TX"])
    session = browsing.cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": session.value, "url": live_server.url}])
    page.set_viewport_size(size)
    page.goto(live_server.url + LIST)
    page.get_by_role("link", name="Add a company").click()
    page.get_by_label("CoCode").fill("90101")
    page.get_by_label("Company name").fill("Northstar Life")
    page.get_by_label("Health", exact=True).check()
    page.get_by_role("button", name="Add company").click()
    page.get_by_role("heading", name="Add the states in which it appoints").wait_for()
    page.get_by_label("California").check()
    page.get_by_label("Texas").check()
    page.get_by_role("button", name="Add the ticked states").click()
    page.get_by_text("California and Texas are added.").wait_for()
    page.get_by_label("Just in time in Texas").check()
    page.get_by_role("button", name="Save states").click()
    page.get_by_text("Texas is changed.").wait_for()
    assert page.get_by_label("Just in time in Texas").is_checked()
    page.get_by_role("heading", name="What you sell is set up").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    found = Axe().run(page, options={"rules": {"color-contrast": {"enabled": False}}})
    assert found.violations_count == 0, found.generate_report()
