"""The pages of business rules: the list, switching them, the starting set, adding, changing, deleting."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import expect

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.carriers.models import BusinessRule
from muster.carriers.operations import add_starting_rules
from muster.core.lines import known_lines
from tests.make import (
    make_business_rule,
    make_company,
    make_company_state,
    make_member,
    make_organization,
)
from tests.web.query_counts import same_number_of_queries
from tests.web.reading import links, text

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db

LIST = "/companies/rules/"
SWITCH = "/companies/rules/switch/"


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def listed(answer: HttpResponse) -> list[str]:
    return [str(rule) for rule in answer.context["rules"]]


# --- the list --------------------------------------------------------------------------------------


def test_the_list_tells_line_class_categories_and_when_it_counts(
    browsing: Client, member: Membership
) -> None:
    make_business_rule(
        member.organization,
        line_name="Part-Time <Fraternal>",
        line_code="9157",
        class_name="Insurance Producer",
        class_code="9001",
        categories=["life", "fraternal"],
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
    )
    make_business_rule(member.organization, "TX", is_active=False)
    make_business_rule(make_organization(), line_name="Theirs")
    answer = browsing.get(LIST)
    assert (
        "Part-Time <Fraternal> 9157 California Insurance Producer 9001 Life Fraternal Active"
        " from Jan 1, 2026 to Dec 31, 2026 Deactivate"
    ) in text(answer)
    assert "Life Texas Every class Life Inactive Activate" in text(answer)
    assert "Theirs" not in text(answer)
    assert "<Fraternal>" not in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["CA Health", "CA Life", "OH life and annuities", "TX Life"]),
        ("q=LIFE", ["CA Life", "OH life and annuities", "TX Life"]),
        ("q=adjust", ["TX Life"]),
        ("q=9101", ["CA Life"]),
        ("q=910", []),
        ("state=CA", ["CA Health", "CA Life"]),
        ("category=health", ["CA Health", "OH life and annuities"]),
        ("active=no", ["TX Life"]),
        ("active=yes&state=TX", []),
        (
            "state=XX&category=lives&active=perhaps",
            ["CA Health", "CA Life", "OH life and annuities", "TX Life"],
        ),
    ],
)
def test_the_list_is_filtered(browsing: Client, member: Membership, query: str, found: list[str]) -> None:
    make_business_rule(member.organization, line_code="9101")
    make_business_rule(member.organization, line_name="Health", categories=["health"])
    make_business_rule(member.organization, "TX", class_name="Independent Adjuster", is_active=False)
    make_business_rule(
        member.organization, "OH", line_name="life and annuities", categories=["life", "health"]
    )
    answer = browsing.get(f"{LIST}?{query}")
    assert listed(answer) == found
    assert ("No business rule matches" in text(answer)) is (not found)


def test_the_list_is_paged_by_state_and_line(browsing: Client, member: Membership) -> None:
    for number in range(51):
        make_business_rule(member.organization, line_name=f"Line {number:02d}")
    make_business_rule(member.organization, "AL", line_name="Zebra")
    first = browsing.get(LIST)
    assert listed(first)[:2] == ["AL Zebra", "CA Line 00"]
    assert listed(browsing.get(LIST + first.context["next_url"])) == ["CA Line 49", "CA Line 50"]


def test_the_number_of_queries_of_the_list_does_not_grow(browsing: Client, member: Membership) -> None:
    make_company_state(make_company(member.organization))
    for number in range(3):
        make_business_rule(member.organization, line_name=f"Line {number}")
    browsing.get(LIST)
    with same_number_of_queries("business-rule-list"):
        browsing.get(LIST)


def test_others_read_the_list_and_have_nothing_to_press(client: Client, member: Membership) -> None:
    client.force_login(make_member(member.organization, Role.SPECIALIST).user)
    assert "An Agency Admin of your organization adds them." in text(client.get(LIST))
    make_business_rule(member.organization)
    answer = client.get(LIST)
    assert listed(answer) == ["CA Life"]
    assert "Deactivate" not in text(answer)
    assert not re.search(r'action="/companies/rules/\w+-?\w+/"', answer.content.decode().replace(SWITCH, ""))
    assert not any(re.search(r"/rules/(new|\d)", link) for link in links(answer))


# --- switching -------------------------------------------------------------------------------------


def test_one_or_several_are_switched_and_the_list_stays_as_it_was(
    browsing: Client, member: Membership
) -> None:
    rules = [make_business_rule(member.organization, line_name=name) for name in "ABC"]
    theirs = make_business_rule(make_organization())
    answer = browsing.post(
        f"{SWITCH}?state=CA",
        {"rule": [rules[0].pk, rules[1].pk, theirs.pk, "x", "9" * 30], "deactivate": "ticked"},
        follow=True,
    )
    assert answer.redirect_chain[-1][0] == f"{LIST}?state=CA"
    assert "2 business rules are inactive now." in text(answer)
    assert sorted(map(str, BusinessRule.objects.filter(is_active=False))) == ["CA A", "CA B"]
    answer = browsing.post(SWITCH, {"activate": rules[0].pk, "rule": [rules[1].pk]}, follow=True)
    assert "1 business rule is active now." in text(answer)
    assert list(map(str, BusinessRule.objects.filter(is_active=False))) == ["CA B"]
    assert "made 2 business rules inactive: CA A, CA B" in text(browsing.get("/activity/"))


@pytest.mark.parametrize("told", [{}, {"activate": "ticked"}, {"deactivate": "ticked", "rule": ["x"]}])
def test_where_nothing_is_ticked_nothing_is_switched(
    browsing: Client, member: Membership, told: dict[str, Any]
) -> None:
    make_business_rule(member.organization)
    assert "Nothing was changed. Tick rules that are not" in text(browsing.post(SWITCH, told, follow=True))
    assert not Event.objects.filter(kind__startswith="business-rule").exists()


# --- the starting set ------------------------------------------------------------------------------


def test_the_empty_list_offers_the_starting_set(browsing: Client) -> None:
    assert "No business rules yet" in text(browsing.get(LIST))
    answer = browsing.post("/companies/rules/starting-set/", follow=True)
    assert f"{len(known_lines()):,} business rules are added." in text(answer)
    again = browsing.post("/companies/rules/starting-set/", follow=True)
    assert "Nothing was missing" in text(again)


def test_states_in_which_companies_appoint_and_no_rule_is_active_are_named(
    browsing: Client, member: Membership
) -> None:
    company = make_company(member.organization)
    for state in ("CA", "OH", "TX"):
        make_company_state(company, state)
    make_business_rule(member.organization, "OH")
    make_business_rule(member.organization, "TX", is_active=False)
    page = browsing.get(LIST)
    assert (
        "No business rule is active in 2 states Companies of yours appoint there: California, Texas."
        in text(page)
    )
    states = re.findall(r'name="state" value="(\w+)"', page.content.decode())
    assert states == ["CA", "TX"]
    browsing.post("/companies/rules/starting-set/", {"state": states})
    assert sorted(BusinessRule.objects.values_list("state", flat=True).distinct()) == ["CA", "OH", "TX"]
    assert "No business rule is active" not in text(browsing.get(LIST))


def test_a_state_without_rules_offers_its_own_part_of_the_starting_set(
    browsing: Client, member: Membership
) -> None:
    make_business_rule(member.organization, "TX")
    assert "Add the starting set of California" in text(browsing.get(f"{LIST}?state=CA"))
    assert "Add the starting set of" not in text(browsing.get(f"{LIST}?state=CA&q=Life"))
    answer = browsing.post("/companies/rules/starting-set/?state=CA", {"state": "CA"}, follow=True)
    assert answer.redirect_chain[-1][0] == f"{LIST}?state=CA"
    assert "CA Part-Time Fraternal" in listed(answer)
    assert BusinessRule.objects.exclude(state="CA").count() == 1


# --- adding, changing, deleting --------------------------------------------------------------------

FORM = {
    "state": "CA",
    "line_name": "Life",
    "line_code": "9101",
    "categories": ["life"],
    "is_active": "on",
    "ends_on": "2026-12-31",
}


def test_a_rule_is_added(browsing: Client) -> None:
    assert 'value="TX" selected' in browsing.get("/companies/rules/new/?state=TX").content.decode()
    answer = browsing.post("/companies/rules/new/", FORM, follow=True)
    assert "Life in California is added." in text(answer)
    rule = BusinessRule.objects.get()
    assert (rule.line_code, rule.categories, rule.is_active) == ("9101", ["life"], True)
    assert rule.ends_on == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"categories": []}, "LOA Category is empty. Fill in LOA Category."),
        ({"state": ""}, "This field is required."),
        ({"line_name": "LIFE"}, "There is a rule for CA Life in this class already."),
        ({"line_name": "Health", "starts_on": "2027-01-01"}, "which is after To, 2026-12-31."),
        ({"line_name": "Health", "starts_on": "soon"}, "“soon” in From is not a date."),
        ({"line_name": "Health", "class_code": "x" * 21}, "Class Code has 21 characters"),
    ],
)
def test_what_is_wrong_with_a_rule_stands_beside_the_field(
    browsing: Client, member: Membership, over: dict[str, Any], words: str
) -> None:
    make_business_rule(member.organization, line_code="9101")
    assert words in text(browsing.post("/companies/rules/new/", FORM | over))
    assert BusinessRule.objects.count() == 1


def test_a_rule_is_changed_and_deleted(browsing: Client, member: Membership) -> None:
    rule = make_business_rule(member.organization, ends_on=date(2026, 12, 31), line_code="9101")
    page = f"/companies/rules/{rule.pk}/"
    html = browsing.get(page).content.decode()
    assert 'value="2026-12-31"' in html
    assert re.findall(r'name="(\w+)"(?: value="(\w+)")?[^>]* checked', html) == [
        ("categories", "life"),
        ("is_active", ""),
    ]
    answer = browsing.post(page, FORM | {"ends_on": "", "is_active": ""}, follow=True)
    assert "The changes are saved." in text(answer)
    rule.refresh_from_db()
    assert (rule.ends_on, rule.is_active) == (None, False)
    assert "Transactions and appointments stay as they are" in text(browsing.get(page + "delete/"))
    assert "Life in California is deleted." in text(browsing.post(page + "delete/", follow=True))
    assert not BusinessRule.objects.exists()
    assert "deleted the business rule Life in California" in text(browsing.get("/activity/"))


# --- in a browser ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, {"width": 390, "height": 844}])
def test_in_a_browser_one_filters_ticks_and_switches(
    page: Page, live_server: Any, browsing: Client, member: Membership, size: Any
) -> None:
    add_starting_rules(member, ["CA", "TX"])
    session = browsing.cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": session.value, "url": live_server.url}])
    page.set_viewport_size(size)
    page.goto(live_server.url + LIST)
    page.get_by_label("State", exact=True).select_option("CA")
    page.wait_for_url("**state=CA**")
    rows = page.locator("#rules tbody tr")
    expect(rows).to_have_count(10)
    page.get_by_label("Line or license class").fill("fraternal")
    expect(rows).to_have_count(1)
    page.get_by_label("Tick Part-Time Fraternal in California").check()
    page.get_by_role("button", name="Deactivate", exact=True).filter(visible=True).last.click()
    page.get_by_text("1 business rule is inactive now.").wait_for()
    assert "state=CA" in page.url
    page.get_by_role("button", name="Make Part-Time Fraternal in California active").click()
    page.get_by_text("1 business rule is active now.").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
