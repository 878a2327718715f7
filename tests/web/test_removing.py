"""Removing producers on the pages: tick, Remove, look at what is open, Offboard; and what is left of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.appointments.models import Appointment
from muster.audit.models import Event
from muster.bulk.models import Operation
from muster.offboarding.operations import remove_who_waited
from muster.producers.models import Leaving, Producer
from tests.make import (
    make_appointment,
    make_assignment,
    make_company,
    make_license,
    make_member,
    make_producer,
    make_transaction,
    with_ssn,
)
from tests.offboarding.removals import add_again, fresh, remove, remove_when_ended
from tests.web.query_counts import same_number_of_queries
from tests.web.reading import links, text

pytestmark = pytest.mark.django_db

LIST, ACT = "/producers/", "/lists/producers/act/"


@pytest.fixture
def member() -> Membership:
    made = make_member(name="Ines Duarte", can_see_ssn=True)
    make_company(made.organization)
    return made


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


@pytest.fixture
def producer(member: Membership) -> Producer:
    made = make_producer(
        member.organization,
        npn="17654321",
        first_name="Beatriz",
        last_name="Nunez",
        sync_status="success",
        synced_at=timezone.now(),
        **with_ssn("512346789"),
    )
    make_license(made)
    make_assignment(made)
    return made


def tick(browsing: Client, *producers: Producer, action: str = "remove-producers") -> Any:
    return browsing.post(ACT, {"action": action, "tick": [one.npn for one in producers]}, follow=True)


def press(browsing: Client, shown: Any, what: str = "do", **form: str) -> Any:
    """Press a button of the page of an action."""
    operation_id = shown.context["operation"].pk
    return browsing.post(reverse(f"operation-{what}", args=[operation_id]), form, follow=True)


def names(browsing: Client, query: str = "") -> list[str]:
    return [str(line.producer) for line in browsing.get(LIST + query).context["lines"]]


def test_tick_remove_and_offboard(browsing: Client, member: Membership, producer: Producer) -> None:
    other, stays = (make_producer(member.organization, last_name=name) for name in ("Birch", "Cedar"))
    asked = tick(browsing, producer, other)
    shown = text(asked)
    assert "Remove 2 producers?" in shown
    assert "Offboard" in shown
    assert "Still open" not in shown
    assert "Terminate them first" not in shown
    assert names(browsing) == ["Birch, Ada", "Cedar, Ada", "Nunez, Beatriz"]
    done = text(press(browsing, asked))
    assert "2 Removed" in done
    assert names(browsing) == ["Cedar, Ada"]
    assert "1 producer" in text(browsing.get(LIST))
    assert fresh(stays).removed_at is None


def test_what_is_open_is_shown_before_with_what_becomes_of_it(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    make_appointment(producer)
    make_appointment(producer, "TX")
    make_appointment(producer, cocode="99999")
    make_transaction(producer, status="ready")
    make_transaction(producer, status="submitted")
    make_transaction(producer, status="ready", kind="termination")
    shown = text(tick(browsing, producer))
    for words in (
        "2 appointments in force. Removing does not end them with the states.",
        "1 termination under way. It goes on.",
        "1 transaction not sent. It is canceled when the producer is removed.",
        "1 transaction at the registry. Its answer is kept with the transaction.",
        "1 appointment with companies that are not yours: that company ends it.",
        "Terminate them first: when the terminations are accepted",
        "Terminate the appointments, and wait until each is accepted.",
        "Stop watching, and remove from all lists.",
    ):
        assert words in shown


def test_the_number_of_queries_of_the_confirm_page_does_not_grow(
    browsing: Client, member: Membership
) -> None:
    for count in (1, 12):
        chosen = [make_producer(member.organization) for _ in range(count)]
        for one in chosen:
            make_appointment(one)
        asked = tick(browsing, *chosen)
        with same_number_of_queries("removal-confirm"):
            browsing.get(reverse("operation-detail", args=[asked.context["operation"].pk]))


def test_nothing_happens_where_nobody_was_ticked_or_it_is_called_off(
    browsing: Client, producer: Producer
) -> None:
    assert "Tick the producers first, then press Remove." in text(tick(browsing))
    press(browsing, tick(browsing, producer), "cancel")
    assert fresh(producer).removed_at is None


def test_offboard_twice_removes_once(browsing: Client, producer: Producer) -> None:
    asked = tick(browsing, producer)
    press(browsing, asked)
    press(browsing, asked)
    assert Event.objects.filter(kind="producer:remove").count() == 1


def test_one_is_removed_from_the_own_page(browsing: Client, producer: Producer) -> None:
    assert "Remove" in text(browsing.get(f"{LIST}{producer.npn}/"))
    asked = browsing.post(reverse("producer-remove", args=[producer.npn]), follow=True)
    assert "Remove 1 producer?" in text(asked)
    press(browsing, asked)
    assert fresh(producer).removed_at is not None


# --- what is left ----------------------------------------------------------------------------------


def test_the_page_stays_as_history_that_offers_nothing_but_add_again(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    make_appointment(producer)
    make_transaction(producer, status="accepted")
    remove(member, producer)
    answer = browsing.get(f"{LIST}{producer.npn}/")
    shown = text(answer)
    today = timezone.localtime(fresh(producer).removed_at)
    assert f"Removed on {today:%b} {today.day}, {today.year} by Ines Duarte" in shown
    for words in ("Removed from the organization", "Times here", "Licenses"):
        assert words in shown
    page = answer.content.decode()
    for name in ("resync", "remove", "keep", "terminate", "renew", "payment", "ssn", "apply"):
        for method in ("action", "hx-post", "href"):
            assert (
                f'{method}="{reverse(f"producer-{name}", args=[producer.npn])}"' not in page
                or name == "payment"
            )
    assert reverse("appoint", args=[producer.npn]) not in page
    assert "Save</button>" not in page
    assert "Add again" in shown
    assert f"{reverse('onboard-producer')}?npn={producer.npn}" in links(answer)


def test_add_again_leads_to_the_onboarding_with_the_npn(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    remove(member, producer)
    page = browsing.get(f"{reverse('onboard-producer')}?npn={producer.npn}").content.decode()
    assert f'name="npn" value="{producer.npn}"' in page
    assert 'value="npn" checked' in page


def test_who_may_not_add_producers_is_not_offered_to(client: Client, member: Membership) -> None:
    producer = make_producer(member.organization)
    remove(member, producer)
    client.force_login(make_member(member.organization, Role.VIEWER).user)
    shown = text(client.get(f"{LIST}{producer.npn}/"))
    assert "Removed on" in shown
    assert "Add again" not in shown


def test_who_is_back_shows_both_times(browsing: Client, member: Membership, producer: Producer) -> None:
    remove(member, producer)
    add_again(member, producer)
    shown = text(browsing.get(f"{LIST}{producer.npn}/"))
    assert "Was here before, until" in shown
    assert "to today" in shown
    for words in ("Removed from the organization", "Added to the organization again"):
        assert words in shown


GONE_FROM: dict[str, str] = {
    "producers": LIST,
    "a search": f"{LIST}?q=nunez",
    "an NPN": f"{LIST}?q=17654321",
    "licenses": "/licenses/",
    "appointments": "/appointments/",
    "scorecards": "/scorecards/",
    "home": "/",
    "agencies": "/agencies/",
}


@pytest.mark.parametrize("name", GONE_FROM)
def test_no_list_names_somebody_who_was_removed(
    name: str, browsing: Client, member: Membership, producer: Producer
) -> None:
    make_appointment(producer, health="at_risk", risks=["license_expired"])
    remove(member, producer)
    assert "Nunez" not in text(browsing.get(GONE_FROM[name]))


@pytest.mark.parametrize("name", ["sync", "ssn", "apply"])
def test_nothing_more_is_shown_or_asked_of_somebody_who_was_removed(
    name: str, browsing: Client, member: Membership, producer: Producer
) -> None:
    remove(member, producer)
    assert browsing.get(reverse(f"producer-{name}", args=[producer.npn])).status_code == 404
    assert browsing.get(reverse("appoint", args=[producer.npn])).status_code == 404
    for what in ("resync", "terminate", "renew", "payment"):
        assert browsing.post(reverse(f"producer-{what}", args=[producer.npn])).status_code == 404


def test_the_activity_log_tells_who_removed_whom_and_who_was_refused(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    remove(member, producer)
    add_again(member, producer)
    colleague = Client()
    colleague.force_login(make_member(member.organization, Role.SPECIALIST, name="Lin Okafor").user)
    colleague.post(ACT, {"action": "remove-producers", "tick": [producer.npn]})
    shown = text(browsing.get("/activity/"))
    assert "Ines Duarte removed 1 producer" in shown
    assert "Ines Duarte added 1 producer again who had been removed" in shown
    assert "Lin Okafor was refused an action: remove producers" in shown


# --- who waits -------------------------------------------------------------------------------------


def test_a_removal_waits_for_the_terminations_and_leads_to_them(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    appointment = make_appointment(producer)
    waits = press(browsing, tick(browsing, producer), when="ended")
    shown = text(waits)
    assert "1 Removed, or waits for it" in shown
    assert "1 producer waits to be removed" in shown
    assert "Terminate 1 appointment. Nobody is ending it yet." in shown
    first = press(browsing, waits, "terminate-first")
    assert first.context["kind"].name == "terminate-appointments"
    assert first.context["split"].will == 1
    assert names(browsing) == ["Nunez, Beatriz"]
    assert "Waits to be removed" in text(browsing.get(LIST))
    assert names(browsing, "?problem=leaving") == ["Nunez, Beatriz"]
    Appointment.objects.filter(pk=appointment.pk).update(status="Terminated")
    assert remove_who_waited(now=timezone.now()) == 1
    assert names(browsing) == []
    page = browsing.get(reverse("operation-detail", args=[waits.context["operation"].pk]))
    assert "waits to be removed" not in text(page)


def test_who_waits_says_so_on_the_page_and_may_stay(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    make_appointment(producer)
    remove_when_ended(member, producer)
    assert "Waits to be removed Ines Duarte asked for it on" in text(browsing.get(f"{LIST}{producer.npn}/"))
    asked = browsing.post(reverse("producer-keep", args=[producer.npn]), follow=True)
    assert "Keep 1 producer?" in text(asked)
    assert "1 Kept" in text(press(browsing, asked))
    assert not Leaving.objects.exists()
    assert "Waits to be removed" not in text(browsing.get(f"{LIST}{producer.npn}/"))


def test_removals_are_called_off_from_the_list_of_those_who_wait_alone(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    make_appointment(producer)
    remove_when_ended(member, producer)
    offered = {query: browsing.get(LIST + query).content.decode() for query in ("", "?problem=leaving")}
    assert ['value="call-off-removals"' in page for page in offered.values()] == [False, True]
    press(browsing, tick(browsing, producer, action="call-off-removals"))
    assert not Leaving.objects.exists()


# --- who may not -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.SPECIALIST, Role.SUBMITTER, Role.VIEWER])
def test_who_is_no_agency_admin_is_offered_nothing(
    role: Role, client: Client, member: Membership, producer: Producer
) -> None:
    client.force_login(make_member(member.organization, role).user)
    assert "remove-producers" not in client.get(LIST).content.decode()
    page = client.get(f"{LIST}{producer.npn}/").content.decode()
    assert reverse("producer-remove", args=[producer.npn]) not in page


def test_a_specialist_who_posts_by_hand_is_refused_on_record(
    browsing: Client, member: Membership, producer: Producer
) -> None:
    make_appointment(producer)
    ready = tick(browsing, producer).context["operation"]
    waits = press(browsing, tick(browsing, make_waiting(member)), when="ended").context["operation"]
    specialist = make_member(member.organization, Role.SPECIALIST)
    client = Client()
    client.force_login(specialist.user)
    before = Operation.objects.count()
    posts: list[tuple[str, dict[str, Any]]] = [
        (ACT, {"action": "remove-producers", "tick": [producer.npn]}),
        (ACT, {"action": "remove-producers", "all": "yes"}),
        (ACT, {"action": "call-off-removals", "tick": [producer.npn]}),
        (reverse("producer-remove", args=[producer.npn]), {}),
        (reverse("producer-keep", args=[producer.npn]), {}),
        (reverse("operation-do", args=[ready.pk]), {"when": "now"}),
        (reverse("operation-cancel", args=[ready.pk]), {}),
        (reverse("operation-terminate-first", args=[waits.pk]), {}),
    ]
    for url, form in posts:
        assert client.post(url, form).status_code == 403, url
    assert Operation.objects.count() == before
    assert not Producer.objects.exclude(removed_at=None).exists()
    refused = Event.objects.filter(kind="action:refuse", by=specialist.user)
    assert refused.count() == len(posts)
    assert set(refused.values_list("data__kind", flat=True)) == {"remove-producers", "call-off-removals"}


def make_waiting(member: Membership) -> Producer:
    """A producer for whose removal there is something to wait."""
    made = make_producer(member.organization)
    make_appointment(made)
    return made
