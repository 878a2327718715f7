"""The list of targets: whom adding has synced, targets that the registry will not take, or has lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from muster.access.models import Organization
from muster.producers.models import Producer, SyncStatus
from muster.registry.alerts import is_due
from muster.registry.models import AlertsAccount, Watch
from muster.registry.watching import LIST_SHRANK
from tests.make import make_organization, make_producer
from tests.registry.alerts_service import Killed, ScriptedAlerts
from tests.registry.test_alerts import MON, PLAN, TUE, WED, all_synced, at, named, queued, run, synced

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization() -> Organization:
    return make_organization()


@pytest.fixture
def service() -> ScriptedAlerts:
    return ScriptedAlerts()


def many(organization: Organization, count: int, *, first: int = 10_000) -> list[str]:
    """NPNs of new producers, who were all synced a moment before Monday's run."""
    made = Producer.objects.bulk_create(
        Producer(
            organization=organization,
            npn=str(first + number),
            sync_status=SyncStatus.SUCCESS,
            synced_at=at(MON, 10, 30),
        )
        for number in range(count)
    )
    # Within a minute the database would look at so many by itself; until then it takes them for few.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE producers_producer")
    return [producer.npn for producer in made]


def refused() -> set[str]:
    return set(Watch.objects.filter(confirmed_at=None).values_list("npn", flat=True))


def test_who_was_last_synced_an_hour_before_the_adding_is_synced_again(
    organization: Organization, service: ScriptedAlerts
) -> None:
    synced(organization, "17", synced_at=at(MON, 14) - timedelta(seconds=1))
    synced(organization, "18", synced_at=at(MON, 14))
    make_producer(organization, npn="19")
    assert run(service, at(MON, 15)).targets.queued == 1
    assert queued() == ["17"]


def test_who_is_added_after_the_days_report_was_made_is_synced_again(
    organization: Organization, service: ScriptedAlerts
) -> None:
    synced(organization, "17")
    run(service, at(TUE))
    synced(organization, "18", synced_at=at(WED, 1))
    run(service, at(WED, 15))
    assert queued() == ["17", "18"]


def test_who_is_named_while_being_synced_is_synced_again(
    organization: Organization, service: ScriptedAlerts
) -> None:
    producer = synced(organization, "17")
    run(service, at(MON))
    Producer.objects.filter(pk=producer.pk).update(sync_status=SyncStatus.PROCESSING)
    service.reports = {TUE: named("17")}
    assert run(service, at(TUE)).queued == 1
    producer.refresh_from_db()
    assert (producer.sync_status, producer.sync_again) == (SyncStatus.PROCESSING, True)


def test_who_was_found_before_and_is_not_now_is_tried_again_once_a_day(
    organization: Organization, service: ScriptedAlerts
) -> None:
    known, never = synced(organization, "17"), synced(organization, "18", synced_at=None)
    run(service, at(MON))
    for day, expected in ((TUE, ["17"]), (WED, ["17"])):
        Producer.objects.filter(pk__in=[known.pk, never.pk]).update(sync_status=SyncStatus.NOT_FOUND)
        assert run(service, at(day)).retried == 1
        assert queued() == expected
        all_synced(at(day, 12))


def test_a_tick_at_which_nothing_is_new_compares_no_list(
    organization: Organization, service: ScriptedAlerts
) -> None:
    synced(organization, "17")
    run(service, at(MON))
    with CaptureQueriesContext(connection) as queries:
        assert not is_due(now=at(MON, 11, 5), plan=PLAN)
    assert not [one["sql"] for one in queries.captured_queries if "NOT EXISTS" in one["sql"]]


def test_a_comparison_that_is_stopped_is_gone_on_with_at_the_next_tick(
    organization: Organization, service: ScriptedAlerts
) -> None:
    npns = many(organization, 3)
    run(service, at(MON))
    npns += many(organization, 600, first=20_000)
    run(service, at(MON, 11, 5), should_stop=lambda: len(service.asked("add_targets")) > 1)
    assert len(service.lists["Harbor"]) == 503
    assert is_due(now=at(MON, 11, 10), plan=PLAN)
    run(service, at(MON, 11, 10))
    assert service.lists["Harbor"] == set(npns)
    assert not is_due(now=at(MON, 11, 15), plan=PLAN)


def test_who_is_new_here_but_on_the_list_already_is_looked_at_once(
    organization: Organization, service: ScriptedAlerts
) -> None:
    synced(organization, "17")
    run(service, at(MON))
    synced(make_organization(), "17")
    assert is_due(now=at(MON, 11, 5), plan=PLAN)
    calls = len(service.calls)
    run(service, at(MON, 11, 5))
    assert len(service.calls) == calls
    assert not is_due(now=at(MON, 11, 10), plan=PLAN)


REJECTED = {
    "the first": range(30),
    "the last": range(970, 1000),
    "here and there": range(0, 1000, 20),
}


@pytest.mark.parametrize("bad", REJECTED.values(), ids=REJECTED)
def test_npns_for_which_calls_are_rejected_keep_no_other_away_for_long(
    organization: Organization, service: ScriptedAlerts, bad: range
) -> None:
    npns = many(organization, 1000)
    service.disliked = {npns[number] for number in bad}
    now = at(MON)
    for _ in range(3):
        run(service, now)
        now += timedelta(minutes=15)
    assert service.lists["Harbor"] == set(npns) - service.disliked
    assert refused() == service.disliked
    assert AlertsAccount.objects.get().targets_reason == ""


def test_what_is_known_of_a_chunk_is_on_record_whatever_becomes_of_the_rest(
    organization: Organization, service: ScriptedAlerts
) -> None:
    npns = many(organization, 8)
    service.disliked = {npns[0]}
    service.killed_at = 3 + 7
    with pytest.raises(Killed):
        run(service, at(MON))
    assert refused() == {npns[0]}
    assert set(Watch.objects.exclude(confirmed_at=None).values_list("npn", flat=True)) == {
        npns[1],
        *npns[2:4],
    }


def test_those_refused_are_asked_for_after_the_new_ones_and_only_once_a_day(
    organization: Organization, service: ScriptedAlerts
) -> None:
    bad = many(organization, 30)
    service.disliked = set(bad)
    for minute in (0, 5, 15):
        run(service, at(MON, 11, minute))
    assert refused() == set(bad)
    good = many(organization, 3, first=20_000)
    calls = len(service.calls)
    ran = run(service, at(TUE))
    assert (ran.targets_failure, ran.targets.added) == ("", 3)
    asked = service.calls[calls:]
    assert [argument for name, argument in asked if name == "add_targets"][:2] == [good, bad]
    assert sum(name == "add_targets" for name, _ in asked) <= 1 + 41
    calls = len(service.calls)
    many(organization, 1, first=30_000)
    run(service, at(TUE, 11, 5))
    assert [argument for name, argument in service.calls[calls:] if name == "add_targets"] == [["30000"]]


LOST = {
    "all of many": (1200, 1200, True),
    "more than a tenth": (1200, 121, True),
    "a tenth": (1200, 120, False),
    "all of a few": (20, 20, False),
    "of twenty-one all": (21, 21, True),
}


@pytest.mark.parametrize(("confirmed", "lost", "stops"), LOST.values(), ids=LOST)
def test_a_list_that_shrank_is_not_filled_again_before_a_person_says_so(
    organization: Organization, service: ScriptedAlerts, confirmed: int, lost: int, stops: bool
) -> None:
    npns = many(organization, confirmed)
    run(service, at(MON))
    service.lists["Harbor"] -= set(npns[:lost])
    service.reports = {TUE: named(npns[0])}
    ran = run(service, at(TUE))
    assert ran.read == [TUE]
    if stops:
        assert (ran.targets_failure, ran.targets.added, len(queued())) == (LIST_SHRANK, 0, 1)
        assert AlertsAccount.objects.get().targets_reason == LIST_SHRANK
        # Not by fetching at once either, which is no word on the list.
        assert run(service, at(TUE, 12), at_once=True).targets_failure == LIST_SHRANK
        ran = run(service, at(TUE, 13), at_once=True, restore=True)
    assert (ran.targets_failure, ran.targets.added) == ("", lost)
    assert service.lists["Harbor"] == set(npns)
    assert len(queued()) == lost
    assert AlertsAccount.objects.get().targets_reason == ""


def test_a_list_that_comes_back_by_itself_needs_nobodys_word(
    organization: Organization, service: ScriptedAlerts
) -> None:
    npns = many(organization, 100)
    run(service, at(MON))
    service.lists["Harbor"].clear()
    assert run(service, at(TUE)).targets_failure == LIST_SHRANK
    service.lists["Harbor"] = set(npns)
    ran = run(service, at(TUE, 11, 5))
    assert (ran.targets_failure, ran.targets.added, queued()) == ("", 0, [])


def test_a_list_that_is_filled_again_is_gone_on_with_after_a_kill(
    organization: Organization, service: ScriptedAlerts
) -> None:
    npns = many(organization, 1200)
    run(service, at(MON))
    service.lists["Harbor"].clear()
    service.killed_at = len(service.calls) + 4
    with pytest.raises(Killed):
        run(service, at(TUE), at_once=True, restore=True)
    assert len(service.lists["Harbor"]) == 500
    assert run(service, at(TUE, 12)).targets_failure == ""
    assert service.lists["Harbor"] == set(npns)
