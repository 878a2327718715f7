"""The pages of reminders: what they list, marking as done and taking it back, and the settings."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from muster.access.models import Membership, Organization
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.licenses.models import License
from muster.notices.models import Reminder, ReminderChoice, ReminderDay
from muster.notices.queries import choice_of
from tests.make import make_license, make_member, make_organization, make_producer
from tests.web.query_counts import same_number_of_queries
from tests.web.reading import text

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db

LIST = "/reminders/"
SETTINGS = "/reminders/settings/"


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def make_reminder(organization: Organization, days_left: int, days: int = 30, **over: Any) -> Reminder:
    license = make_license(
        over.pop("producer", None) or make_producer(organization),
        over.pop("state", "CA"),
        expires_on=timezone.localdate() + timedelta(days_left),
    )
    assert license.expires_on is not None
    return Reminder.objects.create(
        organization=organization,
        license=license,
        **{"expires_on": license.expires_on, "days": days, "made_at": timezone.now(), **over},
    )


def listed(answer: HttpResponse) -> list[int]:
    return [line.reminder.pk for line in answer.context["lines"]]


# --- the list --------------------------------------------------------------------------------------


def test_the_list_tells_whose_license_expires_and_when(browsing: Client, member: Membership) -> None:
    ada = make_producer(member.organization, first_name="Ada", last_name="<Alder>", npn="1234567")
    make_reminder(member.organization, 13, producer=ada)
    make_reminder(member.organization, 0, days=7)
    make_reminder(member.organization, -3, days=7)
    answer = browsing.get(LIST)
    for words in (
        "<Alder>, Ada NPN 1234567",
        "California resident",
        "13 days left",
        "Expires today",
        "Expired 3 days ago",
        "30 days before",
    ):
        assert words in text(answer)
    assert 'href="/producers/1234567/"' in answer.content.decode()
    assert "<Alder>" not in answer.content.decode()


def test_soonest_stands_first_and_another_organizations_nowhere(browsing: Client, member: Membership) -> None:
    later, sooner = (make_reminder(member.organization, left).pk for left in (20, 5))
    make_reminder(make_organization(), 10)
    assert listed(browsing.get(LIST)) == [sooner, later]


def test_a_license_renewed_since_this_morning_is_not_listed(browsing: Client, member: Membership) -> None:
    reminder = make_reminder(member.organization, 5)
    License.objects.filter(pk=reminder.license_id).update(expires_on=timezone.localdate() + timedelta(400))
    answer = browsing.get(LIST)
    assert listed(answer) == []
    assert "No license needs a reminder" in text(answer)


@pytest.mark.parametrize(
    ("looked_on", "morning", "when"),
    [
        (None, time.min, "within minutes, as soon as the producers who are new are synced"),
        (-1, time.max, "{today:%A, %b} {today.day}, 11:59 PM"),
        (0, time.min, "{tomorrow:%A, %b} {tomorrow.day}, midnight"),
        (0, time(7), "{tomorrow:%A, %b} {tomorrow.day}, 7:00 AM"),
    ],
)
def test_the_empty_list_says_what_expires_and_when_the_next_look_comes(
    browsing: Client,
    member: Membership,
    settings: Any,
    looked_on: int | None,
    morning: time,
    when: str,
) -> None:
    settings.MUSTER_REMINDERS_TIME = morning
    today = timezone.localdate()
    if looked_on is not None:
        ReminderDay.objects.create(organization=member.organization, day=today + timedelta(looked_on))
    for days in (0, 13, 90, 91):
        make_license(make_producer(member.organization), expires_on=today + timedelta(days))
    answer = browsing.get(LIST)
    said = text(answer)
    assert "No license needs a reminder" not in said
    assert "3 licenses expire within 90 days . Those without" in said
    assert when.format(today=today, tomorrow=today + timedelta(1)).replace("midnight", "12:00 AM") in said
    assert browsing.get(answer.context["none"].url).context["total"] == 3


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", ["CA 7", "CA 30", "TX 30"]),
        ("?days=30", ["CA 30", "TX 30"]),
        ("?state=TX", ["TX 30"]),
        ("?days=7&state=TX", []),
        ("?days=31&state=Narnia&show=x&after=x&undo=x", ["CA 7", "CA 30", "TX 30"]),
        ("?days=%C2%B2&undo=2026-99-99T00:00", ["CA 7", "CA 30", "TX 30"]),
        ("?show=done", ["NY 14"]),
    ],
)
def test_the_address_says_which_are_listed(
    browsing: Client, member: Membership, query: str, told: list[str]
) -> None:
    for left, days, state in ((7, 7, "CA"), (20, 30, "CA"), (21, 30, "TX")):
        make_reminder(member.organization, left, days, state=state)
    make_reminder(member.organization, 14, 14, state="NY", done_at=timezone.now(), done_by=member.user)
    answer = browsing.get(LIST + query)
    assert [f"{line.license.state} {line.reminder.days}" for line in answer.context["lines"]] == told


def test_pages_follow_one_another_and_keep_the_filter(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization)
    for number in range(112):
        make_reminder(member.organization, number % 30, 7 if number % 2 else 30, producer=producer)
    seen: list[int] = []
    url = "?days=7"
    while url:
        answer = browsing.get(LIST + url)
        seen += listed(answer)
        url = answer.context["next_url"]
    assert len(seen) == len(set(seen)) == 56


def test_the_number_of_queries_does_not_grow_with_the_reminders(browsing: Client, member: Membership) -> None:
    for count in (1, 8):
        for _ in range(count):
            make_reminder(member.organization, 5)
        with same_number_of_queries("reminder-list"):
            browsing.get(LIST)


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"in_console": False}, "Reminders go out by mail only."),
        ({"in_console": False, "by_email": False}, "Reminders are switched off."),
    ],
)
def test_where_the_list_is_switched_off_the_page_says_so(
    browsing: Client, member: Membership, over: dict[str, bool], words: str
) -> None:
    make_reminder(member.organization, 5)
    ReminderChoice.objects.create(organization=member.organization, **over)
    answer = browsing.get(LIST)
    assert words in text(answer)
    assert "Mark as done" not in text(answer)


def test_who_may_only_look_is_offered_nothing_to_press(client: Client) -> None:
    viewer = make_member(role=Role.VIEWER)
    make_reminder(viewer.organization, 5)
    client.force_login(viewer.user)
    answer = client.get(LIST)
    assert len(listed(answer)) == 1
    for words in ("Mark as done", "Settings", "Tick"):
        assert words not in text(answer)


# --- being done ------------------------------------------------------------------------------------


def test_those_ticked_are_done_and_one_click_takes_it_back(browsing: Client, member: Membership) -> None:
    one, two, three = (make_reminder(member.organization, left).pk for left in (5, 6, 7))
    answer = browsing.post("/reminders/done/?days=30", {"reminder": [one, two]}, follow=True)
    assert listed(answer) == [three]
    assert "2 reminders are marked as done. Undo" in text(answer)
    at = answer.context["done_at"]
    back = browsing.post("/reminders/undo/?days=30", {"at": at}, follow=True)
    assert listed(back) == [one, two, three]
    assert "2 reminders are open again." in text(back)
    assert "marked as done" not in text(browsing.get(LIST, {"undo": at}))


def test_the_button_of_a_row_marks_that_row_alone(browsing: Client, member: Membership) -> None:
    one, two = (make_reminder(member.organization, left).pk for left in (5, 6))
    answer = browsing.post("/reminders/done/", {"reminder": [two], "one": one}, follow=True)
    assert listed(answer) == [two]


def test_all_that_match_are_done_also_those_of_other_pages(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization)
    for _ in range(60):
        make_reminder(member.organization, 8, producer=producer)
    other = make_reminder(member.organization, 5, 7).pk
    theirs = make_reminder(make_organization(), 5)
    answer = browsing.post("/reminders/done/?days=30", {"all": "yes"}, follow=True)
    assert "60 reminders are marked as done." in text(answer)
    assert listed(browsing.get(LIST)) == [other]
    theirs.refresh_from_db()
    assert theirs.done_at is None


def test_done_ones_are_opened_again_from_their_list(browsing: Client, member: Membership) -> None:
    colleague = make_member(member.organization, name="Bo Birch")
    done = {"done_at": timezone.now(), "done_by": colleague.user}
    one, two = (make_reminder(member.organization, left, **done).pk for left in (5, 6))
    assert "Bo Birch" in text(browsing.get(LIST, {"show": "done"}))
    answer = browsing.post("/reminders/undo/?show=done", {"reminder": one}, follow=True)
    assert listed(answer) == [two]
    assert listed(browsing.get(LIST)) == [one]


@pytest.mark.parametrize("told", [{}, {"reminder": "x"}, {"reminder": "9" * 40}, {"at": "yesterday"}])
@pytest.mark.parametrize("action", ["done", "undo"])
def test_a_click_that_names_none_changes_none(
    browsing: Client, member: Membership, told: dict[str, str], action: str
) -> None:
    make_reminder(member.organization, 5)
    answer = browsing.post(f"/reminders/{action}/", told, follow=True)
    assert "Tick" in text(answer)
    assert len(listed(answer)) == 1


def test_another_organizations_are_not_to_be_marked(browsing: Client) -> None:
    theirs = make_reminder(make_organization(), 5)
    browsing.post("/reminders/done/", {"reminder": theirs.pk})
    theirs.refresh_from_db()
    assert theirs.done_at is None


# --- the settings ----------------------------------------------------------------------------------


def test_the_settings_show_what_holds(browsing: Client, member: Membership) -> None:
    ReminderChoice.objects.create(organization=member.organization, days=[30, 7], roles=["viewer"])
    html = browsing.get(SETTINGS).content.decode()
    checked = re.findall(r'name="(\w+)"(?: value="(\w+)")?[^>]* checked', html)
    assert checked == [
        ("days", "30"),
        ("days", "7"),
        ("in_console", ""),
        ("by_email", ""),
        ("roles", "viewer"),
    ]


def test_a_choice_is_saved_and_on_record(browsing: Client, member: Membership) -> None:
    told = {"days": ["14", "7"], "in_console": "on", "by_email": "on", "roles": ["submitter"]}
    answer = browsing.post(SETTINGS, told, follow=True)
    assert "The settings are saved." in text(answer)
    choice = choice_of(member.organization_id)
    assert (choice.days, choice.in_console, choice.by_email, choice.roles) == (
        [14, 7],
        True,
        True,
        ["submitter"],
    )
    assert Event.objects.get(kind="settings:change").by == member.user
    assert (
        "changed the settings of the license reminders: days before: 14, 7 (was 90, 60, 30, 14, 7);"
        " the mail goes to: Submitter (was Agency Admin, Licensing Specialist)"
    ) in text(browsing.get("/activity/"))
    assert "Nothing was changed." in text(browsing.post(SETTINGS, told, follow=True))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"days": ["7"], "by_email": "on"}, "Choose whose people get the mail"),
        ({"in_console": "on"}, "Choose at least one"),
        ({"days": ["8"], "in_console": "on"}, "Select a valid choice. 8"),
        ({"days": ["7"], "by_email": "on", "roles": ["producer"]}, "Select a valid choice. producer"),
    ],
)
def test_a_choice_that_makes_no_sense_is_not_saved(
    browsing: Client, told: dict[str, Any], words: str
) -> None:
    assert words in text(browsing.post(SETTINGS, told))
    assert not ReminderChoice.objects.exists()


def test_everything_can_be_switched_off(browsing: Client, member: Membership) -> None:
    assert "The settings are saved." in text(browsing.post(SETTINGS, {}, follow=True))
    assert "the daily mail: off; the list on the page: off" in text(browsing.get("/activity/"))
    assert choice_of(member.organization_id).wanted == []


def test_switching_the_list_off_is_told_before_and_after_and_hides_it_everywhere(
    browsing: Client, member: Membership
) -> None:
    for left in (5, 6):
        make_reminder(member.organization, left)
    assert "with the 2 reminders that are open now" in text(browsing.get(SETTINGS))
    assert "2 reminders of licenses to renew" in text(browsing.get("/"))
    said = text(browsing.post(SETTINGS, {}, follow=True))
    assert "The list with 2 open reminders is not shown until it is switched on again. No new" in said
    assert "2 open reminders are kept and not shown." in text(browsing.get(LIST))
    assert "of licenses to renew" not in text(browsing.get("/"))
    browsing.post(SETTINGS, {"days": ["7"], "in_console": "on"})
    assert len(listed(browsing.get(LIST))) == 2
    assert "2 reminders of licenses to renew" in text(browsing.get("/"))


@pytest.mark.parametrize(
    ("role", "words"),
    [(Role.SPECIALIST, "See to them, and mark them as done"), (Role.VIEWER, "See whose they are")],
)
def test_home_asks_only_those_who_may_to_mark_reminders(client: Client, role: Role, words: str) -> None:
    member = make_member(role=role)
    client.force_login(member.user)
    make_reminder(member.organization, 5)
    assert words in text(client.get("/"))


@pytest.mark.parametrize(("host", "mailed"), [("", False), ("mail.example.com", True)])
def test_mailed_is_said_only_where_mails_are_delivered(
    browsing: Client, member: Membership, settings: Any, host: str, mailed: bool
) -> None:
    settings.EMAIL_HOST = host
    make_reminder(member.organization, 5, mailed_on=timezone.localdate())
    assert ("· mailed" in text(browsing.get(LIST))) is mailed


# --- in a browser ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_one_filters_ticks_marks_and_takes_back(
    page: Page, live_server: Any, browsing: Client, member: Membership
) -> None:
    for left, days in ((5, 7), (6, 7), (20, 30)):
        make_reminder(member.organization, left, days)
    session = browsing.cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": session.value, "url": live_server.url}])
    page.goto(live_server.url + LIST)
    rows = page.locator("#reminders tbody tr")
    rows.nth(2).wait_for()
    page.get_by_label("How many days before").select_option("7")
    page.wait_for_url("**days=7**")
    page.wait_for_function("document.querySelectorAll('#reminders tbody tr').length === 2")
    page.get_by_label("Tick every reminder of this page").check()
    page.get_by_role("button", name="Mark as done").click()
    page.get_by_text("2 reminders are marked as done.").wait_for()
    assert rows.count() == 0
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("2 reminders are open again.").wait_for()
    assert rows.count() == 2
