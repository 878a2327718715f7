"""Reminders are made once, mailed once, and leave the list when the license is renewed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given
from hypothesis import settings as property_settings
from hypothesis import strategies as st

from muster.access.models import Membership, Organization
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.core.reminders import DAYS, due
from muster.licenses.models import License
from muster.notices import reminders
from muster.notices.delivery import deliver
from muster.notices.models import Email, Reminder, ReminderChoice, ReminderDay
from muster.notices.queries import (
    ReminderSelection,
    choice_of,
    done_at_once,
    matching_reminders,
    next_look,
    reminder_page,
    reminders_of,
)
from muster.notices.reminders import choose_reminders, make_due_reminders, mark_done, reopen
from muster.producers.models import Producer
from tests.make import make_license, make_member, make_organization, make_producer
from tests.notices.mail_server import MailServer

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)
EVERYTHING = {"days": DAYS, "by_email": True, "in_console": True, "roles": [Role.ADMIN, Role.SPECIALIST]}


@pytest.fixture
def admin() -> Membership:
    return make_member()


def license_with(organization: Organization, days_left: int, **over: Any) -> License:
    producer = over.pop("producer", None) or make_producer(organization)
    return make_license(producer, expires_on=DAY + timedelta(days_left), **over)


def made() -> list[tuple[int, int]]:
    """The reminders, as license and number of days."""
    return list(Reminder.objects.order_by("license_id", "-days").values_list("license_id", "days"))


def open_days(member: Membership) -> list[int]:
    return [reminder.days for reminder in reminders_of(member).order_by("expires_on", "id")]


# --- making ----------------------------------------------------------------------------------------


def test_each_license_in_force_gets_its_nearest_reminder(admin: Membership) -> None:
    told = {days_left: license_with(admin.organization, days_left) for days_left in (91, 90, 29, 7, 0, -1)}
    assert make_due_reminders(now=NOON) == 4
    assert made() == [(told[left].pk, days) for left, days in ((90, 90), (29, 30), (7, 7), (0, 7))]


@pytest.mark.parametrize("over", [{"is_active": False}, {"gone_at": NOON}, {"expires_on": None}])
def test_a_license_that_is_not_in_force_gets_none(admin: Membership, over: dict[str, Any]) -> None:
    License.objects.filter(pk=license_with(admin.organization, 7).pk).update(**over)
    assert make_due_reminders(now=NOON) == 0


def test_who_is_no_longer_watched_gets_none(admin: Membership) -> None:
    license_with(admin.organization, 7, producer=make_producer(admin.organization, is_watched=False))
    assert make_due_reminders(now=NOON) == 0


def test_run_twice_it_makes_and_mails_nothing_more(admin: Membership) -> None:
    license_with(admin.organization, 7)
    assert [make_due_reminders(now=NOON + timedelta(hours=hour)) for hour in range(3)] == [1, 0, 0]
    assert Email.objects.count() == 1


def test_made_again_for_a_day_that_was_lost_it_makes_none_twice(admin: Membership) -> None:
    license_with(admin.organization, 7)
    make_due_reminders(now=NOON)
    ReminderDay.objects.all().delete()
    assert make_due_reminders(now=NOON + timedelta(minutes=1)) == 0
    assert Email.objects.count() == 1


def test_a_clock_that_was_far_ahead_silences_no_later_day(admin: Membership) -> None:
    license_with(admin.organization, 7)
    make_due_reminders(now=NOON + timedelta(days=365))
    morning = time(6)
    assert next_look(admin.organization_id, now=NOON, morning=morning) is None
    assert [make_due_reminders(now=NOON + timedelta(minutes=minute)) for minute in (0, 1)] == [1, 0]
    assert Email.objects.count() == 1
    soon = next_look(admin.organization_id, now=NOON, morning=morning)
    assert soon is not None
    assert soon.date() == DAY + timedelta(days=1)


def test_a_day_with_nothing_to_look_at_is_looked_at_again(admin: Membership) -> None:
    assert make_due_reminders(now=NOON) == 0
    license_with(admin.organization, 7, is_active=False)
    assert make_due_reminders(now=NOON + timedelta(minutes=1)) == 0
    license_with(admin.organization, 13)
    assert make_due_reminders(now=NOON + timedelta(minutes=2)) == 1
    license_with(admin.organization, 6)
    assert make_due_reminders(now=NOON + timedelta(minutes=3)) == 0
    assert make_due_reminders(now=NOON + timedelta(days=1)) == 1


@pytest.mark.parametrize(
    ("over", "reminders"),
    [
        ({"sync_status": "queued"}, 0),
        ({"sync_status": "processing"}, 0),
        ({"sync_status": "timeout"}, 0),
        ({"sync_status": "not_found"}, 1),
        ({"sync_status": "queued", "synced_at": NOON}, 1),
        ({"sync_status": "queued", "is_watched": False}, 1),
        ({"sync_status": "timeout", "created_at": NOON - timedelta(days=1)}, 1),
    ],
)
def test_the_first_reminders_wait_for_the_first_sync(
    admin: Membership, over: dict[str, Any], reminders: int
) -> None:
    license_with(admin.organization, 7)
    other = make_producer(admin.organization)
    Producer.objects.filter(pk=other.pk).update(**{"created_at": NOON, **over})
    assert make_due_reminders(now=NOON + timedelta(minutes=1)) == reminders
    ReminderDay.objects.update_or_create(
        organization=admin.organization, defaults={"day": DAY - timedelta(days=1)}
    )
    assert make_due_reminders(now=NOON + timedelta(minutes=2)) == 1 - reminders


def test_nothing_is_made_before_the_morning(admin: Membership) -> None:
    license_with(admin.organization, 7)
    assert make_due_reminders(now=datetime(2026, 11, 20, 11, 59, tzinfo=UTC)) == 0
    assert make_due_reminders(now=datetime(2026, 11, 20, 12, 0, tzinfo=UTC)) == 1


def test_a_day_is_that_of_the_sites_zone(admin: Membership, settings: Any) -> None:
    license_with(admin.organization, 90)
    settings.MUSTER_REMINDERS_TIME = datetime.min.time()
    # Seven in the evening of the day before, in New York.
    assert make_due_reminders(now=datetime(2026, 11, 20, 0, 0, tzinfo=UTC)) == 0
    assert make_due_reminders(now=datetime(2026, 11, 20, 5, 0, tzinfo=UTC)) == 1


def test_after_a_week_without_it_only_the_nearest_comes(admin: Membership) -> None:
    license = license_with(admin.organization, 31)
    make_due_reminders(now=NOON)
    make_due_reminders(now=NOON + timedelta(days=24))
    assert made() == [(license.pk, 60), (license.pk, 7)]
    assert open_days(admin) == [7]


def test_a_renewed_license_leaves_the_list_and_starts_afresh(admin: Membership) -> None:
    license = license_with(admin.organization, 7)
    make_due_reminders(now=NOON)
    License.objects.update(expires_on=DAY + timedelta(97))
    assert open_days(admin) == []
    make_due_reminders(now=NOON + timedelta(days=7))
    assert made() == [(license.pk, 90), (license.pk, 7)]
    assert open_days(admin) == [90]
    assert Reminder.objects.filter(closed_at=None).count() == 1


@pytest.mark.parametrize("over", [{"is_active": False}, {"gone_at": NOON}])
def test_a_license_that_is_gone_leaves_the_list_until_it_is_back(
    admin: Membership, over: dict[str, Any]
) -> None:
    license_with(admin.organization, 7)
    make_due_reminders(now=NOON)
    License.objects.update(**over)
    assert open_days(admin) == []
    make_due_reminders(now=NOON + timedelta(days=1))
    License.objects.update(is_active=True, gone_at=None)
    assert open_days(admin) == [7]


def test_who_leaves_takes_the_reminders_along(admin: Membership) -> None:
    license_with(admin.organization, 7)
    make_due_reminders(now=NOON)
    Producer.objects.update(is_watched=False)
    assert open_days(admin) == []


def test_an_expired_license_stays_on_the_list_for_a_year(admin: Membership) -> None:
    license_with(admin.organization, 0)
    make_due_reminders(now=NOON)
    make_due_reminders(now=NOON + timedelta(days=365))
    assert open_days(admin) == [7]
    make_due_reminders(now=NOON + timedelta(days=366))
    assert open_days(admin) == []


def test_one_organizations_fault_keeps_no_other_waiting(
    admin: Membership, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    other = make_member()
    for member in (admin, other):
        license_with(member.organization, 7)
    queue = reminders.queue_digests

    def fail_for_the_first(**given: Any) -> None:
        if given["organization"] == admin.organization:
            raise RuntimeError("out of order")
        queue(**given)

    with monkeypatch.context() as patch:
        patch.setattr(reminders, "queue_digests", fail_for_the_first)
        assert make_due_reminders(now=NOON) == 1
    assert f"organization {admin.organization_id}" in caplog.text
    assert open_days(admin) == []
    assert make_due_reminders(now=NOON) == 1
    assert sorted(Email.objects.values_list("to", flat=True)) == sorted([admin.user.email, other.user.email])


LEFTS = st.lists(st.integers(0, 130), min_size=1, max_size=5)
HISTORY = st.lists(st.tuples(st.integers(1, 40), st.sampled_from(["", "renew", "shorten"])), max_size=12)


@property_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lefts=LEFTS, chosen=st.sets(st.sampled_from(DAYS)), then=HISTORY)
@example(lefts=[100], chosen=set(DAYS), then=[(1, "")] * 12)
def test_the_database_makes_what_the_rule_says_and_each_once_an_expiry_date(
    lefts: list[int], chosen: set[int], then: list[tuple[int, str]]
) -> None:
    # Taken back after each example: a day is made for every organization there is.
    with transaction.atomic():
        organization = make_organization()
        ReminderChoice.objects.create(organization=organization, days=sorted(chosen))
        licenses = {license_with(organization, left).pk: DAY + timedelta(left) for left in lefts}
        expected: dict[tuple[int, date], list[int]] = {}
        now = NOON
        for pause, event in [(0, ""), *then]:
            now += timedelta(days=pause)
            if event:
                by = timedelta(45 if event == "renew" else -20)
                licenses = {pk: expires_on + by for pk, expires_on in licenses.items()}
                for pk, expires_on in licenses.items():
                    License.objects.filter(pk=pk).update(expires_on=expires_on)
            for pk, expires_on in licenses.items():
                before = expected.setdefault((pk, expires_on), [])
                days = due(expires_on, today=DAY + (now - NOON), chosen=chosen, made=before)
                if days is not None:
                    before.append(days)
            make_due_reminders(now=now)
        found: dict[tuple[int, date], list[int]] = {key: [] for key in expected}
        for reminder in Reminder.objects.filter(organization=organization).order_by("id"):
            found[reminder.license_id, reminder.expires_on].append(reminder.days)
        assert found == expected
        for days in found.values():
            assert len(set(days)) == len(days)
        transaction.set_rollback(True)


def test_the_number_of_statements_does_not_grow_with_the_licenses(admin: Membership) -> None:
    ReminderDay.objects.create(organization=admin.organization, day=DAY - timedelta(days=1))
    counts = []
    for day, number in enumerate((1, 12)):
        for _ in range(number):
            license_with(admin.organization, 7 + day)
        with CaptureQueriesContext(connection) as asked:
            assert make_due_reminders(now=NOON + timedelta(days=day)) >= number
        counts.append(len(asked))
    assert counts[0] == counts[1]


# --- the mail --------------------------------------------------------------------------------------


def test_the_mail_tells_what_expires_and_where_to_look(admin: Membership, settings: Any) -> None:
    settings.MUSTER_SITE_URL = "https://muster.example"
    ada = make_producer(admin.organization, npn="1234567", first_name="Ada", last_name="<Alder>")
    license_with(admin.organization, 6, producer=ada, number="0A12345", state="CA")
    for _ in range(2):
        license_with(admin.organization, 30)
    make_due_reminders(now=NOON)
    mail = Email.objects.get()
    assert mail.subject == "3 licenses expire within 30 days, 1 of them within 7"
    assert (mail.to, mail.organization, mail.occasion) == (
        admin.user.email,
        admin.organization,
        "2026-11-20",
    )
    for body in (mail.text, mail.html):
        for words in (
            "Within 7 days",
            "In 15 to 30 days",
            "NPN 1234567",
            "California license 0A12345, resident",
            "Expires November 26, 2026",
            "6 days left",
            "https://muster.example/producers/1234567/",
            "https://muster.example/reminders/",
            "https://muster.example/reminders/settings/",
        ):
            assert words in body
    assert "<Alder>, Ada" in mail.text
    assert "&lt;Alder&gt;, Ada" in mail.html
    for tag in ("<img", "<script", "<link", "url(", "@import"):
        assert tag not in mail.html


def test_a_long_mail_tells_the_first_fifty_and_how_many_more(admin: Membership) -> None:
    producer = make_producer(admin.organization)
    for number in range(53):
        license_with(admin.organization, 8 + number % 7, producer=producer, number=f"N{number:02}")
    make_due_reminders(now=NOON)
    text = Email.objects.get().text
    assert text.count("Expires ") == 50
    assert "And 3 more." in text
    left = [int(days) for days in re.findall(r": (\d+) days left", text)]
    assert left == sorted(left)


@pytest.mark.parametrize(
    ("days_left", "words"), [(0, "Expires November 20, 2026: today"), (1, "1 day left"), (7, "7 days left")]
)
def test_the_days_that_are_left_are_told(admin: Membership, days_left: int, words: str) -> None:
    license_with(admin.organization, days_left)
    make_due_reminders(now=NOON)
    mail = Email.objects.get()
    assert words in mail.text
    assert mail.subject == "1 license expires within 7 days"


def test_a_day_without_new_reminders_brings_no_mail(admin: Membership) -> None:
    license_with(admin.organization, 20)
    for day in range(5):
        make_due_reminders(now=NOON + timedelta(days=day))
    assert Email.objects.count() == 1


def test_the_mail_goes_to_those_of_the_chosen_roles_who_work_here(admin: Membership) -> None:
    organization = admin.organization
    specialist = make_member(organization, Role.SPECIALIST)
    make_member(organization, Role.VIEWER)
    make_member(organization, Role.SUBMITTER)
    make_member(organization, Role.PRODUCER)
    for gone in (make_member(organization), make_member(organization, is_active=False)):
        Membership.objects.filter(pk=gone.pk).update(is_active=gone.user.is_active is False)
    make_member()
    license_with(organization, 7)
    make_due_reminders(now=NOON)
    assert sorted(Email.objects.values_list("to", flat=True)) == sorted(
        [admin.user.email, specialist.user.email]
    )


def test_the_server_takes_one_mail_for_each_reader(admin: Membership, mail_server: MailServer) -> None:
    specialist = make_member(admin.organization, Role.SPECIALIST)
    license_with(admin.organization, 7)
    for hour in range(3):
        make_due_reminders(now=NOON + timedelta(hours=hour))
    deliver()
    assert sorted(mail_server.addressees) == sorted([admin.user.email, specialist.user.email])
    for mail in mail_server.taken:
        assert mail["Subject"] == "1 license expires within 7 days"
        parts = [part.get_content_type() for part in mail.walk()]
        assert parts == ["multipart/alternative", "text/plain", "text/html"]


# --- what an organization chooses ------------------------------------------------------------------


def test_without_a_choice_everything_is_on_for_those_who_license(admin: Membership) -> None:
    choice = choice_of(admin.organization_id)
    assert {name: getattr(choice, name) for name in EVERYTHING} == {
        **EVERYTHING,
        "days": list(DAYS),
        "roles": ["admin", "specialist"],
    }


@pytest.mark.parametrize(
    ("over", "reminded", "mails"),
    [
        ({"days": [30]}, [30, 30], 1),
        ({"days": [7]}, [7], 1),
        ({"days": []}, [], 0),
        ({"by_email": False}, [7, 30], 0),
        ({"in_console": False}, [7, 30], 1),
        ({"by_email": False, "in_console": False}, [], 0),
        ({"roles": [Role.VIEWER]}, [7, 30], 0),
    ],
)
def test_what_is_chosen_is_done(
    admin: Membership, over: dict[str, Any], reminded: list[int], mails: int
) -> None:
    choose_reminders(by=admin, **{**EVERYTHING, **over})
    license_with(admin.organization, 7)
    license_with(admin.organization, 20)
    make_due_reminders(now=NOON)
    assert open_days(admin) == reminded
    assert Email.objects.count() == mails
    assert Reminder.objects.filter(mailed_on=DAY).count() == (len(reminded) if mails else 0)


def test_a_mail_without_a_list_in_the_console_links_to_none(admin: Membership) -> None:
    choose_reminders(by=admin, **{**EVERYTHING, "in_console": False})
    license_with(admin.organization, 7)
    make_due_reminders(now=NOON)
    mail = Email.objects.get()
    assert "/reminders/\n" not in mail.text
    assert '/reminders/"' not in mail.html
    assert "/reminders/settings/" in mail.text


def test_a_change_is_on_record_with_what_changed_and_no_change_is_not(admin: Membership) -> None:
    assert not choose_reminders(by=admin, **EVERYTHING)
    assert not Event.objects.exists()
    assert choose_reminders(by=admin, **{**EVERYTHING, "days": [7, 30]})
    event = Event.objects.get(kind="settings:change")
    assert (event.by, event.organization) == (admin.user, admin.organization)
    assert event.data["changed"] == {"days": {"before": list(DAYS), "after": [30, 7]}}


@pytest.mark.parametrize("role", [Role.SPECIALIST, Role.SUBMITTER, Role.VIEWER, Role.PRODUCER])
def test_only_admins_choose(role: Role) -> None:
    with pytest.raises(PermissionDenied):
        choose_reminders(by=make_member(role=role), **EVERYTHING)


# --- being done ------------------------------------------------------------------------------------


def test_what_is_done_leaves_the_list_until_it_is_taken_back(admin: Membership) -> None:
    for days_left in (7, 20):
        license_with(admin.organization, days_left)
    make_due_reminders(now=NOON)
    chosen = matching_reminders(admin, ReminderSelection(days=30))
    assert mark_done(by=admin, reminders=chosen, now=NOON) == 1
    assert open_days(admin) == [7]
    assert [reminder.done_by for reminder in reminders_of(admin, done=True)] == [admin.user]
    assert mark_done(by=admin, reminders=reminders_of(admin), now=NOON + timedelta(1)) == 1
    assert reopen(by=admin, reminders=done_at_once(admin, NOON)) == 1
    assert open_days(admin) == [30]


def test_a_license_that_was_done_is_told_again_at_the_next_number_of_days(admin: Membership) -> None:
    license_with(admin.organization, 14)
    make_due_reminders(now=NOON)
    mark_done(by=admin, reminders=reminders_of(admin), now=NOON)
    make_due_reminders(now=NOON + timedelta(days=1))
    assert open_days(admin) == []
    make_due_reminders(now=NOON + timedelta(days=7))
    assert open_days(admin) == [7]


def test_nobody_marks_what_is_another_organizations(admin: Membership) -> None:
    other = make_member()
    license_with(other.organization, 7)
    make_due_reminders(now=NOON)
    theirs = Reminder.objects.all()
    assert mark_done(by=admin, reminders=theirs, now=NOON) == 0
    mark_done(by=other, reminders=theirs, now=NOON)
    assert reopen(by=admin, reminders=theirs) == 0
    assert open_days(admin) == []
    assert not reminders_of(admin, done=True).exists()


def test_who_may_only_look_marks_nothing(admin: Membership) -> None:
    viewer = make_member(admin.organization, Role.VIEWER)
    license_with(admin.organization, 7)
    make_due_reminders(now=NOON)
    for write in (
        lambda: mark_done(by=viewer, reminders=Reminder.objects.all(), now=NOON),
        lambda: reopen(by=viewer, reminders=Reminder.objects.all()),
    ):
        with pytest.raises(PermissionDenied):
            write()
    assert open_days(viewer) == [7]


def test_pages_follow_one_another_soonest_first(admin: Membership) -> None:
    for days_left in range(12):
        license_with(admin.organization, days_left)
    make_due_reminders(now=NOON)
    seen, after = [], ""
    while True:
        found, page = reminder_page(admin, ReminderSelection(), after=after, size=5)
        seen += [(reminder.expires_on - DAY).days for reminder in found]
        if not page.next:
            break
        after = page.next
    assert seen == list(range(12))
