"""The page of the registry: how the daily alerts stand, its buttons, what it keeps to each organization."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection, connections
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.cli.commands import import_
from muster.console.registry import views
from muster.console.registry.reads import Run, run_under_way
from muster.producers.models import Producer
from muster.registry.alerts import ALERTS_LOCK
from muster.registry.models import AlertDay, AlertsAccount, RegistryPause, Watch
from muster.registry.queue import ALERTS_TASK, defer_alerts
from muster.registry.watching import LIST_SHRANK
from tests.make import make_member, make_producer
from tests.web.import_makers import agent_file, make_upload, row
from tests.web.query_counts import same_number_of_queries
from tests.web.reading import text

pytestmark = pytest.mark.django_db

PAGE = "/registry/"
DAY = date(2026, 11, 19)
AT = datetime.fromisoformat("2026-11-19T16:15:00+00:00")


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def price(settings: Any, price: str | None) -> None:
    settings.MUSTER_ALERTS = {
        **settings.MUSTER_ALERTS,
        "monthly_price": None if price is None else Decimal(price),
    }


def watch(*producers: Producer, **over: Any) -> None:
    for producer in producers:
        Watch.objects.create(
            npn=producer.npn, **{"added_on": DAY, "confirmed_at": AT, "asked_at": AT, **over}
        )


def compared() -> None:
    """The registry's list was compared with ours, after all that the database holds."""
    AlertsAccount.objects.update_or_create(is_the_one=True, defaults={"targets_at": Now()})


def jobs() -> list[dict[str, Any]]:
    return [job.args for job in ProcrastinateJob.objects.filter(task_name=ALERTS_TASK)]


# --- what it tells ---------------------------------------------------------------------------------


def test_before_the_first_run_the_page_says_so(browsing: Client) -> None:
    told = text(browsing.get(PAGE))
    for words in ("Last run None yet", "Password Unknown", "No report yet", "To be watched 0"):
        assert words in told


def test_the_page_names_the_host_and_no_secret(browsing: Client, settings: Any) -> None:
    settings.MUSTER_REGISTRY = {
        **settings.MUSTER_REGISTRY,
        "url": "https://ann:s3cret@pdb.example:8443/reports?token=s3cret",
        "user": "ann-at-nipr",
        "password": "s3cret",
    }
    answer = browsing.get(PAGE)
    assert "Reports pdb.example:8443" in text(answer)
    for secret in ("s3cret", "ann-at-nipr", "?token"):
        assert secret not in answer.content.decode()


def test_times_are_those_of_the_sites_zone(browsing: Client, settings: Any) -> None:
    AlertsAccount.objects.create(started_on=DAY, ran_at=AT)
    settings.TIME_ZONE = "America/Los_Angeles"
    with timezone.override("America/Los_Angeles"):
        told = text(browsing.get(PAGE))
    assert "Last run Nov 19, 2026, 8:15 AM" in told
    assert "Password Accepted" in told


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"state": "read"}, "Thursday, Nov 19 Read 0 of your producers named"),
        ({"state": "nothing"}, "Thursday, Nov 19 No alerts"),
        ({"state": "waiting"}, "Thursday, Nov 19 Not read yet"),
        (
            {"state": "waiting", "reason": "It is cut off.", "next_at": AT},
            "Could not be read It is cut off. Next try Nov 19, 11:15 AM.",
        ),
        (
            {"state": "waiting", "kinds": ["LICENSING"], "reason": "It is cut off.", "next_at": AT},
            "Partly read 0 of your producers named It is cut off. Next try Nov 19, 11:15 AM.",
        ),
        ({"state": "broken", "reason": "Missing for 30 days."}, "Given up Missing for 30 days."),
        ({"state": "read", "read_at": AT}, "Read Nov 19, 11:15 AM."),
        ({"state": "read", "strangers": ["1", "2"]}, "2 producers named whom nobody here has."),
        (
            {"state": "read", "notes": ["<b>ZZ</b> is no state we know."]},
            "1 thing that could not be taken over <b>ZZ</b> is no state we know.",
        ),
    ],
)
def test_a_day_tells_what_became_of_its_report(browsing: Client, over: dict[str, Any], words: str) -> None:
    AlertDay.objects.create(day=DAY, **{"first_read_at": over.get("read_at"), **over})
    assert words in text(browsing.get(PAGE))


def test_the_ten_newest_days_are_told(browsing: Client) -> None:
    AlertDay.objects.bulk_create(AlertDay(day=DAY - timedelta(number)) for number in range(15))
    days = [day.told.day for day in browsing.get(PAGE).context["standing"].days]
    assert days == [DAY - timedelta(number) for number in range(10)]


def test_a_refused_password_is_told_with_what_to_do(browsing: Client) -> None:
    AlertsAccount.objects.create(ran_at=AT, refused_since=AT, reason="The registry refused us.")
    told = text(browsing.get(PAGE))
    for words in ("since November 19, 2026, 11:15 AM", "end after 90 days", "MUSTER_REGISTRY_PASSWORD"):
        assert words in told
    assert "Password Refused" in told
    assert "The last run ended early" not in told


def test_a_password_that_the_sync_finds_refused_is_told_too(browsing: Client) -> None:
    until = timezone.now() + timedelta(hours=1)
    pause = RegistryPause.objects.create(since=AT, until=until, failure="unauthorized", reason="Refused.")
    assert "refuses our user name or password since November 19" in text(browsing.get(PAGE))
    RegistryPause.objects.filter(pk=pause.pk).update(failure="throttled", reason="Too many requests.")
    told = text(browsing.get(PAGE))
    assert "Too many requests." in told
    assert "refuses our user name" not in told
    RegistryPause.objects.update(until=AT)
    assert "Too many requests." not in text(browsing.get(PAGE))


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"reason": "No answer.", "next_at": AT}, "No answer. It is tried again Nov 19, 11:15 AM."),
        ({"targets_reason": "Too many."}, "The subscription could not be brought up to date. Too many."),
    ],
)
def test_what_went_wrong_is_told(browsing: Client, over: dict[str, Any], words: str) -> None:
    AlertsAccount.objects.create(ran_at=AT, **over)
    assert words in text(browsing.get(PAGE))


# --- costs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dollars", "words"),
    [
        ("0.15", ["At the registry 2 $0.30 a month", "New 3 $0.45 a month"]),
        ("1000", ["At the registry 2 $2,000.00 a month", "New 3 $3,000.00 a month"]),
        ("0", ["At the registry 2 $0.00 a month"]),
        (None, ["At the registry 2 unknown New 3 unknown", "MUSTER_ALERTS_MONTHLY_PRICE"]),
    ],
)
def test_what_the_targets_cost_is_told_or_that_it_is_unknown(
    browsing: Client, member: Membership, settings: Any, dollars: str | None, words: list[str]
) -> None:
    price(settings, dollars)
    watch(*[make_producer(member.organization) for _ in range(2)])
    compared()
    for _ in range(3):
        make_producer(member.organization)
    make_producer(member.organization, is_watched=False)
    told = text(browsing.get(PAGE))
    assert "To be watched 5" in told
    for one in words:
        assert one in told


@pytest.mark.parametrize(
    ("dollars", "words"),
    [
        ("0.15", "3 producers are new to the daily alerts: $0.45 a month."),
        (None, "3 producers are new to the daily alerts: the cost is unknown."),
    ],
)
def test_before_the_subscription_is_updated_the_cost_is_shown(
    browsing: Client, member: Membership, settings: Any, dollars: str | None, words: str
) -> None:
    price(settings, dollars)
    for _ in range(3):
        make_producer(member.organization)
    make_producer(make_member().organization)
    assert words in text(browsing.get("/registry/subscription/"))
    assert jobs() == []


def test_a_list_that_shrank_is_told_and_filled_again_once_that_is_confirmed(
    browsing: Client, member: Membership
) -> None:
    watch(make_producer(member.organization))
    compared()
    AlertsAccount.objects.update(targets_reason=LIST_SHRANK)
    assert LIST_SHRANK in text(browsing.get(PAGE))
    told = text(browsing.get("/registry/subscription/"))
    assert "each of them is synced once more" in told
    assert "Fill the list again" in told
    assert "Nobody is new" not in told
    assert 'name="restore" value="1"' in browsing.get("/registry/subscription/").content.decode()
    browsing.post("/registry/subscription/", {"restore": "1"})
    browsing.post("/registry/fetch/")
    assert jobs() == [{"at_once": True, "restore": True}, {"at_once": True}]


def test_where_nobody_is_new_there_is_nothing_to_confirm(browsing: Client) -> None:
    answer = browsing.get("/registry/subscription/")
    assert "Nobody is new" in text(answer)
    assert "Watch" not in text(answer)


def test_one_whom_the_registry_did_not_take_is_named(browsing: Client, member: Membership) -> None:
    producer = make_producer(member.organization, npn="1234567", first_name="Ada", last_name="Alder")
    watch(producer, confirmed_at=None, refused="No such NPN.")
    compared()
    told = text(browsing.get(PAGE))
    assert "1 producer not taken by the registry Alder, Ada NPN 1234567 No such NPN." in told
    assert "At the registry 0" in told
    assert "New 0" in told


def test_of_many_whom_the_registry_did_not_take_the_first_are_named(
    browsing: Client, member: Membership
) -> None:
    watch(*[make_producer(member.organization) for _ in range(23)], confirmed_at=None)
    compared()
    told = text(browsing.get(PAGE))
    assert "23 producers not taken by the registry" in told
    assert "And 3 more." in told


# --- what is kept from others ----------------------------------------------------------------------


def test_of_another_organizations_producers_nothing_is_told(browsing: Client, member: Membership) -> None:
    ours = make_producer(member.organization, npn="1111111", last_name="Ours")
    theirs = [
        make_producer(make_member().organization, npn=f"222222{number}", last_name="Theirs")
        for number in range(5)
    ]
    watch(ours, *theirs[:3])
    watch(theirs[3], confirmed_at=None, refused="No such NPN.")
    compared()
    AlertDay.objects.create(
        day=DAY,
        state="read",
        named=[ours.npn, *(one.npn for one in theirs), "3333333"],
        strangers=["3333333"],
        queued=6,
    )
    answer = browsing.get(PAGE)
    told = text(answer)
    assert "1 of your producers named" in told
    assert "1 producer named whom nobody here has." in told
    assert "To be watched 1 At the registry 1" in told
    html = answer.content.decode()
    for kept in ("Theirs", "222222", "3333333"):
        assert kept not in html


def test_that_another_organization_has_somebody_watched_is_not_told(
    browsing: Client, member: Membership
) -> None:
    theirs = make_producer(make_member().organization)
    watch(theirs)
    AlertsAccount.objects.create(targets_at=AT)
    make_producer(member.organization, npn=theirs.npn)
    assert "At the registry 0" in text(browsing.get(PAGE))
    assert "1 producer is new" in text(browsing.get("/registry/subscription/"))


# --- a run that is under way -----------------------------------------------------------------------


def test_the_page_follows_a_run_that_waits_for_a_worker(browsing: Client) -> None:
    assert "hx-get" not in browsing.get(PAGE).content.decode().split('id="standing"')[1].split(">")[0]
    defer_alerts()
    answer = browsing.get(PAGE)
    assert "wait for a free worker" in text(answer)
    assert 'hx-get="/registry/"' in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(("beat", "run"), [("0 seconds", Run.MOVES), ("2 minutes", Run.NONE)])
def test_a_job_that_was_taken_is_under_way_if_its_worker_lives(beat: str, run: Run) -> None:
    defer_alerts()
    assert run_under_way() is Run.WAITS
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s::interval) RETURNING id",
            [beat],
        )
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE task_name = %s",
            [cursor.fetchone()[0], ALERTS_TASK],
        )
    assert run_under_way() is run


@pytest.mark.django_db(transaction=True)
def test_a_run_is_under_way_as_long_as_its_lock_is_held() -> None:
    # Those of other tests stay, for nobody empties their table.
    ProcrastinateJob.objects.all().delete()
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ALERTS_LOCK + 1])
            assert run_under_way() is Run.NONE
            cursor.execute("SELECT pg_advisory_lock(%s)", [ALERTS_LOCK])
        assert run_under_way() is Run.MOVES
    finally:
        other.close()
    while run_under_way() is not Run.NONE:
        # The server notices a moment after the connection is gone.
        connection.ensure_connection()


# --- the buttons -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["fetch/", "subscription/"])
def test_a_button_defers_a_run_that_waits_for_nothing_and_the_page_tells_its_end(
    browsing: Client, member: Membership, path: str
) -> None:
    make_producer(member.organization)
    answer = browsing.post(PAGE + path, follow=True)
    assert "The daily alerts are to be fetched, and wait for a free worker." in text(answer)
    assert jobs() == [{"at_once": True}]
    assert (
        f'hx-get="{answer.request["PATH_INFO"]}?{answer.request["QUERY_STRING"]}"' in answer.content.decode()
    )
    ProcrastinateJob.objects.all().delete()
    address = f"{PAGE}?{answer.request['QUERY_STRING']}"
    over = browsing.get(address)
    assert "The run that you asked for is over." in text(over)
    assert "hx-get" not in over.content.decode().split('id="standing"')[1].split(">")[0]
    AlertDay.objects.create(day=DAY, reason="It is cut off.", next_at=AT)
    assert "but not every report could be read" in text(browsing.get(address))
    AlertsAccount.objects.create(ran_at=AT, refused_since=AT, reason="The registry refused us.")
    assert "is over" not in text(browsing.get(address))
    AlertsAccount.objects.all().delete()
    for other in ("asked=1", "asked=%C2%B2", "asked=99999999999", "asked=9999999999", ""):
        assert "is over" not in text(browsing.get(f"{PAGE}?{other}"))


def test_where_nothing_is_due_the_next_report_is_named(
    browsing: Client, member: Membership, settings: Any
) -> None:
    answer = browsing.post(PAGE + "fetch/", follow=True)
    due_at = timezone.localtime(answer.context["alerts"].next_due_at)
    assert f"Nothing is due. The next report comes {due_at:%A, %b} {due_at.day}, " in text(answer)
    settings.MUSTER_ALERTS = {**settings.MUSTER_ALERTS, "url": ""}
    assert "There is no alerts service" in text(browsing.post(PAGE + "fetch/", follow=True))
    assert jobs() == []


@pytest.mark.parametrize("of", ["the account", "its targets", "a day"])
def test_what_waits_after_a_failed_try_is_fetched_too(
    browsing: Client, member: Membership, settings: Any, of: str
) -> None:
    later = timezone.now() + timedelta(hours=1)
    if of == "a day":
        AlertDay.objects.create(day=DAY, next_at=later)
    else:
        AlertsAccount.objects.create(**{"next_at" if of == "the account" else "targets_next_at": later})
    browsing.post(PAGE + "fetch/")
    assert jobs() == [{"at_once": True}]


def test_before_the_first_report_the_page_names_one_day_only(browsing: Client, member: Membership) -> None:
    assert "Reports are read from the day on which the first producers" in text(browsing.get(PAGE))
    make_producer(member.organization)
    answer = browsing.get(PAGE)
    due_at = timezone.localtime(answer.context["alerts"].next_due_at)
    assert text(answer).count(f"{due_at:%A, %b} {due_at.day}, ") == 2
    assert "on the day after" not in text(answer)


def test_looking_at_what_would_be_fetched_fetches_nothing(browsing: Client) -> None:
    assert browsing.get("/registry/fetch/").status_code == 405
    assert jobs() == []


def test_everyone_watched_is_synced_again_once_it_is_confirmed(browsing: Client, member: Membership) -> None:
    mine = [make_producer(member.organization, sync_status="success") for _ in range(2)]
    left = [
        make_producer(member.organization, sync_status="success", is_watched=False),
        make_producer(make_member().organization, sync_status="success"),
    ]
    assert "Ask the registry again about 2 producers?" in text(browsing.get("/registry/resync/"))
    assert not Producer.objects.filter(sync_status="queued").exists()
    answer = browsing.post("/registry/resync/", follow=True)
    assert "The registry is asked again about 2 producers: 0 have a new report so far." in text(answer)
    assert set(Producer.objects.filter(sync_status="queued")) == set(mine)
    assert set(Producer.objects.filter(sync_status="success")) == set(left)
    assert Event.objects.get(kind="producer:resync").by == member.user
    address = f"{PAGE}?{answer.request['QUERY_STRING']}"
    one, other = mine
    Producer.objects.filter(pk=one.pk).update(sync_status="success", synced_at=timezone.now())
    answer = browsing.get(address)
    assert "asked again about 2 producers: 1 has a new report so far." in text(answer)
    assert f'hx-get="{address}"' in answer.content.decode()
    Producer.objects.filter(pk=other.pk).update(sync_status="retry_error")
    answer = browsing.get(address)
    assert "The sync is over: 1 producer has a new report. 1 producer could not be synced" in text(answer)
    assert f'hx-get="{address}"' not in answer.content.decode()


def test_too_many_are_not_queued_by_one_click(
    browsing: Client, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_AT_ONCE", 1)
    for _ in range(2):
        make_producer(member.organization, sync_status="success")
    for answer in (browsing.get("/registry/resync/"), browsing.post("/registry/resync/")):
        assert "More than 1 producers are watched" in text(answer)
    assert not Producer.objects.filter(sync_status="queued").exists()


def test_where_nobody_is_watched_the_page_says_so(browsing: Client) -> None:
    assert "Nobody is watched" in text(browsing.get("/registry/resync/"))
    assert "Nothing to do" in text(browsing.post("/registry/resync/", follow=True))


def test_who_may_only_look_is_offered_no_button(client: Client) -> None:
    client.force_login(make_member(role=Role.SPECIALIST).user)
    told = text(client.get(PAGE))
    for button in ("Fetch now", "Update the subscription", "Sync everyone"):
        assert button not in told


def test_the_number_of_queries_does_not_grow_with_days_and_producers(
    browsing: Client, member: Membership
) -> None:
    for number in range(1, 4):
        producer = make_producer(member.organization)
        watch(producer, confirmed_at=None)
        AlertDay.objects.create(day=DAY + timedelta(number), state="read", named=[producer.npn])
        with same_number_of_queries("registry"):
            browsing.get(PAGE)


# --- what an import costs before it is processed ------------------------------------------------------


@pytest.mark.parametrize(
    ("dollars", "words"),
    [
        ("0.15", "2 producers are new to the daily alerts: $0.30 a month."),
        ("1500", "2 producers are new to the daily alerts: $3,000.00 a month."),
        (
            None,
            "2 producers are new to the daily alerts: what that costs a month is unknown, "
            "for MUSTER_ALERTS_MONTHLY_PRICE is not set.",
        ),
    ],
)
def test_the_check_page_and_the_terminal_tell_what_the_new_ones_cost(
    browsing: Client, member: Membership, settings: Any, tmp_path: Path, dollars: str | None, words: str
) -> None:
    price(settings, dollars)
    make_producer(member.organization, npn="1003")
    # Another organization's, and not this one's: new all the same.
    make_producer(make_member().organization, npn="1002")
    lines = [row(1001), row(1002), row(1002), row(1003), row("12a")]
    operation = make_upload(member, lines)
    assert words in text(browsing.get(reverse("import-detail", args=[operation.pk])))
    file = tmp_path / "class.csv"
    file.write_text(agent_file(lines))
    given = ["agent", str(file), "--check", "--as", member.user.email]
    told = CliRunner().invoke(import_.command, given, standalone_mode=False).output
    assert words in " ".join(told.split())


def test_where_nobody_is_new_no_cost_is_told(browsing: Client, member: Membership) -> None:
    make_producer(member.organization, npn="1003")
    operation = make_upload(member, [row(1003)])
    assert "daily alerts" not in text(browsing.get(reverse("import-detail", args=[operation.pk])))
