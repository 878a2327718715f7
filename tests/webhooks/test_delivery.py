"""What becomes of a delivery, by what the endpoint answers."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from muster.access.models import Membership
from muster.audit.models import Event
from muster.notices.in_app import notices_of
from muster.notices.models import Email
from muster.webhooks import calling
from muster.webhooks.claiming import AT_ONCE, LOST_AFTER, claim, sweep
from muster.webhooks.delivery import deliver
from muster.webhooks.keeping import KEPT_FOR, forget_old_events
from muster.webhooks.models import Delivery, Endpoint, WebhookEvent
from muster.webhooks.operations import (
    make_endpoint,
    rotate_secret,
    send_again,
    send_failed_again,
    send_test,
    switch_off,
    switch_on,
)
from muster.webhooks.pump import pump
from tests.webhooks.receiver import Answer, Received, Receiver
from tests.webhooks.sending import due, endpoint_at, let_pass, queue

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        ((200, b"fine", {}), "delivered", ""),
        ((500, b"<b>out of order</b>", {}), "waiting", "It answered 500."),
        ((404, b"", {}), "waiting", "It answered 404."),
        ((302, b"", {"Location": "http://127.0.0.1/"}), "waiting", "led elsewhere"),
        ((410, b"", {}), "failed", "It answered 410."),
    ],
    ids=["200", "500", "404", "302", "410"],
)
def test_by_its_answer(
    member: Membership, receiver: Receiver, answer: Answer, state: str, words: str
) -> None:
    endpoint = endpoint_at(member, receiver.url)
    [delivery] = queue(endpoint)
    receiver.answer = lambda _: answer
    assert deliver() == (state == "delivered")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status, delivery.attempts) == (state, answer[0], 1)
    assert words in delivery.error
    assert delivery.response == answer[1].decode()
    assert len(receiver.calls) == 1, "nothing is followed, and nothing sent twice at once"
    endpoint.refresh_from_db()
    assert endpoint.off == ("gone" if answer[0] == 410 else "")
    assert bool(endpoint.failing_since) == (state != "delivered")


def test_only_the_beginning_of_an_answer_is_kept(member: Membership, receiver: Receiver) -> None:
    queue(endpoint_at(member, receiver.url))
    receiver.answer = lambda _: (200, b"\0" + b"x" * 100_000, {})
    deliver()
    kept = Delivery.objects.get().response
    assert kept == "\N{REPLACEMENT CHARACTER}" + "x" * 1023


def test_who_hangs_or_is_not_there_holds_up_nobody_else(
    member: Membership, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "SECONDS", 1.0)
    slow, free = Receiver(), threading.Event()
    quick_done = threading.Event()

    def hang(_: Received) -> Answer:
        # Until the others have all arrived: if they waited for this, nobody would ever be done.
        assert quick_done.wait(60)
        free.wait(30)
        return 200, b"", {}

    def answer(_: Received) -> Answer:
        if len(receiver.calls) == 40:
            quick_done.set()
        return 200, b"", {}

    slow.answer, receiver.answer = hang, answer
    queue(endpoint_at(member, slow.url), 20)
    queue(endpoint_at(member, "http://127.0.0.1:1/"))
    queue(endpoint_at(member, receiver.url), 40)
    assert deliver() == 40
    free.set()
    slow.close()
    assert receiver.most_at_once <= AT_ONCE
    errors = set(
        Delivery.objects.exclude(state="delivered").exclude(attempts=0).values_list("error", flat=True)
    )
    assert "No answer came within 1 seconds." in errors
    assert any(error.startswith("The connection failed") for error in errors)
    assert len(slow.calls) < 20, "who fails again and again is left in peace"


def test_what_fails_is_tried_again_under_the_same_id_until_it_arrives(
    member: Membership, receiver: Receiver
) -> None:
    endpoint = endpoint_at(member, receiver.url)
    queue(endpoint)
    receiver.answer = lambda _: (503, b"", {})
    deliver()
    assert deliver() == 0, "not before its time"
    due()
    receiver.answer = lambda _: (200, b"", {})
    assert deliver() == 1
    first, second = receiver.calls
    assert (first.id, first.body) == (second.id, second.body)
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since) == (0, None)


def test_who_has_mended_their_program_waits_for_no_next_attempt(
    member: Membership, receiver: Receiver
) -> None:
    endpoint = endpoint_at(member, receiver.url)
    queue(endpoint, 2)
    receiver.answer = lambda _: (500, b"", {})
    deliver()
    endpoint.paused_until = timezone.now() + timedelta(minutes=10)
    endpoint.save(update_fields=["paused_until"])
    receiver.answer = lambda _: (200, b"", {})
    assert deliver() == 0
    assert send_failed_again(by=member, endpoint=endpoint, since=timezone.now()) == 2
    assert deliver() == 2


def test_after_three_days_the_endpoint_is_switched_off_and_its_admins_are_told(
    member: Membership, receiver: Receiver
) -> None:
    endpoint = endpoint_at(member, receiver.url)
    queue(endpoint, 3)
    receiver.answer = lambda _: (500, b"", {})
    deliver()
    let_pass(timedelta(days=3))
    deliver()
    endpoint.refresh_from_db()
    assert endpoint.off == Endpoint.Off.FAILING
    assert set(Delivery.objects.values_list("state", flat=True)) == {"failed"}
    assert pump() == 0
    assert [notice.kind for notice in notices_of(member)] == ["webhook-off"]
    mail = Email.objects.get()
    assert mail.to == member.user.email
    assert receiver.url in mail.text
    # Switched on, what failed is sent again.
    assert not send_again(by=member, delivery=Delivery.objects.first())
    switch_on(by=member, endpoint=endpoint)
    receiver.answer = lambda _: (200, b"", {})
    assert send_failed_again(by=member, endpoint=endpoint, since=timezone.now() + timedelta(hours=1)) == 0
    assert send_failed_again(by=member, endpoint=endpoint, since=timezone.now() - timedelta(hours=1)) == 3
    assert deliver() == 3
    assert len({call.id for call in receiver.calls}) == 3
    kinds = list(
        Event.objects.filter(kind__startswith="webhook:").order_by("id").values_list("kind", flat=True)
    )
    assert kinds == ["webhook:create", "webhook:switch-off", "webhook:switch-on", "webhook:replay"]


def test_the_old_secret_signs_along_for_a_day(member: Membership, receiver: Receiver) -> None:
    endpoint, old = make_endpoint(by=member, url=receiver.url, types=["license.changed"])
    assert old not in Endpoint.objects.get().secret
    new = rotate_secret(by=member, endpoint=endpoint)
    send_test(by=member, endpoint=endpoint)
    deliver()
    let_pass(timedelta(hours=24))
    send_test(by=member, endpoint=endpoint)
    deliver()
    during, after = receiver.calls
    assert during.told["type"] == "webhook.test"
    assert (during.is_signed_with(old), during.is_signed_with(new)) == (True, True)
    assert (after.is_signed_with(old), after.is_signed_with(new)) == (False, True)


def test_a_delivery_whose_worker_was_lost_is_taken_up_again(member: Membership, receiver: Receiver) -> None:
    queue(endpoint_at(member, receiver.url))
    [lost] = claim(10)
    assert claim(10) == []
    sweep()
    assert claim(10) == [], "it may still be at work"
    let_pass(LOST_AFTER)
    sweep()
    assert deliver() == 1
    assert receiver.calls[0].id == str(lost.event_id)


def test_every_endpoint_gets_its_turn(member: Membership, receiver: Receiver) -> None:
    endpoints = [endpoint_at(member, f"{receiver.url}/{number}") for number in range(3)]
    for endpoint in endpoints:
        queue(endpoint, 10)
    assert {one.endpoint_id for one in claim(3)} == {one.pk for one in endpoints}
    assert len(claim(100)) == 3 * AT_ONCE - 3
    assert claim(100) == []


def test_what_is_old_is_forgotten(member: Membership, receiver: Receiver) -> None:
    old, new = queue(endpoint_at(member, receiver.url), 2)
    WebhookEvent.objects.filter(pk=old.event_id).update(
        made_at=timezone.now() - KEPT_FOR - timedelta(hours=1)
    )
    assert forget_old_events() == 1
    assert list(Delivery.objects.all()) == [new]


def test_one_that_is_off_is_told_nothing(member: Membership, receiver: Receiver) -> None:
    endpoint = endpoint_at(member, receiver.url)
    queue(endpoint, 2)
    switch_off(endpoint=endpoint, why=Endpoint.Off.BY_HAND, by=member)
    sweep()
    assert (deliver(), receiver.calls) == (0, [])
